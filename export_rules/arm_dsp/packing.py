# SPDX-License-Identifier: Apache-2.0
"""Weights and biases in the order in which kernels/arm_dsp/sx_matmul_s8_dsp.h reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from export_rules.arm_dsp.requantize import is_short
from export_rules.generic.quantized import fold_zero_point
from sconnx.reference.requantize import INT8_MAX, INT8_MIN, Requantize

PACKED = frozenset({"dsp", "unaligned"})
"""What the packed kernels need of a core."""

FOUR = 4
"""Elements of a four, and channels of a group."""


def too_large(lengths: Mapping[str, int]) -> str | None:
    """A reason when the int16 field of a name has no room for its value."""
    most = np.iinfo(np.int16).max
    return next(
        (f"{name} is {value:,}, the limit is {most:,}" for name, value in lengths.items() if value > most), None
    )


def fours(count: int) -> int:
    """How many fours hold `count` elements."""
    return -(-count // FOUR)


def packed_bytes(channels: int, elements: int, groups: int = 1) -> int:
    """Of weights and biases, with the fill; channels and elements are those of a group."""
    return groups * fours(channels) * FOUR * (fours(elements) * FOUR + 4)


def pack_weights(weights: NDArray[np.int8]) -> NDArray[np.int32]:
    """[groups, fours, pair, duo] words of two channels' elements k and k + 2; the fill is zeros.

    Args:
        weights: [channels, ...].
    """
    rows = weights.reshape(len(weights), -1)
    channels, elements = rows.shape
    filled = np.pad(rows, ((0, -channels % FOUR), (0, -elements % FOUR)))
    filled = filled.reshape(fours(channels), 2, 2, fours(elements), 2, 2)
    # From [group, duo, channel of the duo, four, half of the word, pair].
    ordered = np.ascontiguousarray(filled.transpose(0, 3, 5, 1, 4, 2))
    return ordered.reshape(-1).view("<i4").astype(np.int32)


def whole_fours_first(weights: NDArray[np.int8], run_elements: int) -> NDArray[np.int8]:
    """The elements of each channel as windows are gathered: the whole fours of all runs, then what is left of each.

    Args:
        weights: [channels, ...], in runs of adjoining elements.
    """
    runs = weights.reshape(len(weights), -1, run_elements)
    whole = run_elements - run_elements % FOUR
    return np.concatenate([part.reshape(len(weights), -1) for part in (runs[..., :whole], runs[..., whole:])], axis=1)


def pack_bias(weights: NDArray[np.int8], bias: NDArray[np.int32] | None, input_zero_point: int) -> NDArray[np.int32]:
    """The biases with the zero point of the input folded in, filled up to fours.

    Args:
        weights: [channels, ...].
        bias: [channels], or None.
    """
    return np.pad(fold_zero_point(weights, bias, input_zero_point), (0, -len(weights) % FOUR))


def settle_constants(
    weights: NDArray[np.int8], bias: NDArray[np.int32] | None, requantize: Requantize, input_zero_point: int
) -> tuple[NDArray[np.int8], NDArray[np.int32], Requantize]:
    """Channels that the short form is not for, and whose output is the same for every input, as zeros and a plain bias.

    Requantisation is monotonic, so an output is constant where the least and the largest sum have the same.

    Args:
        weights: [channels, ...].
        requantize: with a multiplier for each channel.
    """
    rows = weights.reshape(len(weights), -1).astype(np.int64)
    start = np.zeros(len(rows), np.int64) if bias is None else bias.astype(np.int64)
    ends = np.stack([rows * (end - input_zero_point) for end in (INT8_MIN, INT8_MAX)])
    outputs = requantize(np.stack([start + ends.min(0).sum(1), start + ends.max(0).sum(1)])).astype(np.int32)
    constant = (outputs[0] == outputs[1]) & ~is_short(requantize)
    # 2^30 / 2^31 and a shift by one are a quarter, exactly.
    plain = 4 * (outputs[0] - requantize.zero_point)
    shape = (-1, *(1,) * (weights.ndim - 1))
    return (
        np.where(constant.reshape(shape), np.int8(0), weights).astype(np.int8),
        np.where(constant, plain, start).astype(np.int32),
        replace(
            requantize,
            multiplier=np.where(constant, np.int32(1 << 30), requantize.multiplier).astype(np.int32),
            shift=np.where(constant, np.int8(-1), requantize.shift).astype(np.int8),
        ),
    )
