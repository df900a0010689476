# SPDX-License-Identifier: Apache-2.0
"""Unary functions of integers that are linear on either side of 0: changes of quantisation, clamps, LeakyRelu, Abs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.operator import Abs, Clip, LeakyRelu, Operator, Relu, Relu6, Requantize
from sconnx.reference.binary import Affine
from sconnx.reference.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from sconnx.reference.requantize import ACTIVATIONS, clamp_limits
from sconnx.reference.rule import Rule

Factor = tuple[int, int]
"""Q31 multiplier and shift (TFLITE), or the bits of a float32 and 0 (ONNX)."""
IDENTITY: Factor = (1 << 30, 1)
RESCALED: tuple[type[Operator], ...] = (Abs, Clip, LeakyRelu, Relu, Relu6, Requantize)
"""Operators of this kind; by the ONNX rule only Requantize."""


@dataclass(frozen=True, slots=True)
class Rescale:
    """q = clamp(M(x) + zero_point), x = q_in - input_zero_point.

    TFLITE: M(x) = x * positive for x >= 0, else sign * (x or, `folded`, -x) * negative, with the two roundings of
    `multiply_by_quantized_multiplier`. ONNX: M(x) = rint(float32(x) * positive / negative), the scales of input and output.
    """

    rule: Rule
    positive: Factor
    negative: Factor
    input_zero_point: int
    zero_point: int
    minimum: int
    maximum: int
    sign: int = 1
    folded: bool = False

    def __call__(self, q: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
        """Of a tensor of any dims, as integers of `dtype`."""
        x = q.astype(np.int64) - self.input_zero_point
        limits = (self.minimum - self.zero_point, self.maximum - self.zero_point)
        if self.rule is Rule.ONNX:
            s_in, s_out = (np.int32(factor[0]).view(np.float32) for factor in (self.positive, self.negative))
            values = np.clip(np.rint(x.astype(np.float32) * s_in / s_out), *limits).astype(np.int64)
        else:
            below = self.sign * multiply_by_quantized_multiplier(-x if self.folded else x, *self.negative)
            values = np.clip(np.where(x >= 0, multiply_by_quantized_multiplier(x, *self.positive), below), *limits)
        result: NDArray[Any] = (values + self.zero_point).astype(dtype)
        return result


def rescale(operator: Operator, rule: Rule, x: Affine, y: Affine, dtype: np.dtype[Any]) -> Rescale:
    """Derive the function of an operator in `RESCALED`.

    Args:
        dtype: of the output.

    Raises:
        ValueError: the rule is ONNX and the operator no Requantize.
    """
    common = (x.zero_point, y.zero_point)
    if rule is Rule.ONNX:
        if not isinstance(operator, Requantize):
            raise ValueError(f"{operator.type_name} of {dtype} is computed by the rule of TFLite only")
        first, second = ((int(np.float32(scale).view(np.int32)), 0) for scale in (x.scale, y.scale))
        return Rescale(rule, first, second, *common, *_limits(None, None, y, rule, dtype))
    s_x, s_y = float(np.float32(x.scale)), float(np.float32(y.scale))
    ratio = quantize_multiplier(s_x / s_y)
    unlimited = _limits(None, None, y, rule, dtype)
    if isinstance(operator, LeakyRelu):
        alpha = s_x * float(np.float32(operator.alpha)) / s_y
        factors = (ratio, quantize_multiplier(abs(alpha)))
        return Rescale(rule, *factors, *common, *unlimited, sign=1 if alpha >= 0 else -1)
    if isinstance(operator, Abs):
        factor = IDENTITY if s_x == s_y else ratio
        return Rescale(rule, factor, factor, *common, *unlimited, folded=True)
    clamps: dict[type[Operator], tuple[float | None, float | None]] = {
        Relu: ACTIVATIONS["relu"],
        Relu6: ACTIVATIONS["relu6"],
    }
    low, high = (
        (operator.low, operator.high) if isinstance(operator, Clip) else clamps.get(type(operator), (None, None))
    )
    return Rescale(rule, ratio, ratio, *common, *_limits(low, high, y, rule, dtype))


def _limits(low: float | None, high: float | None, y: Affine, rule: Rule, dtype: np.dtype[Any]) -> tuple[int, int]:
    return clamp_limits(low, high, y.scale, y.zero_point, rule, dtype)
