# SPDX-License-Identifier: Apache-2.0
"""How far the output of a single node may run into an input that nobody reads afterwards.

The node's calls are followed in their order, down to blocks of pixels where the implementation states its columns:

    distance = max over blocks b of (end of the output written with b - first byte of the input that b or a later block reads)

With the input at least that far above the output nothing is overwritten that is still read. (Called diagonal memory
optimisation in arXiv 2010.01668, there for whole operators.) In descending order of the rows the mirrored statement holds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sconnx.export.access import Columns, Elementwise, Fold, Window
from sconnx.export.lowered import Lowered
from sconnx.schedule.calls import NodeCalls, Rows
from sconnx.schedule.overlap import Overlap

_POINTWISE = Columns(kernel=1, stride=1, dilation=1, pad=0)
Bytes = NDArray[np.int64]


def node_overlap(lowered: Lowered, calls: NodeCalls, source: Rows, target: Rows) -> Overlap | None:
    """The overlap of one node's output with one of its inputs; None when the order of its accesses is unknown."""
    if calls.operands.count(source) != 1:
        return None
    position = calls.operands.index(source)
    if isinstance(calls.access, Elementwise):
        forward = _elementwise_distance(lowered, source, target)
        return Overlap(source=source.tensor, target=target.tensor, forward_bytes=forward)
    if isinstance(calls.access, Fold):
        forward = target.size_bytes - (source.height - 1) * source.row_bytes
        return Overlap(source=source.tensor, target=target.tensor, forward_bytes=forward)
    if not isinstance(calls.access, Window):
        return None
    columns = calls.access.columns
    if columns is None:
        forward = row_distance(calls, position, target)
    else:
        forward = _pixel_distance(lowered, calls, position, target, columns)
    backward = row_distance(calls.mirrored, position, target)
    return Overlap(source=source.tensor, target=target.tensor, forward_bytes=forward, reversed_bytes=backward)


def _elementwise_distance(lowered: Lowered, source: Rows, target: Rows) -> int:
    tensors = lowered.graph.tensors
    elements = tensors[target.tensor].size
    if tensors[source.tensor].size != elements:
        return target.size_bytes
    gain = (target.size_bytes - source.size_bytes) // elements
    return max(gain, (elements - 1) * gain) if elements > 1 else -source.size_bytes


def _first_rows(calls: NodeCalls, position: int) -> Bytes:
    """The first input row that each call reads; a call that reads only padding has the number of rows."""
    operand = calls.operands[position]
    if operand is None:
        raise ValueError(f"operand {position} of node {calls.node} is a constant")
    return np.array([first if first < end else operand.height for first, end in calls.reads[position]], np.int64)


def _latest(still_read: Bytes) -> Bytes:
    """The first byte that an entry or a later one reads."""
    return np.minimum.accumulate(still_read[::-1])[::-1]


def row_distance(calls: NodeCalls, position: int, target: Rows) -> int:
    """The distance when a call may write any byte of its row before it reads."""
    source = calls.operands[position]
    assert source is not None
    still_read = _latest(_first_rows(calls, position) * source.row_bytes)
    return int((np.arange(1, calls.count + 1) * target.row_bytes - still_read).max())


def _pixel_distance(lowered: Lowered, calls: NodeCalls, position: int, target: Rows, columns: Columns) -> int:
    """The distance with a row's blocks of pixels from left to right."""
    source = calls.operands[position]
    assert source is not None
    in_width, out_width = (lowered.graph.tensors[rows.tensor].width for rows in (source, target))
    seen = columns if position == 0 else _POINTWISE
    x = np.arange(out_width, dtype=np.int64)
    column = x * seen.stride - seen.pad
    # Columns before the first are padding; the window goes on in steps of the dilation.
    column = np.where(column < 0, column + -(column // seen.dilation) * seen.dilation, column)
    in_pixel, out_pixel = source.row_bytes // in_width, target.row_bytes // out_width
    last = x % columns.block == columns.block - 1
    last[-1] = True
    block = np.concatenate(([0], np.cumsum(last)[:-1]))
    first_column = np.minimum.reduceat(np.minimum(column, in_width), np.flatnonzero(np.diff(block, prepend=-1)))
    first_row = _first_rows(calls, position)
    read = (first_row[:, None] * source.row_bytes + first_column[None, :] * in_pixel).ravel()
    end = (np.arange(calls.count)[:, None] * target.row_bytes + ((x[last] + 1) * out_pixel)[None, :]).ravel()
    still_read = _latest(read)
    if columns.reads_first:
        end, still_read = end[:-1], still_read[1:]
    return int((end - still_read).max()) if len(end) else -source.size_bytes
