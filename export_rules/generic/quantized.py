# SPDX-License-Identifier: Apache-2.0
"""What the quantised rules share: scales of operands, and the fields of `sx_requantize_s8`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sconnx.codegen.c_value import Array, CValue
from sconnx.export.node import ExportNode, Operand
from sconnx.graph.params import Params
from sconnx.reference.binary import Affine
from sconnx.reference.requantize import Requantize


def scale(params: Params, operand: Operand) -> float:
    """The only scale of a per-tensor quantised operand."""
    return float(params.scale[operand.values][0])


def zero_point(params: Params, operand: Operand) -> int:
    """The only zero point of an operand, or the one that all its channels share."""
    return int(params.zero_point[operand.values][0])


def affine(params: Params, operand: Operand) -> Affine:
    """Scale and zero point of a per-tensor quantised operand."""
    return Affine(scale(params, operand), zero_point(params, operand))


def float_bits(value: float) -> int:
    """The bits of a float32 as an int32."""
    return int(np.float32(value).view(np.int32))


def requantize_fields(requantize: Requantize) -> dict[str, CValue]:
    """The fields of `sx_requantize_s8`."""
    return {
        "multiplier": Array(requantize.multiplier),
        "shift": Array(requantize.shift),
        "step": int(requantize.multiplier.size > 1),
        "zero_point": requantize.zero_point,
        "minimum": requantize.minimum,
        "maximum": requantize.maximum,
    }


def weights_values(node: ExportNode, params: Params) -> NDArray[np.int8]:
    """The constant weights."""
    return params.value[node.input(1).values].astype(np.int8)


def bias_values(node: ExportNode, params: Params) -> NDArray[np.int32] | None:
    """The constant bias, or None."""
    operand = node.inputs[2] if len(node.inputs) > 2 else None
    return None if operand is None else params.value[operand.values].astype(np.int32)


def weights_and_bias(node: ExportNode, params: Params) -> dict[str, CValue]:
    """`weights`, `bias`, and the zero points of input and weights."""
    bias = bias_values(node, params)
    return {
        "weights": Array(weights_values(node, params)),
        "bias": Array(np.zeros(0, np.int32) if bias is None else bias),
        "input_zero_point": zero_point(params, node.input(0)),
        "weights_zero_point": zero_point(params, node.input(1)),
    }


def needs_constant_weights(node: ExportNode) -> str | None:
    """A reason when weights or bias are computed at run time."""
    return needs_only_constants(node, range(1, len(node.inputs)))


def needs_only_constants(node: ExportNode, positions: Iterable[int]) -> str | None:
    """A reason when one of some inputs is computed at run time."""
    for position in positions:
        operand = node.inputs[position]
        if operand is not None and not operand.is_constant:
            return f"input {position} is computed at run time, not a constant"
    return None


def needs_symmetric_weights(node: ExportNode) -> str | None:
    """A reason when the weights have a zero point, or weights or bias are computed at run time."""
    quantization = node.input(1).quantization
    if quantization is not None and not quantization.symmetric:
        return "the weights have a zero point other than 0"
    return needs_constant_weights(node)


def needs_same_dims(node: ExportNode) -> str | None:
    """A reason when the operands broadcast."""
    if any(operand is not None and operand.dims != node.output.dims for operand in node.inputs):
        return "the inputs have other dims than the output"
    return None


def fold_zero_point(
    weights: NDArray[np.integer], bias: NDArray[np.integer] | None, input_zero_point: int
) -> NDArray[np.int32]:
    """bias - input_zero_point * sum(weights), modulo 2^32: what is left when inputs are multiplied as they are.

    Args:
        weights: [channels, ...], without their zero point.
        bias: [channels], or None.
    """
    sums = weights.reshape(len(weights), -1).sum(axis=1, dtype=np.int64)
    folded = (0 if bias is None else bias.astype(np.int64)) - input_zero_point * sums
    return folded.astype(np.uint64).astype(np.uint32).view(np.int32)
