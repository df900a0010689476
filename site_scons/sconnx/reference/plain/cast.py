# SPDX-License-Identifier: Apache-2.0
"""Conversion between dtypes, of numbers or of bits; a float outside of the range of an integer becomes anything."""

from __future__ import annotations

from sconnx.graph.operator import BitCast, Cast
from sconnx.reference.plain.registry import Array, plain


@plain(Cast)
def cast(_: Cast, x: Array) -> Array:
    return x  # Registering converts to the dtype of the output.


@plain(BitCast)
def bit_cast(operator: BitCast, x: Array) -> Array:
    return x.view(operator.dtype.value)
