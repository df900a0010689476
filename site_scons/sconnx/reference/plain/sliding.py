# SPDX-License-Identifier: Apache-2.0
"""Windows that slide over the spatial dimensions of NLC, NHWC or NDHWC arrays."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from sconnx.graph.operator import Dims, window_dims
from sconnx.reference.plain.registry import Array


def taps(
    x: Array, kernel: Dims, stride: Dims, dilation: Dims, padding: Dims, fill: float
) -> Iterator[tuple[Dims, Array]]:
    """For each kernel element, the position in the kernel and the input values under it [N, windows..., C].

    Args:
        padding: before each spatial dimension, then after each; it has the value `fill`.
    """
    rank = len(kernel)
    counts = window_dims(x.shape, kernel, stride, dilation, padding)[1:]
    pads = [(0, 0), *zip(padding[:rank], padding[rank:], strict=True), (0, 0)]
    padded = np.pad(x, pads, constant_values=fill)
    for position in itertools.product(*map(range, kernel)):
        first = [index * step for index, step in zip(position, dilation, strict=True)]
        axes = zip(first, counts, stride, strict=True)
        yield position, padded[:, *(slice(at, at + (count - 1) * step + 1, step) for at, count, step in axes)]
