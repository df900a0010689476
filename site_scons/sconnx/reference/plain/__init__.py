# SPDX-License-Identifier: Apache-2.0
"""The reference of operators on numbers that stand for themselves: float32, and integers without a scale.

Also of operators that only move elements, whatever these stand for. One module per family of operators.
"""

from sconnx.reference.plain import (
    binary,
    cast,
    convolution,
    movement,
    normalization,
    pooling,
    recurrent,
    reduction,
    resize,
    sampling,
    scatter,
    unary,
)
from sconnx.reference.plain.registry import PLAIN

FAMILIES = (
    binary,
    cast,
    convolution,
    movement,
    normalization,
    pooling,
    recurrent,
    reduction,
    resize,
    sampling,
    scatter,
    unary,
)
"""The modules that fill `PLAIN`."""

__all__ = ["FAMILIES", "PLAIN"]
