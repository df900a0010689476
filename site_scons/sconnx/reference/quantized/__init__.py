# SPDX-License-Identifier: Apache-2.0
"""The reference of operators on integers that stand for real numbers, by either rule. One module per family of operators."""

from sconnx.reference.quantized import (
    binary,
    conversion,
    movement,
    pooling,
    recurrent,
    reduction,
    resize,
    softmax,
    unary,
    weighted,
)
from sconnx.reference.quantized.registry import QUANTIZED

FAMILIES = (binary, conversion, movement, pooling, recurrent, reduction, resize, softmax, unary, weighted)
"""The modules that fill `QUANTIZED`."""

__all__ = ["FAMILIES", "QUANTIZED"]
