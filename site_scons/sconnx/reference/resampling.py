# SPDX-License-Identifier: Apache-2.0
"""What Resize does along one dimension: which input elements an output element is made of, and with which weights.

The formulas are those of the ONNX operator Resize (opset 19).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.operator import Coordinates, Interpolation, Nearest, Resize

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Taps:
    """Output element i along a dimension is the sum of weights[i, t] * input[indices[i, t]].

    Args:
        indices: [size of the output, taps], each within the input.
        weights: of the same dims.
        outside: [size of the output], whether the element is the extrapolation value instead.
    """

    indices: NDArray[np.int32]
    weights: Floats
    outside: NDArray[np.bool_]


def is_same(operator: Resize, axis: int, size: int) -> bool:
    """Whether a dimension of `size` elements stays as it is."""
    crop = operator.crop[axis] if operator.coordinates is Coordinates.CROP and operator.crop else (0.0, 1.0)
    return operator.dims[axis] == size and math.isclose(_scale(operator, axis, size), 1.0) and crop == (0.0, 1.0)


def _scale(operator: Resize, axis: int, size: int) -> float:
    return operator.scales[axis] if operator.scales else operator.dims[axis] / size


def _places(operator: Resize, axis: int, size: int) -> Floats:
    """The place in the input of each output element."""
    count, scale = operator.dims[axis], _scale(operator, axis, size)
    i = np.arange(count, dtype=np.float64)
    length = scale * size
    match operator.coordinates:
        case Coordinates.ALIGN_CORNERS:
            return np.zeros(count) if length == 1 else i * (size - 1) / (length - 1)
        case Coordinates.ASYMMETRIC:
            return i / scale
        case Coordinates.CROP:
            start, end = operator.crop[axis] if operator.crop else (0.0, 1.0)
            span = (end - start) * (size - 1)
            return start * (size - 1) + (np.full(count, span / 2) if length == 1 else i * span / (length - 1))
        case Coordinates.PYTORCH_HALF_PIXEL if length == 1:
            return np.full(count, -0.5)
        case Coordinates.HALF_PIXEL_SYMMETRIC:
            return size / 2 * (1 - count / length) + (i + 0.5) / scale - 0.5
    return (i + 0.5) / scale - 0.5


def _nearest(places: Floats, mode: Nearest) -> Floats:
    match mode:
        case Nearest.FLOOR:
            return np.floor(places)
        case Nearest.CEIL:
            return np.ceil(places)
        case Nearest.ROUND_PREFER_FLOOR:
            return np.ceil(places - 0.5)
    return np.floor(places + 0.5)


def _cubic(distance: Floats, a: float) -> Floats:
    """R. G. Keys, Cubic convolution interpolation for digital image processing, 1981."""
    near = ((a + 2) * distance - (a + 3)) * distance**2 + 1
    far = ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0.0))


def _weights(operator: Resize, distance: Floats, shrink: float) -> Floats:
    """Of elements at a distance of a place; the window grows by 1 / shrink."""
    if operator.interpolation is Interpolation.LINEAR:
        return np.maximum(1 - distance * shrink, 0.0)
    return _cubic(distance * shrink, operator.cubic)


def taps(operator: Resize, axis: int, size: int) -> Taps:
    """How `axis`, of `size` input elements, is resampled."""
    places = _places(operator, axis, size)
    outside = np.zeros(len(places), np.bool_)
    if operator.coordinates is Coordinates.CROP:
        outside = (places < 0) | (places > size - 1)
    if operator.interpolation is Interpolation.NEAREST:
        indices = np.clip(_nearest(places, operator.nearest), 0, size - 1).astype(np.int32)[:, np.newaxis]
        return Taps(indices, np.ones(indices.shape), outside)
    shrink = min(_scale(operator, axis, size), 1.0) if operator.antialias else 1.0
    reach = 1 if operator.interpolation is Interpolation.LINEAR else 2
    before = math.ceil(reach / shrink) - 1
    # The window lies around the place, whose left neighbour is the element before it where it is one itself.
    offsets = np.arange(-before, before + 2)
    indices = (np.ceil(places) - 1).astype(np.int64)[:, np.newaxis] + offsets
    weights = _weights(operator, np.abs(indices - places[:, np.newaxis]), shrink)
    if operator.antialias:
        weights = weights / weights.sum(axis=1, keepdims=True)
    if operator.exclude_outside:
        weights = np.where((indices < 0) | (indices >= size), 0.0, weights)
        total = weights.sum(axis=1, keepdims=True)
        weights = weights / np.where(total == 0, 1.0, total)
    return Taps(np.clip(indices, 0, size - 1).astype(np.int32), weights, outside)
