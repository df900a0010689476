# SPDX-License-Identifier: Apache-2.0
"""Resampling, dimension by dimension."""

from __future__ import annotations

import numpy as np

from sconnx.graph.operator import Interpolation, Resize
from sconnx.reference.plain.registry import Array, plain
from sconnx.reference.resampling import is_same, taps


@plain(Resize)
def resize(operator: Resize, x: Array, *_: Array | None) -> Array:
    is_nearest = operator.interpolation is Interpolation.NEAREST
    result: Array = x if is_nearest else x.astype(np.float64)
    for axis, size in enumerate(x.shape):
        if is_same(operator, axis, size):
            continue
        along = taps(operator, axis, size)
        shape = (len(along.indices), -1) + (1,) * (x.ndim - axis - 1)
        # [..., output, taps, ...]
        parts: Array = np.take(result, along.indices, axis)
        if is_nearest:
            result = parts.squeeze(axis + 1)
        else:
            result = (parts * along.weights.reshape(shape)).sum(axis + 1)
        outside = np.array(operator.extrapolation).astype(result.dtype)
        result = np.where(along.outside.reshape(-1, *shape[2:]), outside, result)
    if x.dtype.kind == "f" or is_nearest:
        return result
    limits = np.iinfo(x.dtype)
    clipped: Array = np.clip(np.trunc(result), limits.min, limits.max)
    return clipped
