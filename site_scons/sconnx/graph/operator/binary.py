# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators of two and three tensors, whose dims broadcast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.graph.operator.base import Activation, Dims, Operator, broadcast_dims


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary(Operator, stands_for_others=True):
    """Inputs: a and b. A function of each pair of elements."""

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return broadcast_dims(inputs[:2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Binary):
    """a + b."""

    activation: Activation = Activation.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Sub(Binary):
    """a - b."""

    activation: Activation = Activation.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Mul(Binary):
    """a * b."""

    activation: Activation = Activation.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Div(Binary):
    """a / b; of integers rounded toward 0."""

    activation: Activation = Activation.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Pow(Binary):
    """a to the power of b."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum(Binary):
    """The smaller of a and b."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maximum(Binary):
    """The larger of a and b."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mod(Binary):
    """The remainder of a / b, with the sign of b, or with that of a if `truncated`."""

    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorDiv(Binary):
    """a / b rounded down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SquaredDifference(Binary):
    """(a - b)^2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PRelu(Binary):
    """a where a >= 0, else a * b."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Atan2(Binary):
    """The angle of the point (b, a), in radians."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equal(Binary):
    """Whether a = b; bool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEqual(Binary):
    """Whether a and b differ; bool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Greater(Binary):
    """Whether a > b; bool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GreaterEqual(Binary):
    """Whether a >= b; bool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Less(Binary):
    """Whether a < b; bool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LessEqual(Binary):
    """Whether a <= b; bool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class And(Binary):
    """Logical conjunction of bool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Or(Binary):
    """Logical disjunction of bool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Xor(Binary):
    """Whether one of two bools is true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BitwiseAnd(Binary):
    """Bits that are set in both integers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BitwiseOr(Binary):
    """Bits that are set in one of two integers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BitwiseXor(Binary):
    """Bits that differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftLeft(Binary):
    """a * 2^b of integers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRight(Binary):
    """a / 2^b of integers, rounded down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where(Operator):
    """Inputs: condition (bool), a, b. a where the condition holds, else b."""

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return broadcast_dims(inputs[:3])
