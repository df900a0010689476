# SPDX-License-Identifier: Apache-2.0
"""What the rules of float32 share: operand specs, limits, weights."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sconnx.codegen.c_value import Array, CValue
from sconnx.export.node import ExportNode
from sconnx.export.spec import IOSpec
from sconnx.graph.operator import Activation
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType
from sconnx.reference.plain.activation import LIMITS

IMAGE_F32 = IOSpec(DType.FLOAT32, (1, None, None, None))
ROW_F32 = IOSpec(DType.FLOAT32, (1, 1, None, None))
SEQUENCE_F32 = IOSpec(DType.FLOAT32, (1, None, None))
IMAGES_F32 = IOSpec(DType.FLOAT32, (None, None, None, None))
SEQUENCES_F32 = IOSpec(DType.FLOAT32, (None, None, None))
VOLUMES_F32 = IOSpec(DType.FLOAT32, (None, None, None, None, None))


def limits_fields(activation: Activation) -> dict[str, CValue]:
    """The fields of `sx_limits_f32`: NaN is no limit."""
    minimum, maximum = (limit if math.isfinite(limit) else math.nan for limit in LIMITS[activation])
    return {"minimum": minimum, "maximum": maximum}


def constant(node: ExportNode, params: Params, position: int) -> NDArray[np.float32] | None:
    """The value of a constant input; None when it is absent."""
    operand = node.inputs[position] if position < len(node.inputs) else None
    return None if operand is None else params.value[operand.values].astype(np.float32)


def optional(values: NDArray[np.float32] | None) -> Array:
    """An array that may be NULL."""
    return Array(np.zeros(0, np.float32) if values is None else values)


def in_blocks_of_four(weights: NDArray[np.float32], groups: int = 1) -> NDArray[np.float32]:
    """Weights [channels, ...] as sx_conv2d_f32 wants them: of each group, blocks [element][4], then channels one by one."""
    channels, elements = len(weights) // groups, weights.size // len(weights)
    by_group, whole = weights.reshape(groups, channels, elements), channels // 4 * 4
    blocks = by_group[:, :whole].reshape(groups, whole // 4, 4, elements).swapaxes(-1, -2)
    rest = by_group[:, whole:]
    return np.concatenate([blocks.reshape(groups, -1), rest.reshape(groups, -1)], axis=1).reshape(-1)
