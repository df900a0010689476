# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators of one tensor."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.graph.operator.base import Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary(Operator, stands_for_others=True):
    """A function of each element."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relu(Unary):
    """max(x, 0), requantised when input and output quantisation differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relu6(Unary):
    """min(max(x, 0), 6), requantised when input and output quantisation differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip(Unary):
    """min(max(x, low), high); None is no limit."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakyRelu(Unary):
    """x where x >= 0, else alpha * x."""

    alpha: float = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdedRelu(Unary):
    """x where x > alpha, else 0."""

    alpha: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Elu(Unary):
    """x where x >= 0, else alpha * (exp(x) - 1)."""

    alpha: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Selu(Unary):
    """gamma * (x where x > 0, else alpha * (exp(x) - 1))."""

    alpha: float = 1.6732632423543772
    gamma: float = 1.0507009873554805


@dataclass(frozen=True, slots=True, kw_only=True)
class Celu(Unary):
    """max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))."""

    alpha: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gelu(Unary):
    """x * P(X <= x) for a normal X; `approximate`: 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))."""

    approximate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HardSigmoid(Unary):
    """min(max(alpha * x + beta, 0), 1)."""

    alpha: float = 0.2
    beta: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class HardSwish(Unary):
    """x * min(max(x + 3, 0), 6) / 6."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swish(Unary):
    """x / (1 + exp(-alpha * x))."""

    alpha: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mish(Unary):
    """x * tanh(log(1 + exp(x)))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrink(Unary):
    """x + bias where x < -threshold, x - bias where x > threshold, else 0."""

    bias: float = 0.0
    threshold: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sigmoid(Unary):
    """1 / (1 + exp(-x))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tanh(Unary):
    """Hyperbolic tangent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Softplus(Unary):
    """log(1 + exp(x))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Softsign(Unary):
    """x / (1 + |x|)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erf(Unary):
    """The error function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exp(Unary):
    """e to the power of x."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log(Unary):
    """The natural logarithm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sqrt(Unary):
    """The square root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rsqrt(Unary):
    """1 / sqrt(x)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Square(Unary):
    """x * x."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reciprocal(Unary):
    """1 / x."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abs(Unary):
    """|x|."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neg(Unary):
    """-x."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign(Unary):
    """-1, 0 or 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor(Unary):
    """The largest integer not above x."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceil(Unary):
    """The smallest integer not below x."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round(Unary):
    """The nearest integer, halves to the even one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sin(Unary):
    """Sine of x, in radians."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cos(Unary):
    """Cosine of x, in radians."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tan(Unary):
    """Tangent of x, in radians."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asin(Unary):
    """Inverse sine of x, in radians."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acos(Unary):
    """Inverse cosine of x, in radians."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Atan(Unary):
    """Inverse tangent of x, in radians."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sinh(Unary):
    """Hyperbolic sine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosh(Unary):
    """Hyperbolic cosine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asinh(Unary):
    """Inverse hyperbolic sine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acosh(Unary):
    """Inverse hyperbolic cosine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Atanh(Unary):
    """Inverse hyperbolic tangent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Unary):
    """Logical negation of bool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BitwiseNot(Unary):
    """All bits of an integer inverted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IsNaN(Unary):
    """Whether x is not a number; bool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IsInf(Unary):
    """Whether x is infinite, of either sign or of one; bool."""

    positive: bool = True
    negative: bool = True
