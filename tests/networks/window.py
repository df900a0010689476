# SPDX-License-Identifier: Apache-2.0
"""The windows of convolutions and poolings with SAME padding, tap by tap, on integers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def taps(x: Integers, kernel: tuple[int, int], stride: int, padding_value: int) -> Iterator[tuple[int, int, Integers]]:
    """For every position (i, j) of the kernel: the values [N, OH, OW, C] that it meets in x [N, H, W, C].

    SAME padding: ceil(size / stride) windows, the smaller half of the padding at the top and at the left.
    """
    outputs = [-(-size // stride) for size in x.shape[1:3]]
    totals = [
        max((count - 1) * stride + extent - size, 0)
        for count, extent, size in zip(outputs, kernel, x.shape[1:3], strict=True)
    ]
    rows, columns = ((total // 2, total - total // 2) for total in totals)
    padded = np.pad(x, ((0, 0), rows, columns, (0, 0)), constant_values=padding_value)
    for i, j in product(range(kernel[0]), range(kernel[1])):
        last_row, last_column = i + (outputs[0] - 1) * stride, j + (outputs[1] - 1) * stride
        yield i, j, padded[:, i : last_row + 1 : stride, j : last_column + 1 : stride]


def convolve(x: Integers, weights: NDArray[np.int8], stride: int) -> Integers:
    """Accumulators of x [N, H, W, I], padded with 0, and weights [O, kh, kw, I].

    The products are summed in float64, which holds every int32 sum exactly in any order.
    """
    factors = weights.astype(np.float64)
    total = sum(
        values.astype(np.float64) @ factors[:, i, j].T for i, j, values in taps(x, weights.shape[1:3], stride, 0)
    )
    return np.asarray(total).astype(np.int64)


def convolve_depthwise(x: Integers, weights: NDArray[np.int8], stride: int) -> Integers:
    """Accumulators of x [N, H, W, C], padded with 0, and weights [1, kh, kw, C]."""
    factors = weights.astype(np.int64)
    return np.asarray(sum(values * factors[0, i, j] for i, j, values in taps(x, weights.shape[1:3], stride, 0)))


def largest(codes: NDArray[np.int8], kernel: tuple[int, int], stride: int) -> NDArray[np.int8]:
    """Maximum pooling of codes [N, H, W, C]; padding never wins."""
    values = (values for _, _, values in taps(codes.astype(np.int64), kernel, stride, -128))
    result: NDArray[np.int8] = np.maximum.reduce(list(values)).astype(np.int8)
    return result


def average(codes: NDArray[np.int8], kernel: tuple[int, int], stride: int) -> NDArray[np.int8]:
    """Average pooling of codes [N, H, W, C] without the padding, halves away from zero."""
    total = np.asarray(sum(values for _, _, values in taps(codes.astype(np.int64), kernel, stride, 0)))
    inside = np.ones((1, *codes.shape[1:3], 1), np.int64)
    count = np.asarray(sum(values for _, _, values in taps(inside, kernel, stride, 0)))
    result: NDArray[np.int8] = (np.sign(total) * ((np.abs(total) + count // 2) // count)).astype(np.int8)
    return result
