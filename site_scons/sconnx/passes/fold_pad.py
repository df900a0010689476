# SPDX-License-Identifier: Apache-2.0
"""Pad2D -> depthwise convolution or pooling, Pad -> convolution of float32: the padding becomes the operator's own.

A sequence is padded as an image of height 1, between two reshapes; there, a convolution takes its padding as well. A pad before a
convolution of images stays in the graph, for libs export the two as the MetaOperator PaddedConv2D.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np

from sconnx.graph.graph import Graph
from sconnx.graph.model import Model
from sconnx.graph.node import Node
from sconnx.graph.operator import (
    AveragePooling1D,
    AveragePooling2D,
    Conv1D,
    Conv2D,
    Conv3D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    Dims,
    MaxPooling1D,
    MaxPooling2D,
    Operator,
    Pad,
    Pad2D,
    PadMode,
    Reshape,
    as_2d,
)
from sconnx.graph.tensor import DType
from sconnx.passes.intervals import Interval, intervals
from sconnx.passes.rewrite import readers_of, reopen
from sconnx.reference.rule import Rule
from sconnx.reference.window import taps

CONVOLUTIONS = (Conv1D, Conv2D, Conv3D, DepthwiseConv1D, DepthwiseConv2D)
OF_IMAGES = (AveragePooling2D, DepthwiseConv2D, MaxPooling2D)
OF_SEQUENCES = (AveragePooling1D, Conv1D, DepthwiseConv1D, MaxPooling1D)


class Reader(NamedTuple):
    """A node that reads a padded tensor, maybe through a reshape to a sequence, and the tensor that it would read instead."""

    position: int
    node: Node
    source: int


def fold_pad(model: Model) -> Model:
    """Remove each Pad2D whose readers can all pad for themselves. The outputs stay the same, bit for bit."""
    model = _with_padded_convolutions(model)
    graph = model.graph
    pads = [node for node in graph.nodes if isinstance(node.operator, Pad2D) and node.reads[0] in model.params.scale]
    if not pads:
        return model
    known = intervals(model)
    builder = reopen(model)
    for pad in pads:
        x = pad.reads[0]
        is_positive = x in known and _is_positive(known[x], int(model.params.zero_point[x][0]))  # of int8
        folded = [(reader, _folded(graph, reader.node, pad, is_positive)) for reader in _readers(graph, pad)]
        if any(operator is None for _, operator in folded):
            continue
        for reader, operator in folded:
            assert operator is not None
            node = builder.nodes[reader.position]
            builder.nodes[reader.position] = replace(node, operator=operator, inputs=(reader.source, *node.inputs[1:]))
    return builder.build(list(graph.outputs))


def _with_padded_convolutions(model: Model) -> Model:
    """Without the Pad nodes of float32 that only surround what convolutions read with zeros."""
    graph = model.graph
    builder = reopen(model)
    for pad in graph.nodes:
        if not isinstance(pad.operator, Pad) or not _surrounds(graph, pad):
            continue
        sides = (*pad.operator.before[1:-1], *pad.operator.after[1:-1])
        readers = _direct(graph, pad.outputs[0])
        if not all(isinstance(node.operator, CONVOLUTIONS) and node.inputs[0] == pad.outputs[0] for _, node in readers):
            continue
        for position, node in readers:
            operator = cast(Conv2D, node.operator)
            padding = tuple(map(sum, zip(operator.padding, sides, strict=True)))
            folded = replace(operator, padding=cast(Any, padding))
            builder.nodes[position] = replace(node, operator=folded, inputs=(pad.reads[0], *node.inputs[1:]))
    return builder.build(list(graph.outputs))


def _surrounds(graph: Graph, pad: Node) -> bool:
    """Whether a Pad adds zeros around images of float32, or around sequences or volumes."""
    operator = cast(Pad, pad.operator)
    outside = (operator.before[:1], operator.before[-1:], operator.after[:1], operator.after[-1:])
    is_zero = operator.mode is PadMode.CONSTANT and operator.value == 0
    is_growing = len(operator.before) > 2 and min(*operator.before, *operator.after) >= 0
    is_real = graph.tensors[pad.reads[0]].dtype is DType.FLOAT32
    return is_real and is_zero and is_growing and not any(map(any, outside))


def _readers(graph: Graph, pad: Node) -> Iterator[Reader]:
    sequence = _sequence(graph, pad)
    for position, node in _direct(graph, pad.outputs[0]):
        behind = _direct(graph, node.outputs[0]) if isinstance(node.operator, Reshape) else []
        batch, _, *rest = graph.tensors[pad.outputs[0]].dims
        is_sequence = graph.tensors[node.outputs[0]].dims == (batch, *rest)
        if sequence is not None and behind and is_sequence:
            yield from (Reader(*found, sequence) for found in behind)
        else:
            yield Reader(position, node, pad.reads[0])


def _direct(graph: Graph, tensor: int) -> list[tuple[int, Node]]:
    readers = readers_of(graph, tensor)
    return [(position, node) for position, node in enumerate(graph.nodes) if node in readers]


def _sequence(graph: Graph, pad: Node) -> int | None:
    """The sequence [N,L,C] that was reshaped to the image [N,1,L,C] which is padded; None when it was not, or gets more rows."""
    (x,) = pad.reads
    batch, height, *rest = graph.tensors[x].dims
    writer = next((node for node in graph.nodes if x in node.outputs), None)
    if writer is None or not isinstance(writer.operator, Reshape):
        return None
    source = writer.reads[0]
    is_one_row = graph.tensors[pad.outputs[0]].dims[1] == height == 1
    return source if is_one_row and graph.tensors[source].dims == (batch, *rest) else None


def _is_positive(x: Interval, zero_point: int) -> bool:
    """Whether no element stands for a number below 0."""
    return bool((x.low >= zero_point).all())


def _folded(graph: Graph, node: Node, pad: Node, is_positive: bool) -> Operator | None:
    """The operator of a reader with the padding of both; None where that is not the same.

    A convolution pads with real 0, as Pad2D does. An average counts the padding of Pad2D, so its own must count too. A maximum
    leaves its own padding out, which changes nothing where no element is below 0.
    """
    operator = node.operator
    if not isinstance(operator, (*OF_IMAGES, *OF_SEQUENCES)):
        return None
    outer, inner = cast(Pad2D, pad.operator).padding, cast(DepthwiseConv2D, as_2d(operator)).padding
    top, left, bottom, right = (a + b for a, b in zip(outer, inner, strict=True))
    is_sequence = isinstance(operator, OF_SEQUENCES)
    folded = replace(operator, padding=(left, right) if is_sequence else (top, left, bottom, right))  # type: ignore[arg-type]
    if isinstance(folded, Conv1D | DepthwiseConv1D | DepthwiseConv2D):
        return folded
    pool = cast(AveragePooling2D | MaxPooling2D, as_2d(folded))
    if not _windows_hold_a_value(graph.tensors[pad.reads[0]].dims, pool):
        return None
    if isinstance(folded, MaxPooling1D | MaxPooling2D):
        return folded if is_positive else None
    counts = folded.count_include_pad or not any(inner)
    return replace(folded, count_include_pad=True) if counts and graph.rule is Rule.ONNX else None


def _windows_hold_a_value(dims: Dims, pool: AveragePooling2D | MaxPooling2D) -> bool:
    """Whether no window lies in the padding as a whole."""
    dilation = pool.dilation_dims if isinstance(pool, MaxPooling2D) else (1, 1)
    inside = np.ones((1, *dims[1:3], 1), np.int64)
    windows = taps(inside, pool.kernel_dims, pool.stride_dims, dilation, pool.padding, 0)
    return bool(np.all(sum(values for _, _, values in windows)))
