# SPDX-License-Identifier: Apache-2.0
"""How a depthwise window is split into passes: pairs of weights whose inputs lie side by side in planes of pairs."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.operator import DepthwiseConv2D

PLANE_COLUMNS = 16
"""SX_PLANE_COLUMNS: the input columns that a block reaches over at most."""

Tap = tuple[int, int]
"""Row and column of a weight in the window."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One sx_depthwise_pass.

    Args:
        pairs: the weights (a, b) of each pair; without b, a stands alone.
        a_column, b_column: of the inputs of the first pair, in input columns from the window's first.
        dilation: from pair to pair, in units of the stride.
    """

    pairs: tuple[tuple[Tap, Tap | None], ...]
    a_column: int
    b_column: int
    dilation: int

    @property
    def fields(self) -> tuple[int, ...]:
        a, b = self.pairs[0]
        return a[0], self.a_column, (b or a)[0], self.b_column, len(self.pairs), self.dilation

    @property
    def word_count(self) -> int:
        """Words of weights of a channel."""
        return -(-len(self.pairs) // 2)

    def words(self, weights: NDArray[np.integer]) -> NDArray[np.int32]:
        """Weights [kh, kw, O] int8 -> int32 [O, words]; the bytes of a word are a[t] a[t+1] b[t] b[t+1]."""
        quads = np.zeros((weights.shape[-1], self.word_count, 2, 2), np.int8)
        for t, pair in enumerate(self.pairs):
            for which, tap in enumerate(pair):
                if tap is not None:
                    quads[:, t // 2, which, t % 2] = weights[tap]
        words: NDArray[np.int32] = quads.reshape(len(quads), -1).view("<i4").astype(np.int32)
        return words


def window_passes(operator: DepthwiseConv2D, block: int) -> list[Pass]:
    """Passes that take every weight once: pairs of rows, then pairs of columns of an odd last row.

    Args:
        block: output pixels, in fours; planes hold the columns that a pass wants for them.
    """
    height, width = operator.kernel_dims
    stride, dilation = operator.stride_dims[1], operator.dilation_dims[1]
    passes = []
    for row in range(0, height - 1, 2):
        down = [((row, x), (row + 1, x)) for x in range(width)]
        passes += _split(down, dilation, 0, stride, block)
    if height % 2:
        last = height - 1
        along = [((last, x), (last, x + 1) if x + 1 < width else None) for x in range(0, width, 2)]
        passes += _split(along, 2 * dilation, dilation if width > 1 else 0, stride, block)
    return passes


def row_cost(operator: DepthwiseConv2D, width: int, outputs: int, block: int) -> int:
    """About how many instructions a row of `width` pixels takes for a group of channels with `outputs` outputs."""
    cost = 0
    for first in range(0, width, block):
        pixels = min(block, width - first)
        rounds = -(-pixels // 4)
        for taps in window_passes(operator, block):
            columns = pixels + (len(taps.pairs) - 1) * taps.dilation
            cost += 120 + 13 * columns + outputs * (16 + rounds * (15 + 9 * len(taps.pairs)))
        cost += outputs * (40 + 6 * pixels)
    return cost


def _split(
    pairs: list[tuple[Tap, Tap]] | list[tuple[Tap, Tap | None]], columns: int, across: int, stride: int, block: int
) -> list[Pass]:
    """Pairs that lie `columns` apart, b being `across` columns from a: those a multiple of the stride apart go together."""
    together = stride // gcd(stride, columns)
    dilation = together * columns // stride
    most = 1 + (PLANE_COLUMNS - block) // dilation
    found = []
    for phase in range(min(together, len(pairs))):
        members = list(enumerate(pairs))[phase::together]
        for start in range(0, len(members), most):
            chunk = members[start : start + most]
            column = chunk[0][0] * columns
            found.append(Pass(tuple(pair for _, pair in chunk), column, column + across, dilation))
    return found
