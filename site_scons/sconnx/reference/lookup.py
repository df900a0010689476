# SPDX-License-Identifier: Apache-2.0
"""Unary int8 operators as tables of 256 values: result = table[q + 128]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.node import Node
from sconnx.graph.operator import (
    BitwiseNot,
    Clip,
    HardSigmoid,
    HardSwish,
    IsInf,
    IsNaN,
    Not,
    Operator,
    Relu,
    Relu6,
    Requantize,
    Rsqrt,
    Shrink,
    Sigmoid,
    Tanh,
    Unary,
)
from sconnx.reference.binary import Affine
from sconnx.reference.exponential import sigmoid_q4, tanh_q4
from sconnx.reference.fixed_tables import (
    CODES,
    Int8Array,
    Scales,
    fixed_point_table,
    hard_swish_table,
)
from sconnx.reference.plain import PLAIN
from sconnx.reference.quantize import dequantize, quantize
from sconnx.reference.reciprocal_root import reciprocal_square_root
from sconnx.reference.requantize import ACTIVATIONS
from sconnx.reference.rescale import RESCALED, rescale
from sconnx.reference.rule import Rule, ScaleError

CLAMPS: dict[type[Operator], tuple[float | None, float | None]] = {
    Requantize: ACTIVATIONS["none"],
    Relu: ACTIVATIONS["relu"],
    Relu6: ACTIVATIONS["relu6"],
}
"""Operators that change nothing between two real limits."""

FIXED_POINT = (*RESCALED, HardSwish, Rsqrt, Sigmoid, Tanh)
"""Operators that tflite-micro computes with integers."""

BY_STEP = (HardSigmoid, Shrink)
"""Operators of several roundings, each to float32; of others only the result is rounded."""

NOT_QUANTIZED = (BitwiseNot, IsInf, IsNaN, Not)
"""Unary operators of integers and logic, or that ask what an int8 never is."""


def tabulated() -> tuple[type[Operator], ...]:
    """The operators that `table_of` knows, by name."""
    known = [cls for cls in Operator.types.values() if issubclass(cls, Unary) and cls in PLAIN]
    return tuple(
        cls for cls in sorted({*known, *CLAMPS, *FIXED_POINT}, key=lambda cls: cls.__name__) if cls not in NOT_QUANTIZED
    )


def lookup(x: Int8Array, table: Int8Array) -> Int8Array:
    """Replace every value of x, any shape, by its entry of a table (256,)."""
    return table[x.astype(np.int64) + 128]


def signed_zero_point(dtype: np.dtype[Any], zero_point: int) -> int:
    """The zero point of a tensor as int8, whose elements are 128 smaller than those of uint8."""
    return zero_point - 128 if dtype == np.uint8 else zero_point


def table_of(
    operator: Operator,
    rule: Rule,
    *,
    input_scale: float,
    input_zero_point: int,
    output_scale: float,
    output_zero_point: int,
) -> Int8Array:
    """Table of a unary operator.

    ONNX: dequantise, evaluate in float32, divide by the output scale, round half to even. TFLITE: the fixed-point arithmetic of
    tflite-micro where it has some; else as TensorFlow Lite makes its tables: evaluate in float32, multiply by
    float32(1 / s_out), round half away from zero.

    Raises:
        KeyError: no operator of `tabulated()`.
        ScaleError: an output quantisation that the operator cannot have by the TFLite rule.
    """
    scales = Scales(input_scale, input_zero_point, output_scale, output_zero_point)
    if rule is Rule.TFLITE and isinstance(operator, RESCALED):
        x, y = Affine(input_scale, input_zero_point), Affine(output_scale, output_zero_point)
        return rescale(operator, rule, x, y, np.dtype(np.int8))(CODES, np.dtype(np.int8))
    if isinstance(operator, Clip):
        return _clamped(operator.low, operator.high, scales)
    if type(operator) in CLAMPS:
        return _clamped(*CLAMPS[type(operator)], scales)
    fixed = _fixed_point(operator, scales) if rule is Rule.TFLITE else None
    return _evaluated(operator, rule, scales) if fixed is None else fixed


def _clamped(low: float | None, high: float | None, scales: Scales) -> Int8Array:
    """A clamp and a change of quantisation by the ONNX rule: dequantise, clamp and divide in float32, round half to even."""
    real = dequantize(CODES, scales.input_scale, scales.input_zero_point)
    limits = (np.float32(-np.inf if low is None else low), np.float32(np.inf if high is None else high))
    return quantize(Rule.ONNX, np.clip(real, *limits), scales.output_scale, scales.output_zero_point)


def _fixed_point(operator: Operator, scales: Scales) -> Int8Array | None:
    """The table of an operator that tflite-micro computes with integers; None: it does not."""
    if isinstance(operator, Sigmoid):
        _require(scales, 1 / 256, -128)
        return fixed_point_table(sigmoid_q4, 8, scales)
    if isinstance(operator, Tanh):
        _require(scales, 1 / 128, 0)
        return fixed_point_table(tanh_q4, 7, scales)
    if isinstance(operator, HardSwish):
        return hard_swish_table(scales)
    if isinstance(operator, Rsqrt):
        x = Affine(scales.input_scale, scales.input_zero_point)
        y = Affine(scales.output_scale, scales.output_zero_point)
        return reciprocal_square_root(x, y)(CODES)
    return None


@dataclass(frozen=True, slots=True)
class _Evaluation:
    """A node of one operator, for its plain reference."""

    node: Node
    operands: tuple[NDArray[Any] | None, ...]
    dtypes: tuple[np.dtype[Any], ...]


def _evaluated(operator: Operator, rule: Rule, scales: Scales) -> Int8Array:
    """The formula of the operator on numbers.

    Other than BY_STEP, evaluated in double and rounded to float32 once, so that a table does not depend on the float32
    functions of a machine.
    What is no number becomes the smallest code, as ONNX Runtime has it.
    """
    real = dequantize(CODES, scales.input_scale, scales.input_zero_point)
    node = Node(operator=operator, name="", source_index=0, inputs=(0,), outputs=(1,))
    operand = real if isinstance(operator, BY_STEP) else real.astype(np.float64)
    run = _Evaluation(node, (operand,), (np.dtype(np.float32),))
    (values,) = PLAIN[type(operator)](run)
    known = np.nan_to_num(values, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    if rule is Rule.ONNX:
        return quantize(rule, known, scales.output_scale, scales.output_zero_point)
    return quantize(rule, known * (np.float32(1) / np.float32(scales.output_scale)), 1.0, scales.output_zero_point)


def _require(scales: Scales, only_scale: float, only_zero_point: int) -> None:
    if (np.float32(scales.output_scale), scales.output_zero_point) != (np.float32(only_scale), only_zero_point):
        raise ScaleError(f"TFLite writes this operator with scale {only_scale} and zero point {only_zero_point}")
