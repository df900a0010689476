# SPDX-License-Identifier: Apache-2.0
"""Operators that change the element type, or what integers stand for."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.graph.operator.base import Operator
from sconnx.graph.tensor import DType


@dataclass(frozen=True, slots=True, kw_only=True)
class Requantize(Operator):
    """The same real numbers with another scale and zero point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantize(Operator):
    """float32 to the integers of the output's quantisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dequantize(Operator):
    """Integers to the float32 that they stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast(Operator):
    """The same numbers in the output's dtype: floats to integers toward 0, to bool whether not 0; integers modulo their range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BitCast(Operator):
    """The same bits as elements of another dtype of the same size, which the output has."""

    dtype: DType
