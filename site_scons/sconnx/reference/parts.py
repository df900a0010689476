# SPDX-License-Identifier: Apache-2.0
"""Tensors put together from parts, and taken apart. Elements keep their values."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

Int8Array = NDArray[np.int8]


def concat(parts: Sequence[Int8Array], axis: int) -> Int8Array:
    """The parts one behind the other along an axis."""
    return np.concatenate(parts, axis)


def split(x: Int8Array, axis: int, sizes: Sequence[int]) -> tuple[Int8Array, ...]:
    """The parts of x of these sizes along an axis."""
    return tuple(np.ascontiguousarray(part) for part in np.split(x, list(accumulate(sizes))[:-1], axis))
