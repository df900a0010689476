# SPDX-License-Identifier: Apache-2.0
"""LogSoftmax and L2Normalization over the last axis of an int8 tensor, by the TFLite rule."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sconnx.reference.exponential import exp_on_negative, input_scaling, inverse_square_root, logarithm
from sconnx.reference.fixed_point import (
    INT32_MIN,
    Int64Array,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    rounding_shift_right,
)
from sconnx.reference.requantize import INT8_MAX, INT8_MIN, saturate
from sconnx.reference.rule import ScaleError
from sconnx.reference.softmax import DIFFERENCE_BITS

Int8Array = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class LogSoftmax:
    """x - max - log(sum of exp(x - max)), with scale 1/16 and zero point 127.

    Formula: tflite-micro, `kernels/internal/reference/log_softmax.h`.

    Attributes:
        factor: multiplier and shift of a difference, which becomes Q5.26.
        inverse: multiplier and shift from Q5.26 to a difference.
        radius: differences beyond it have no exponential.
        exponentials: int32 (256,): exp(-d * s_in) as Q12.19 for d = max - x.
    """

    factor: tuple[int, int]
    inverse: tuple[int, int]
    radius: int
    exponentials: NDArray[np.int32]

    def __call__(self, x: Int8Array) -> Int8Array:
        """Of every row of x [..., C]; C at most 4095, so that the sum fits int32."""
        difference = x.astype(np.int64) - x.max(axis=-1, keepdims=True)
        log_sum = logarithm(self.exponentials[-difference].astype(np.int64).sum(axis=-1, keepdims=True))
        least = multiply_by_quantized_multiplier(log_sum + INT32_MIN, *self.inverse)
        inside = difference > np.maximum(-self.radius - 1, least)
        scaled = multiply_by_quantized_multiplier(np.where(inside, difference, 0), *self.factor)
        values = rounding_shift_right(scaled - log_sum, 31 - DIFFERENCE_BITS - 4) + INT8_MAX
        return np.where(inside, saturate(values, INT8_MIN, INT8_MAX), np.int8(INT8_MIN))


def log_softmax(input_scale: float, output_scale: float, output_zero_point: int) -> LogSoftmax:
    """Derive a LogSoftmax. Raises ScaleError: the output is not quantised by 1/16 and 127."""
    if (np.float32(output_scale), output_zero_point) != (np.float32(1 / 16), INT8_MAX):
        raise ScaleError("TFLite log softmax writes with scale 1/16 and zero point 127")
    multiplier, shift, radius = input_scaling(float(np.float32(input_scale)), DIFFERENCE_BITS)
    inverse = quantize_multiplier(2.0 ** (31 - shift) / multiplier if multiplier else math.inf)
    distance = np.arange(256)
    used = distance <= radius
    scaled = multiply_by_quantized_multiplier(np.where(used, -distance, 0), multiplier, shift)
    exponentials = np.where(used, rounding_shift_right(exp_on_negative(scaled, DIFFERENCE_BITS), 12), 0)
    return LogSoftmax((multiplier, shift), inverse, radius, exponentials.astype(np.int32))


def l2_normalization(x: Int8Array, *, input_zero_point: int, output_scale: float, output_zero_point: int) -> Int8Array:
    """(q - z) / sqrt(sum of (q - z)^2) of every row of x [..., C], with scale 1/128 and zero point 0.

    The inverse root is a Q31 mantissa and a shift; a sum of 0 is taken for 1. Formula: tflite-micro,
    `kernels/internal/reference/integer_ops/l2normalization.h`.

    Raises:
        ScaleError: another output quantisation.
    """
    if (np.float32(output_scale), output_zero_point) != (np.float32(1 / 128), 0):
        raise ScaleError("TFLite L2 normalisation writes with scale 1/128 and zero point 0")
    centred: Int64Array = x.astype(np.int64) - input_zero_point
    multiplier, shift = inverse_square_root(np.square(centred).sum(axis=-1, keepdims=True))
    return saturate(multiply_by_quantized_multiplier(centred, multiplier, shift + 7), INT8_MIN, INT8_MAX)
