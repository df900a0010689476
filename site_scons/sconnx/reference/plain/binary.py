# SPDX-License-Identifier: Apache-2.0
"""Element-wise functions of two and three tensors, whose dims broadcast."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sconnx.graph.operator import (
    Add,
    And,
    Atan2,
    Binary,
    BitwiseAnd,
    BitwiseOr,
    BitwiseXor,
    Div,
    Equal,
    FloorDiv,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    Maximum,
    Minimum,
    Mod,
    Mul,
    NotEqual,
    Or,
    Pow,
    PRelu,
    ShiftLeft,
    ShiftRight,
    SquaredDifference,
    Sub,
    Where,
    Xor,
)
from sconnx.reference.plain.activation import activate
from sconnx.reference.plain.registry import Array, plain


def divide(a: Array, b: Array) -> Array:
    """a / b; of integers rounded toward 0, and 0 where b is 0."""
    if a.dtype.kind == "f":
        return np.divide(a, b)
    quotient = np.floor_divide(a, b)
    is_above = (b != 0) & (a - quotient * b != 0) & ((a < 0) != (b < 0))
    return np.where(is_above, quotient + 1, quotient).astype(a.dtype)


def power(a: Array, b: Array) -> Array:
    """a to the power of b; of integers modulo the size of the type, and 1 / a^-b rounded toward 0 where b is negative."""
    if a.dtype.kind == "f":
        return np.power(a.astype(np.float64), b)
    exact = np.power(a, np.maximum(b, 0))
    inverse = np.where(a == 1, 1, np.where(a == -1, np.where(b % 2 == 0, 1, -1), 0))
    return np.where(b < 0, inverse, exact).astype(a.dtype)


_ARITHMETIC: dict[type[Add | Sub | Mul | Div], Callable[[Array, Array], Array]] = {
    Add: np.add,
    Sub: np.subtract,
    Mul: np.multiply,
    Div: divide,
}
_OTHERS: dict[type[Binary], Callable[[Array, Array], Array]] = {
    Pow: power,
    Minimum: np.minimum,
    Maximum: np.maximum,
    FloorDiv: np.floor_divide,
    SquaredDifference: lambda a, b: np.square(a - b),
    PRelu: lambda a, b: np.where(a >= 0, a, a * b),
    Atan2: np.arctan2,
    Equal: np.equal,
    NotEqual: np.not_equal,
    Greater: np.greater,
    GreaterEqual: np.greater_equal,
    Less: np.less,
    LessEqual: np.less_equal,
    And: np.logical_and,
    Or: np.logical_or,
    Xor: np.logical_xor,
    BitwiseAnd: np.bitwise_and,
    BitwiseOr: np.bitwise_or,
    BitwiseXor: np.bitwise_xor,
    ShiftLeft: np.left_shift,
    ShiftRight: np.right_shift,
}


@plain(*_ARITHMETIC)
def arithmetic(operator: Add | Sub | Mul | Div, a: Array, b: Array) -> Array:
    return activate(_ARITHMETIC[type(operator)](a, b), operator.activation)


@plain(*_OTHERS)
def other(operator: Binary, a: Array, b: Array) -> Array:
    return _OTHERS[type(operator)](a, b)


@plain(Mod)
def modulo(operator: Mod, a: Array, b: Array) -> Array:
    return np.fmod(a, b) if operator.truncated else np.mod(a, b)


@plain(Where)
def where(_: Where, condition: Array, a: Array, b: Array) -> Array:
    return np.where(condition.astype(bool), a, b)
