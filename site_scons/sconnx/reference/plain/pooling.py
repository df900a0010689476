# SPDX-License-Identifier: Apache-2.0
"""Pooling; sums are gathered in float64."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sconnx.graph.operator import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    Dims,
    LpPooling2D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from sconnx.reference.plain.activation import activate
from sconnx.reference.plain.registry import Array, plain
from sconnx.reference.plain.sliding import taps

Average = AveragePooling1D | AveragePooling2D | AveragePooling3D
Max = MaxPooling1D | MaxPooling2D | MaxPooling3D


@plain(AveragePooling1D, AveragePooling2D, AveragePooling3D)
def average_pooling(operator: Average, x: Array) -> Array:
    """The mean of no element is NaN."""
    total = sum(values for _, values in _taps(operator, x.astype(np.float64), 0.0))
    fill = 1.0 if operator.count_include_pad else 0.0
    count = sum(values for _, values in _taps(operator, np.ones(x.shape), fill))
    return activate(np.asarray(total / count), operator.activation)


@plain(MaxPooling1D, MaxPooling2D, MaxPooling3D)
def max_pooling(operator: Max, x: Array) -> Array:
    """The largest of no element is the least that there is."""
    least = -np.inf if np.issubdtype(x.dtype, np.floating) else np.iinfo(x.dtype).min
    views = [values for _, values in _taps(operator, x, least)]
    return activate(np.maximum.reduce(views), operator.activation)


@plain(LpPooling2D)
def lp_pooling(operator: LpPooling2D, x: Array) -> Array:
    powers = np.abs(x.astype(np.float64)) ** operator.p
    total = sum(values for _, values in _taps(operator, powers, 0.0))
    return np.asarray(total ** (1 / operator.p))


def _taps(operator: Average | Max | LpPooling2D, x: Array, fill: float) -> Iterator[tuple[Dims, Array]]:
    return taps(x, operator.kernel_dims, operator.stride_dims, operator.dilation_dims, operator.padding, fill)
