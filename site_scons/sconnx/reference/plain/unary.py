# SPDX-License-Identifier: Apache-2.0
"""Element-wise functions of one tensor. Real ones are computed in float64, so that the reference's own error does not matter."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sconnx.graph.operator import (
    Abs,
    Acos,
    Acosh,
    Asin,
    Asinh,
    Atan,
    Atanh,
    BitwiseNot,
    Ceil,
    Celu,
    Clip,
    Cos,
    Cosh,
    Elu,
    Erf,
    Exp,
    Floor,
    Gelu,
    HardSigmoid,
    HardSwish,
    IsInf,
    IsNaN,
    LeakyRelu,
    Log,
    Mish,
    Neg,
    Not,
    Operator,
    Reciprocal,
    Relu,
    Relu6,
    Round,
    Rsqrt,
    Selu,
    Shrink,
    Sigmoid,
    Sign,
    Sin,
    Sinh,
    Softplus,
    Softsign,
    Sqrt,
    Square,
    Swish,
    Tan,
    Tanh,
    ThresholdedRelu,
)
from sconnx.reference.plain.registry import Array, plain

_erf = np.vectorize(math.erf, otypes=[np.float64])
_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), without an overflow in between."""
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1.0) / (1 + e)  # type: ignore[no-any-return]


REAL: dict[type[Operator], Callable[[Array], Array]] = {
    Sigmoid: sigmoid,
    Tanh: np.tanh,
    Softplus: lambda x: np.logaddexp(0, x),
    Softsign: lambda x: x / (1 + np.abs(x)),
    Erf: _erf,
    Exp: np.exp,
    Log: np.log,
    Sqrt: np.sqrt,
    Rsqrt: lambda x: 1 / np.sqrt(x),
    Reciprocal: lambda x: 1 / x,
    Floor: np.floor,
    Ceil: np.ceil,
    Round: np.rint,
    Sin: np.sin,
    Cos: np.cos,
    Tan: np.tan,
    Asin: np.arcsin,
    Acos: np.arccos,
    Atan: np.arctan,
    Sinh: np.sinh,
    Cosh: np.cosh,
    Asinh: np.arcsinh,
    Acosh: np.arccosh,
    Atanh: np.arctanh,
    HardSwish: lambda x: x * np.clip(x + 3, 0, 6) / 6,
    Mish: lambda x: x * np.tanh(np.logaddexp(0, x)),
}
"""Functions of real numbers without attributes."""


@plain(*REAL)
def real(operator: Operator, x: Array) -> Array:
    return REAL[type(operator)](x.astype(np.float64))


@plain(Relu)
def relu(_: Relu, x: Array) -> Array:
    return np.maximum(x, 0)


@plain(Relu6)
def relu6(_: Relu6, x: Array) -> Array:
    return np.clip(x, 0, 6)


@plain(Clip)
def clip(operator: Clip, x: Array) -> Array:
    low = x if operator.low is None else np.maximum(x, np.array(operator.low).astype(x.dtype))
    return low if operator.high is None else np.minimum(low, np.array(operator.high).astype(x.dtype))


@plain(LeakyRelu)
def leaky_relu(operator: LeakyRelu, x: Array) -> Array:
    return np.where(x >= 0, x, x * x.dtype.type(operator.alpha))


@plain(ThresholdedRelu)
def thresholded_relu(operator: ThresholdedRelu, x: Array) -> Array:
    return np.where(x > x.dtype.type(operator.alpha), x, 0)


@plain(Elu)
def elu(operator: Elu, x: Array) -> Array:
    return np.where(x >= 0, x, operator.alpha * np.expm1(x.astype(np.float64)))


@plain(Selu)
def selu(operator: Selu, x: Array) -> Array:
    return operator.gamma * np.where(x > 0, x, operator.alpha * np.expm1(x.astype(np.float64)))


@plain(Celu)
def celu(operator: Celu, x: Array) -> Array:
    wide = x.astype(np.float64)
    return np.where(x > 0, wide, operator.alpha * np.expm1(wide / operator.alpha))


@plain(Gelu)
def gelu(operator: Gelu, x: Array) -> Array:
    wide = x.astype(np.float64)
    if operator.approximate:
        return 0.5 * wide * (1 + np.tanh(math.sqrt(2 / math.pi) * (wide + 0.044715 * wide**3)))  # type: ignore[no-any-return]
    return 0.5 * wide * _erfc(-wide / math.sqrt(2))  # type: ignore[no-any-return]


@plain(HardSigmoid)
def hard_sigmoid(operator: HardSigmoid, x: Array) -> Array:
    return np.clip(operator.alpha * x.astype(np.float64) + operator.beta, 0, 1)


@plain(Swish)
def swish(operator: Swish, x: Array) -> Array:
    wide = x.astype(np.float64)
    return wide * sigmoid(operator.alpha * wide)


@plain(Shrink)
def shrink(operator: Shrink, x: Array) -> Array:
    below, above = x < -operator.threshold, x > operator.threshold
    wide = x.astype(np.float64)
    return np.where(below, wide + operator.bias, np.where(above, wide - operator.bias, 0))


@plain(Square)
def square(_: Square, x: Array) -> Array:
    return x * x


@plain(Abs)
def absolute(_: Abs, x: Array) -> Array:
    return np.abs(x)


@plain(Neg)
def negative(_: Neg, x: Array) -> Array:
    return np.negative(x)


@plain(Sign)
def sign(_: Sign, x: Array) -> Array:
    return np.sign(x)


@plain(Not)
def logical_not(_: Not, x: Array) -> Array:
    return np.logical_not(x)


@plain(BitwiseNot)
def bitwise_not(_: BitwiseNot, x: Array) -> Array:
    return np.invert(x)


@plain(IsNaN)
def is_nan(_: IsNaN, x: Array) -> Array:
    return np.isnan(x)


@plain(IsInf)
def is_infinite(operator: IsInf, x: Array) -> Array:
    return (operator.positive & np.isposinf(x)) | (operator.negative & np.isneginf(x))
