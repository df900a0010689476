# SPDX-License-Identifier: Apache-2.0
"""1 / sqrt(x) of integers by the TFLite rule. Formula: tflite-micro, `micro/kernels/elementwise.cc`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.reference.binary import Affine
from sconnx.reference.exponential import inverse_square_root
from sconnx.reference.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from sconnx.reference.requantize import saturate

FRACTION_BITS = 20
"""Of the inverse root before it is scaled."""


@dataclass(frozen=True, slots=True)
class ReciprocalSquareRoot:
    """q = clamp(M(2^20 / sqrt(x)) + z_out), x = q_in - z_in > 0, by Newton's iterations (`inverse_square_root`).

    Other x, which tflite-micro refuses to run or has no root of, get the largest output.

    Attributes:
        multiplier, shift: of M = 2^-20 / (sqrt(s_in) * s_out), a Q31 mantissa and an exponent; root and product are float32.
    """

    multiplier: int
    shift: int
    input_zero_point: int
    zero_point: int

    def __call__(self, q: NDArray[Any]) -> NDArray[Any]:
        """Of int8 or int16 of any dims, as integers of the same dtype."""
        limits = np.iinfo(q.dtype)
        x = q.astype(np.int64) - self.input_zero_point
        mantissa, exponent = inverse_square_root(np.maximum(x, 1))
        inverse = multiply_by_quantized_multiplier(np.ones(x.shape, np.int64), mantissa, exponent + FRACTION_BITS)
        scaled = multiply_by_quantized_multiplier(inverse, self.multiplier, self.shift)
        stored = saturate(scaled + self.zero_point, limits.min, limits.max, q.dtype)
        return np.where(x > 0, stored, q.dtype.type(limits.max))


def reciprocal_square_root(x: Affine, y: Affine) -> ReciprocalSquareRoot:
    """Derive the function. Raises ScaleError: the scales are so small that no multiplier holds their quotient."""
    root = np.sqrt(np.float32(x.scale))
    product = float(root * np.float32(y.scale))
    multiplier, shift = quantize_multiplier(1.0 / product if product else math.inf)
    # Beyond 31 bits to the right nothing is left of an inverse below 2^21.
    return ReciprocalSquareRoot(multiplier, max(shift - FRACTION_BITS, -31), x.zero_point, y.zero_point)
