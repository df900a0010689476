# SPDX-License-Identifier: Apache-2.0
"""The parameters of lib `generic` as the vector kernels want them: in blocks of lanes, zero points folded into the biases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray

from export_rules.generic.quantized import fold_zero_point
from sconnx.codegen.c_value import Array, CValue

LANES = 4
BYTES = 16


def filled_up(values: NDArray[np.integer], groups: int = 1, lanes: int = LANES) -> NDArray[np.integer]:
    """[groups * channels, ...] with zeros behind the channels of each group, up to a multiple of `lanes`."""
    channels = values.shape[0] // groups
    missing = -channels % lanes
    blocks = values.reshape(groups, channels, *values.shape[1:])
    filled = np.pad(blocks, [(0, 0), (0, missing), *[(0, 0)] * (values.ndim - 1)])
    return filled.reshape(-1, *values.shape[1:])


def in_blocks(weights: NDArray[np.integer], groups: int = 1) -> NDArray[np.integer]:
    """[groups * channels, products] to [groups][channels / 4][products / 16][4][16], filled up with zeros."""
    channels = filled_up(weights, groups)
    products = np.pad(channels, [(0, 0), (0, -channels.shape[1] % BYTES)])
    return products.reshape(-1, LANES, products.shape[1] // BYTES, BYTES).swapaxes(1, 2)


def packed_bytes(channels: int, products: int, groups: int = 1) -> int:
    """Of the weights of `in_blocks` and their biases, with the fill; the channels are those of all groups."""
    filled = groups * -(-channels // groups // LANES) * LANES
    return filled * (-(-products // BYTES) * BYTES + 4)


def folded_bias(weights: NDArray[np.int8], fields: Mapping[str, CValue]) -> NDArray[np.int32]:
    """bias[o] - input_zero_point * sum of (weights[o] - weights_zero_point), wrapped to int32; weights: [channels, products]."""
    bias = cast(Array, fields["bias"]).values
    centred = weights.astype(np.int64) - cast(int, fields["weights_zero_point"])
    return fold_zero_point(centred, bias if bias.size else None, cast(int, fields["input_zero_point"]))


def requantize_lanes(fields: Mapping[str, CValue], groups: int = 1) -> CValue:
    """The fields of `sx_requantize_s8_mve` from those of `sx_requantize_s8`."""

    def blocks(values: NDArray[np.integer]) -> Array:
        return Array(np.repeat(values, LANES) if values.size < 2 else filled_up(values, groups))

    shift = cast(Array, fields["shift"]).values
    return {
        "multiplier": blocks(cast(Array, fields["multiplier"]).values),
        "shift_right": blocks(np.minimum(shift, 0)),
        "shift_left": blocks(np.maximum(shift, 0) if (shift > 0).any() else shift[:0]),
        "step": LANES * cast(int, fields["step"]),
        **{name: fields[name] for name in ("zero_point", "minimum", "maximum")},
    }
