# SPDX-License-Identifier: Apache-2.0
"""Reading images at given places."""

from __future__ import annotations

import itertools

import numpy as np

from sconnx.graph.operator import GridSample, Interpolation, Outside
from sconnx.reference.plain.registry import Array, plain

CUBIC = -0.75
"""The coefficient of cubic convolution (R. G. Keys, 1981)."""


@plain(GridSample)
def grid_sample(operator: GridSample, x: Array, grid: Array) -> Array:
    """The sum over the taps of each spatial dimension, multiplied with each other."""
    sizes = x.shape[1:-1]
    axes = [_taps(operator, size, grid[..., -1 - axis]) for axis, size in enumerate(sizes)]
    batch = np.arange(len(x)).reshape(-1, *(1 for _ in sizes))
    total = np.zeros((*grid.shape[:-1], x.shape[-1]), np.float32)
    for taps in itertools.product(*(range(len(weights)) for _, weights in axes)):
        places = tuple(indices[tap] for tap, (indices, _) in zip(taps, axes, strict=True))
        weight = np.prod([weights[tap] for tap, (_, weights) in zip(taps, axes, strict=True)], axis=0)
        total += x[(batch, *places)] * weight[..., None].astype(np.float32)
    return total


def _taps(operator: GridSample, size: int, named: Array) -> tuple[list[Array], list[Array]]:
    """Indices and weights of the elements that are read along one dimension."""
    place: Array = named.astype(np.float32)
    place = (place + 1) / 2 * (size - 1) if operator.align_corners else ((place + 1) * size - 1) / 2
    low, high = (0.0, size - 1.0) if operator.align_corners else (-0.5, size - 0.5)
    if operator.interpolation is Interpolation.NEAREST:
        place = np.rint(place)
    if operator.outside is Outside.BORDER:
        place = np.where((place < low) | (place > high), np.clip(place, 0, size - 1), place)
    elif operator.outside is Outside.REFLECTION:
        place = _reflected(place, low, high)
    first = np.floor(place)
    part = place - first
    if operator.interpolation is Interpolation.NEAREST:
        offsets, weights = [0], [np.ones_like(place)]
    elif operator.interpolation is Interpolation.LINEAR:
        offsets, weights = [0, 1], [1 - part, part]
    else:
        offsets, weights = [-1, 0, 1, 2], [_cubic(part + 1), _cubic(part), _cubic(1 - part), _cubic(2 - part)]
    indices = []
    for number, offset in enumerate(offsets):
        index = first + offset
        if operator.outside is Outside.ZEROS:
            weights[number] = np.where((index >= 0) & (index < size), weights[number], 0)
        elif operator.outside is Outside.REFLECTION:
            index = _reflected(index, low, high)
        indices.append(np.clip(index, 0, size - 1).astype(np.int64))
    return indices, weights


def _reflected(place: Array, low: float, high: float) -> Array:
    """Mirrored at low and high until it is between them."""
    length = high - low
    if length == 0:
        return np.full_like(place, low)
    around = np.mod(place - low, 2 * length)
    return np.where((place < low) | (place > high), low + np.minimum(around, 2 * length - around), place)


def _cubic(distance: Array) -> Array:
    """The weight of an element at this distance, 0 to 2."""
    near = ((CUBIC + 2) * distance - (CUBIC + 3)) * distance**2 + 1
    far = ((CUBIC * distance - 5 * CUBIC) * distance + 8 * CUBIC) * distance - 4 * CUBIC
    return np.where(distance <= 1, near, far)
