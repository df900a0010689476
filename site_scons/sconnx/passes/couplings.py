# SPDX-License-Identifier: Apache-2.0
"""Couplings: channels of two tensors of a node that can only be removed together, because the node works channel by channel.

A convolution and a fully connected layer mix their input channels, and couple nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.graph import Graph
from sconnx.graph.node import Node
from sconnx.graph.operator import Concat, Conv1D, Conv2D, FullyConnected, Pad2D, Reshape, Split, Transpose
from sconnx.graph.tensor import Constant
from sconnx.passes.intervals import ELEMENTWISE, POOLING, channel_count, is_quantized_int8
from sconnx.passes.weighted import DEPTHWISE

Channels = NDArray[np.int64]


class Coupling(NamedTuple):
    """Channel `first_channels[i]` of tensor `first` stays or goes with channel `second_channels[i]` of tensor `second`."""

    first: int
    first_channels: Channels
    second: int
    second_channels: Channels


def mixes(graph: Graph, node: Node) -> bool:
    """Whether each output channel is a weighted sum of all input channels, by constant weights."""
    operator = node.operator
    is_mixing = isinstance(operator, FullyConnected) or (isinstance(operator, Conv1D | Conv2D) and operator.groups == 1)
    return is_mixing and isinstance(graph.tensors[node.reads[1]], Constant)


def couplings(graph: Graph, node: Node) -> tuple[Coupling, ...] | None:
    """The couplings of a node; None when all channels of all its operands and outputs have to stay."""
    if not all(is_quantized_int8(graph.tensors[tensor]) for tensor in (*node.reads[:1], *node.outputs)):
        return None
    if mixes(graph, node):
        return ()
    operator, y = node.operator, node.outputs[0]
    if isinstance(operator, DEPTHWISE) and isinstance(graph.tensors[node.reads[1]], Constant):
        outputs = np.arange(channel_count(graph, y))
        return (Coupling(node.reads[0], outputs // operator.channel_multiplier, y, outputs),)
    if isinstance(operator, Concat):
        is_of_channels = operator.axis == len(graph.tensors[y].dims) - 1
        return tuple(_parts(graph, y, node.reads, is_of_channels))
    if isinstance(operator, Split):
        is_of_channels = operator.axis == len(graph.tensors[y].dims) - 1
        return tuple(_parts(graph, node.reads[0], node.outputs, is_of_channels))
    if isinstance(operator, Reshape):
        return _reshaped(graph, node.reads[0], y)
    if isinstance(operator, Transpose) and operator.permutation[-1] != len(operator.permutation) - 1:
        return None
    if isinstance(operator, ELEMENTWISE) and any(graph.tensors[x].dims != graph.tensors[y].dims for x in node.reads):
        return None
    if isinstance(operator, (*ELEMENTWISE, *POOLING, Pad2D, Transpose)):
        same = np.arange(channel_count(graph, y))
        return tuple(Coupling(x, same, y, same) for x in dict.fromkeys(node.reads))
    return None


def _parts(graph: Graph, whole: int, parts: Sequence[int], is_of_channels: bool) -> Iterator[Coupling]:
    """Of a tensor with its parts, which are one behind the other along the channels or along another dimension."""
    counts = [channel_count(graph, part) for part in parts]
    starts = accumulate(counts[:-1], initial=0) if is_of_channels else [0] * len(parts)
    for part, count, start in zip(parts, counts, starts, strict=True):
        yield Coupling(whole, np.arange(start, start + count), part, np.arange(count))


def _reshaped(graph: Graph, x: int, y: int) -> tuple[Coupling, ...] | None:
    """Where one last dimension is a multiple of the other, as in flattening NHWC, element i is of channels i modulo each."""
    counts = channel_count(graph, x), channel_count(graph, y)
    if max(counts) % min(counts):
        return None
    elements = np.arange(max(counts))
    return (Coupling(x, elements % counts[0], y, elements % counts[1]),)
