# SPDX-License-Identifier: Apache-2.0
"""Sliding windows over the height and width of NHWC arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pair = tuple[int, int]
"""Height, width."""
Padding = tuple[int, int, int, int]
"""Top, left, bottom, right."""


def output_size(size: int, kernel: int, stride: int, dilation: int, before: int, after: int) -> int:
    """Number of window positions along one axis.

    Raises:
        ValueError: the window is larger than the padded axis.
    """
    span = (kernel - 1) * dilation + 1
    padded = size + before + after
    if span > padded:
        raise ValueError(f"a window of {span} does not fit a padded axis of {padded}")
    return (padded - span) // stride + 1


def taps(
    x: NDArray[Any], kernel: Pair, stride: Pair, dilation: Pair, padding: Padding, fill: int
) -> Iterator[tuple[int, int, NDArray[Any]]]:
    """For each kernel element (i, j): the input values under it, [N, rows out, columns out, C].

    Padding has the value `fill`.
    """
    top, left, bottom, right = padding
    rows = output_size(x.shape[1], kernel[0], stride[0], dilation[0], top, bottom)
    columns = output_size(x.shape[2], kernel[1], stride[1], dilation[1], left, right)
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=fill)
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            row, column = i * dilation[0], j * dilation[1]
            last_row = row + (rows - 1) * stride[0]
            last_column = column + (columns - 1) * stride[1]
            yield i, j, padded[:, row : last_row + 1 : stride[0], column : last_column + 1 : stride[1]]
