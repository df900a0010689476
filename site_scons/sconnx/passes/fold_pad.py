# SPDX-License-Identifier: Apache-2.0
"""Pad2D -> depthwise convolution or pooling: the padding becomes the operator's own, and nothing is copied.

A pad before a convolution stays in the graph, for libs export the two as the MetaOperator PaddedConv2D.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from sconnx.graph.graph import Graph
from sconnx.graph.model import Model
from sconnx.graph.node import Node
from sconnx.graph.operator import AveragePooling2D, DepthwiseConv2D, MaxPooling2D, Operator, Pad2D
from sconnx.passes.intervals import Interval, intervals
from sconnx.passes.rewrite import readers_of, reopen
from sconnx.reference.rule import Rule
from sconnx.reference.window import Padding, taps

WINDOWED = (AveragePooling2D, DepthwiseConv2D, MaxPooling2D)


def fold_pad(model: Model) -> Model:
    """Remove each Pad2D whose readers can all pad for themselves. The outputs stay the same, bit for bit."""
    graph = model.graph
    pads = [node for node in graph.nodes if isinstance(node.operator, Pad2D)]
    if not pads:
        return model
    known = intervals(model)
    builder = reopen(model)
    for pad in pads:
        x, padded = pad.reads[0], pad.outputs[0]
        is_positive = _is_positive(known[x], int(model.params.zero_point[x][0]))
        folded = {position: _folded(graph, node, pad, is_positive) for position, node in _readers(graph, padded)}
        if not folded or None in folded.values():
            continue
        for position, operator in folded.items():
            assert operator is not None
            node = builder.nodes[position]
            builder.nodes[position] = replace(node, operator=operator, inputs=(x, *node.inputs[1:]))
    return builder.build(list(graph.outputs))


def _readers(graph: Graph, tensor: int) -> list[tuple[int, Node]]:
    readers = readers_of(graph, tensor)
    return [(position, node) for position, node in enumerate(graph.nodes) if node in readers]


def _is_positive(x: Interval, zero_point: int) -> bool:
    """Whether no element stands for a number below 0."""
    return bool((x.low >= zero_point).all())


def _folded(graph: Graph, node: Node, pad: Node, is_positive: bool) -> Operator | None:
    """The operator of a reader with the padding of both; None where that is not the same.

    A depthwise convolution pads with real 0, as Pad2D does. An average counts the padding of Pad2D, so its own must count too.
    A maximum leaves its own padding out, which changes nothing where no element is below 0.
    """
    operator = node.operator
    if not isinstance(operator, WINDOWED):
        return None
    both = tuple(
        outer + inner for outer, inner in zip(cast(Pad2D, pad.operator).padding, operator.padding, strict=True)
    )
    folded = replace(operator, padding=cast(Padding, both))
    if isinstance(folded, DepthwiseConv2D):
        return folded
    if not _windows_hold_a_value(graph.tensors[pad.reads[0]].dims, folded):
        return None
    if isinstance(folded, MaxPooling2D):
        return folded if is_positive else None
    counts = folded.count_include_pad or not any(operator.padding)
    return replace(folded, count_include_pad=True) if counts and graph.rule is Rule.ONNX else None


def _windows_hold_a_value(dims: tuple[int, ...], pool: AveragePooling2D | MaxPooling2D) -> bool:
    """Whether no window lies in the padding as a whole."""
    dilation = pool.dilation_dims if isinstance(pool, MaxPooling2D) else (1, 1)
    inside = np.ones((1, *dims[1:3], 1), np.int64)
    windows = taps(inside, pool.kernel_dims, pool.stride_dims, dilation, pool.padding, 0)
    return bool(np.all(sum(values for _, _, values in windows)))
