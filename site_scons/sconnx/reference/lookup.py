# SPDX-License-Identifier: Apache-2.0
"""Unary int8 operators as tables of 256 values: result = table[q + 128]."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sconnx.reference.exponential import input_scaling, sigmoid_q4, tanh_q4
from sconnx.reference.fixed_point import Int64Array, multiply_by_quantized_multiplier, rounding_shift_right
from sconnx.reference.quantize import dequantize, quantize
from sconnx.reference.requantize import (
    ACTIVATIONS,
    INT8_MAX,
    INT8_MIN,
    quantize_float,
    requantize_by,
    saturate,
)
from sconnx.reference.rule import Rule

Int8Array = NDArray[np.int8]

_CODES = np.arange(-128, 128).astype(np.int8)


def lookup(x: Int8Array, table: Int8Array) -> Int8Array:
    """Replace every value of x, any shape, by its entry of a table (256,)."""
    return table[x.astype(np.int64) + 128]


def table_of(
    operator: str,
    rule: Rule,
    *,
    input_scale: float,
    input_zero_point: int,
    output_scale: float,
    output_zero_point: int,
) -> Int8Array:
    """Table of the operator "Relu", "Relu6", "Requantize", "Sigmoid" or "Tanh".

    Raises:
        KeyError: another operator.
        ValueError: an output quantisation that the operator cannot have by the TFLite rule.
    """
    makers: dict[str, Callable[..., Int8Array]] = {
        "Relu": partial(activation_table, rule, "relu"),
        "Relu6": partial(activation_table, rule, "relu6"),
        "Requantize": partial(activation_table, rule, "none"),
        "Sigmoid": partial(sigmoid_table, rule),
        "Tanh": partial(tanh_table, rule),
    }
    return makers[operator](
        input_scale=input_scale,
        input_zero_point=input_zero_point,
        output_scale=output_scale,
        output_zero_point=output_zero_point,
    )


def activation_table(
    rule: Rule,
    activation: str,
    *,
    input_scale: float,
    input_zero_point: int,
    output_scale: float,
    output_zero_point: int,
) -> Int8Array:
    """Table of an activation and a change of quantisation; "none" only changes the quantisation.

    TFLITE: (q - z_in) by the Q31 multiplier of double(s_in) / double(s_out), clamped to the limits.
    ONNX: dequantise, clamp and divide in float32, round half to even.

    Raises:
        KeyError: unknown activation.
    """
    if rule is Rule.TFLITE:
        factor = float(np.float32(input_scale)) / float(np.float32(output_scale))
        requantize = requantize_by(rule, factor, output_scale, output_zero_point, activation)
        return requantize(_CODES.astype(np.int64) - input_zero_point)
    real = dequantize(_CODES, input_scale, input_zero_point)
    low, high = ACTIVATIONS[activation]
    limits = (np.float32(-np.inf if low is None else low), np.float32(np.inf if high is None else high))
    return quantize_float(np.clip(real, *limits) / np.float32(output_scale), output_zero_point)


def sigmoid_table(
    rule: Rule, *, input_scale: float, input_zero_point: int, output_scale: float, output_zero_point: int
) -> Int8Array:
    """Table of 1 / (1 + exp(-x)).

    TFLITE: fixed-point arithmetic, output scale 1/256 and zero point -128. ONNX: dequantise in float32,
    evaluate in double, round to float32, quantise.

    Raises:
        ValueError: another output quantisation by the TFLite rule.
    """
    if rule is Rule.TFLITE:
        _require(output_scale, output_zero_point, 1 / 256, -128)
        return _fixed_point_table(sigmoid_q4, 8, -128, input_scale, input_zero_point)
    values = [_sigmoid(value) for value in dequantize(_CODES, input_scale, input_zero_point).tolist()]
    return quantize(rule, np.array(values, np.float32), output_scale, output_zero_point)


def tanh_table(
    rule: Rule, *, input_scale: float, input_zero_point: int, output_scale: float, output_zero_point: int
) -> Int8Array:
    """Table of tanh(x).

    TFLITE: fixed-point arithmetic, output scale 1/128 and zero point 0. ONNX: dequantise in float32,
    evaluate in double, round to float32, quantise.

    Raises:
        ValueError: another output quantisation by the TFLite rule.
    """
    if rule is Rule.TFLITE:
        _require(output_scale, output_zero_point, 1 / 128, 0)
        return _fixed_point_table(tanh_q4, 7, 0, input_scale, input_zero_point)
    values = [math.tanh(value) for value in dequantize(_CODES, input_scale, input_zero_point).tolist()]
    return quantize(rule, np.array(values, np.float32), output_scale, output_zero_point)


def _fixed_point_table(
    function: Callable[[Int64Array], Int64Array],
    fraction_bits: int,
    output_zero_point: int,
    input_scale: float,
    input_zero_point: int,
) -> Int8Array:
    """Table of a function of Q4.27 numbers; inputs beyond the radius saturate the output.

    A radius of 0 (scale 8 and more) sends the code of real 0 to the lower end, as the reference kernels do.
    """
    multiplier, shift, radius = input_scaling(float(np.float32(input_scale)), 4)
    centred = _CODES.astype(np.int64) - input_zero_point
    inside = np.abs(centred) < radius
    scaled = multiply_by_quantized_multiplier(np.where(inside, centred, 0), multiplier, shift)
    values = rounding_shift_right(function(scaled), 31 - fraction_bits) + output_zero_point
    saturated = np.where(centred <= -radius, INT8_MIN, INT8_MAX)
    return saturate(np.where(inside, values, saturated), INT8_MIN, INT8_MAX)


def _require(scale: float, zero_point: int, only_scale: float, only_zero_point: int) -> None:
    if (np.float32(scale), zero_point) != (np.float32(only_scale), only_zero_point):
        raise ValueError(f"TFLite writes this operator with scale {only_scale} and zero point {only_zero_point}")


def _sigmoid(x: float) -> float:
    # exp of the negative side only: no overflow.
    power = math.exp(-abs(x))
    return (1 if x >= 0 else power) / (1 + power)
