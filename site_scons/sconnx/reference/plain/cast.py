# SPDX-License-Identifier: Apache-2.0
"""Conversion between dtypes; what becomes of a float that is outside of the range of an integer is not defined."""

from __future__ import annotations

from sconnx.graph.operator import Cast
from sconnx.reference.plain.registry import Array, plain


@plain(Cast)
def cast(_: Cast, x: Array) -> Array:
    return x  # Registering converts to the dtype of the output.
