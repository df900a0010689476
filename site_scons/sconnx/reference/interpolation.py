# SPDX-License-Identifier: Apache-2.0
"""Bilinear interpolation of int8 images, by the TFLite rule.

Formula: tflite-micro, `ResizeBilinearInteger` of `kernels/internal/reference/resize_bilinear.h`: places and weights have ten
fraction bits, results are rounded half away from zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.operator import Coordinates
from sconnx.reference.fixed_point import rounding_shift_right

FRACTION_BITS = 10
COORDINATES = (Coordinates.ASYMMETRIC, Coordinates.HALF_PIXEL, Coordinates.ALIGN_CORNERS)
"""Those that the rule has."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Where the elements along one dimension of the output are: (2^10 - weight) * x[low] + weight * x[high].

    Attributes:
        low, high: int32 (n,), elements of the input.
        weight: int16 (n,), may be below 0 or above 2^10 at the edges, where low and high are one.
    """

    low: NDArray[np.int32]
    high: NDArray[np.int32]
    weight: NDArray[np.int16]


def line(size: int, target: int, coordinates: Coordinates) -> Line:
    """The places of `target` output elements among `size` input elements. Raises ValueError: other coordinates."""
    if coordinates not in COORDINATES:
        raise ValueError(f"TFLite has no bilinear interpolation with coordinates {coordinates.value}")
    one, halved = 1 << FRACTION_BITS, coordinates is Coordinates.HALF_PIXEL
    corners = coordinates is Coordinates.ALIGN_CORNERS and target > 1
    source, steps = (size - 1, target - 1) if corners else (size, target)
    scale = (one * source + steps // 2) // steps
    place = np.arange(target) * scale + (scale // 2 - one // 2 if halved else 0)
    low = np.maximum(place // one, 0)  # a negative place is below 1/2, so that it is 0 however it is rounded
    high = np.minimum(-(-place // one), size - 1)
    return Line(low.astype(np.int32), high.astype(np.int32), (place - one * low).astype(np.int16))


def resize_bilinear(x: NDArray[np.int8], rows: Line, columns: Line) -> NDArray[np.int8]:
    """An image x [N, H, W, C] at the places of rows and columns."""
    wide, one = x.astype(np.int64), 1 << FRACTION_BITS
    down, right = (along.weight.astype(np.int64) for along in (rows, columns))
    down, right = down[:, np.newaxis, np.newaxis], right[:, np.newaxis]
    above, below = wide[:, rows.low], wide[:, rows.high]
    left = above[:, :, columns.low] * (one - down) + below[:, :, columns.low] * down
    total = left * (one - right)
    total += (above[:, :, columns.high] * (one - down) + below[:, :, columns.high] * down) * right
    return rounding_shift_right(total, 2 * FRACTION_BITS).astype(np.int8)
