# SPDX-License-Identifier: Apache-2.0
"""Comparisons, minimum and maximum of two int8 tensors: what both rules make tables of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.operator import Requantize
from sconnx.reference.binary import Affine
from sconnx.reference.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from sconnx.reference.lookup import table_of
from sconnx.reference.quantize import dequantize
from sconnx.reference.rule import Rule, ScaleError

Int8Array = NDArray[np.int8]
BoolArray = NDArray[np.bool_]
_CODES = np.arange(-128, 128).astype(np.int8)
_COMPARED_BITS = 8
"""Fraction bits that the TFLite rule adds to both operands of a comparison."""

RELATIONS = {
    "Equal": np.equal,
    "NotEqual": np.not_equal,
    "Greater": np.greater,
    "GreaterEqual": np.greater_equal,
    "Less": np.less,
    "LessEqual": np.less_equal,
}
"""By operator."""
EXTREMES = {"Minimum": np.minimum, "Maximum": np.maximum}


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A relation of real numbers as an interval of codes: low[a + 128] <= b < high[a + 128], or, `inverted`, not.

    Attributes:
        low, high: int16 (256,), -128 to 128.
    """

    low: NDArray[np.int16]
    high: NDArray[np.int16]
    inverted: bool

    def __call__(self, a: Int8Array, b: Int8Array) -> BoolArray:
        """Of two tensors that broadcast."""
        index = a.astype(np.int64) + 128
        inside: BoolArray = (self.low[index] <= b) & (b < self.high[index])
        return inside ^ self.inverted


def comparison(operation: str, rule: Rule, left: Affine, right: Affine) -> Comparison:
    """Derive a relation of `RELATIONS`.

    TFLITE compares (q - z) << 8, scaled by the Q31 multiplier of s (tflite-micro, `micro/kernels/comparisons.cc`); ONNX compares
    the float32 numbers.

    Raises:
        KeyError: no relation.
        ScaleError: a scale is not below 1 and the rule is TFLITE; the reference kernels refuse that too.
    """
    a, b = (_comparable(rule, operand) for operand in (left, right))
    holds = RELATIONS[operation](a[:, np.newaxis], b)
    # Operands grow with their codes, so it holds for neighbours, or its opposite does.
    inverted = operation in ("NotEqual", "Less", "LessEqual")
    inside = holds ^ inverted
    low = np.where(inside.any(axis=1), inside.argmax(axis=1), 0) - 128
    return Comparison(low.astype(np.int16), (low + inside.sum(axis=1)).astype(np.int16), inverted)


def _comparable(rule: Rule, operand: Affine) -> NDArray[np.int64] | NDArray[np.float32]:
    if rule is Rule.ONNX:
        return dequantize(_CODES, operand.scale, operand.zero_point)
    if operand.scale >= 1:
        raise ScaleError(f"TFLite compares tensors of scales below 1, not {operand.scale}")
    centred = (_CODES.astype(np.int64) - operand.zero_point) << _COMPARED_BITS
    return multiply_by_quantized_multiplier(centred, *quantize_multiplier(float(np.float32(operand.scale))))


@dataclass(frozen=True, slots=True, eq=False)
class Extreme:
    """The smaller or larger of two codes, each requantised by a table before; rounding does not change the order.

    Attributes:
        operation: a key of EXTREMES.
        left, right: int8 (256,), or None where the codes stay.
    """

    operation: str
    left: Int8Array | None
    right: Int8Array | None

    def __call__(self, a: Int8Array, b: Int8Array) -> Int8Array:
        """Of two tensors that broadcast."""
        x, y = (
            codes if table is None else table[codes.astype(np.int64) + 128]
            for codes, table in ((a, self.left), (b, self.right))
        )
        result: Int8Array = EXTREMES[self.operation](x, y)
        return result


def extreme(operation: str, rule: Rule, left: Affine, right: Affine, output: Affine) -> Extreme:
    """Derive "Minimum" or "Maximum".

    tflite-micro compares codes as they are (`micro/kernels/maximum_minimum.h`), so by the TFLITE rule all three tensors must be
    quantised alike.

    Raises:
        ScaleError: they are not.
    """
    if rule is Rule.TFLITE and not left == right == output:
        raise ScaleError(f"TFLite wants the inputs and the output of {operation} quantised alike")
    return Extreme(operation, *(requantize_table(rule, operand, output) for operand in (left, right)))


def requantize_table(rule: Rule, source: Affine, target: Affine) -> Int8Array | None:
    """The table of a change of quantisation; None where there is none."""
    if source == target:
        return None
    return table_of(
        Requantize(),
        rule,
        input_scale=source.scale,
        input_zero_point=source.zero_point,
        output_scale=target.scale,
        output_zero_point=target.zero_point,
    )
