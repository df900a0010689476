# SPDX-License-Identifier: Apache-2.0
"""Padding of images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sconnx.reference.window import Padding


def pad2d(x: NDArray[np.int8], padding: Padding, zero_point: int) -> NDArray[np.int8]:
    """x [N, H, W, C] surrounded by its zero point, the real value 0."""
    top, left, bottom, right = padding
    return np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=zero_point)
