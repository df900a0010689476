# SPDX-License-Identifier: Apache-2.0
"""The fixed-point form of a sum of two int8 tensors, which rounds once, where it equals the rule for all 2^16 pairs.

    out = clamp((summand(x) + y_weight * y) >> FRACTION, minimum, maximum)

x is one operand and y the other. The summand is offset + x_weight * x or, if no such line will do, a table: for each x, a pair's
output is right as long as its summand lies in an interval, and the table has a value from what the intervals of all y share.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sconnx.reference.binary import Affine, FixedPointBinary, FloatBinary

FRACTION = 21
"""SX_ADD_S8_FRACTION of sx_add_s8.h: as much as leaves room for sums of 1,024 steps of the output."""

_CODES = np.arange(-128, 128)
_NEAR = (0, 1, -1, 2)
"""Weights to try, counted from the exact one rounded down."""
_LARGEST_WEIGHT = 1 << 24
_FAR = 1 << 40
Binary = FixedPointBinary | FloatBinary
_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class FixedSum:
    """A form that is exact.

    Args:
        first: which operand is x, 0 or 1.
        table: summands for x = -128 to 127; None: offset + x_weight * x.
    """

    first: int
    y_weight: int
    table: NDArray[np.int32] | None = None
    offset: int = 0
    x_weight: int = 0


def fixed_sum(values: Binary, left: Affine, right: Affine, output: Affine, sign: int) -> FixedSum | None:
    """The form of a sum (sign 1) or difference (-1), with a table only where there must be one; None: there is no form."""
    codes = _CODES.astype(np.int8)
    wanted = values(np.repeat(codes, 256), np.tile(codes, 256)).astype(np.int64).reshape(256, 256)
    # Where an output is clamped, all beyond is right as well.
    low = np.where(wanted > values.minimum, wanted << FRACTION, -_FAR)
    high = np.where(wanted < values.maximum, ((wanted + 1) << FRACTION) - 1, _FAR)
    weights = [int(factor * 2**FRACTION // output.scale) for factor in (left.scale, sign * right.scale)]
    return next(itertools.chain(_lines(weights, low, high), _tables(weights, low, high)), None)


def _lines(weights: Sequence[int], low: _Ints, high: _Ints) -> Iterator[FixedSum]:
    for more in itertools.product(_NEAR, repeat=2):
        x_weight, y_weight = (weight + one for weight, one in zip(weights, more, strict=True))
        line = x_weight * _CODES[:, np.newaxis] + y_weight * _CODES
        least, most = int((low - line).max()), int((high - line).min())
        offset = min(max(0, least), most)
        if least <= most and _fits(offset + x_weight * _CODES, y_weight) and abs(x_weight) < _LARGEST_WEIGHT:
            yield FixedSum(0, y_weight, offset=offset, x_weight=x_weight)


def _tables(weights: Sequence[int], low: _Ints, high: _Ints) -> Iterator[FixedSum]:
    for first in sorted((0, 1), key=lambda operand: -abs(weights[operand])):
        by_x = (low, high) if first == 0 else (low.T, high.T)
        for more in _NEAR:
            y_weight = weights[1 - first] + more
            least, most = (by_x[0] - y_weight * _CODES).max(axis=1), (by_x[1] - y_weight * _CODES).min(axis=1)
            table = np.clip(0, least, most)
            if np.all(least <= most) and _fits(table, y_weight):
                yield FixedSum(first, y_weight, table.astype(np.int32))


def _fits(summands: _Ints, y_weight: int) -> bool:
    """Whether no sum overflows."""
    return abs(y_weight) < _LARGEST_WEIGHT and int(np.abs(summands).max()) + 128 * abs(y_weight) < 1 << 31
