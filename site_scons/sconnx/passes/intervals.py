# SPDX-License-Identifier: Apache-2.0
"""Interval analysis: between which int8 values each channel of each tensor stays, whatever the inputs are.

A channel is an index of a tensor's last dimension. The bounds come from the reference arithmetic itself: of an operator that
is monotone, from running it on the bounds of its inputs; of a table, from all its entries in range; of weights, from the least
and the greatest accumulator, since requantisation is monotone in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.graph import Graph
from sconnx.graph.model import Model
from sconnx.graph.node import Node
from sconnx.graph.operator import (
    Add,
    AveragePooling1D,
    AveragePooling2D,
    Concat,
    FullyConnected,
    MaxPooling1D,
    MaxPooling2D,
    Mul,
    Pad2D,
    Relu,
    Relu6,
    Requantize,
    Reshape,
    Sigmoid,
    Split,
    Sub,
    Tanh,
    Transpose,
)
from sconnx.graph.tensor import Constant, DType, Tensor
from sconnx.passes.weighted import Weighted, weighted
from sconnx.reference.execute import QUANTIZED, Run
from sconnx.reference.fixed_point import INT32_MAX, INT32_MIN
from sconnx.reference.requantize import (
    INT8_MAX,
    INT8_MIN,
    requantize_fully_connected,
    requantize_products,
)

POOLING = (AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D)
ELEMENTWISE = (Add, Sub, Mul, Relu, Relu6, Requantize, Sigmoid, Tanh)
MOVING = (Concat, Pad2D, Reshape, Split, Transpose)

_CODES = np.arange(INT8_MIN, INT8_MAX + 1).astype(np.int8)


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """The least and the greatest value of each channel, int8 (channels,)."""

    low: NDArray[np.int8]
    high: NDArray[np.int8]

    @property
    def is_constant(self) -> NDArray[np.bool_]:
        result: NDArray[np.bool_] = self.low == self.high
        return result


Intervals = dict[int, Interval]


def channel_count(graph: Graph, tensor: int) -> int:
    """Length of the last dimension."""
    return graph.tensors[tensor].dims[-1] if graph.tensors[tensor].dims else 1


def is_quantized_int8(tensor: Tensor) -> bool:
    """Whether int8 elements stand for real numbers."""
    return tensor.dtype is DType.INT8 and tensor.quantization is not None


def intervals(model: Model) -> Intervals:
    """The interval of every int8 tensor of the graph by tensor index, constants included."""
    graph = model.graph
    found: Intervals = {}
    for index, tensor in enumerate(graph.tensors):
        if is_quantized_int8(tensor):
            value = model.params.value.get(index) if isinstance(tensor, Constant) else None
            found[index] = _anything(graph, index) if value is None else _hull(value, value)
    for node in graph.nodes:
        operands = node.reads if isinstance(node.operator, (*ELEMENTWISE, *MOVING)) else node.reads[:1]
        if all(tensor in found for tensor in (*operands, *node.outputs)):
            # The arithmetic refuses some scales; what is said of such a node is for later steps to say.
            with suppress(ValueError):
                found.update(zip(node.outputs, _of_outputs(model, node, found), strict=True))
    return found


def _anything(graph: Graph, tensor: int) -> Interval:
    count = channel_count(graph, tensor)
    return Interval(np.full(count, INT8_MIN, np.int8), np.full(count, INT8_MAX, np.int8))


def _hull(low: NDArray[Any], high: NDArray[Any]) -> Interval:
    """The interval of each channel from the bounds of every element."""
    axes = tuple(range(low.ndim - 1))
    return Interval(np.atleast_1d(low.min(axis=axes)), np.atleast_1d(high.max(axis=axes)))


def _of_outputs(model: Model, node: Node, known: Mapping[int, Interval]) -> tuple[Interval, ...]:
    if isinstance(node.operator, ELEMENTWISE):
        return (_of_elements(model, node, known),)
    if isinstance(node.operator, (*POOLING, *MOVING)):
        lows = _run(model, node, {t: np.broadcast_to(known[t].low, model.graph.tensors[t].dims) for t in node.reads})
        highs = _run(model, node, {t: np.broadcast_to(known[t].high, model.graph.tensors[t].dims) for t in node.reads})
        # Both bounds of each end: padding has one value, which may lie beyond either.
        return tuple(_hull(np.minimum(low, high), np.maximum(low, high)) for low, high in zip(lows, highs, strict=True))
    layer = weighted(model, node)
    if layer is not None:
        return (_of_products(model, node, layer, known[node.reads[0]]),)
    return tuple(_anything(model.graph, tensor) for tensor in node.outputs)


def accumulators(layer: Weighted, x: Interval, zero_point: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The least and the greatest accumulator of each output, (outputs,), for an input of this zero point."""
    low, high = (end.astype(np.float64) - zero_point for end in (x.low, x.high))
    if layer.is_padded:
        low, high = np.minimum(low, 0), np.maximum(high, 0)
    positive = np.maximum(layer.factors, 0).sum(axis=1)
    negative = np.minimum(layer.factors, 0).sum(axis=1)
    low, high = low[layer.sources], high[layer.sources]
    least = (positive * low + negative * high).sum(axis=1).astype(np.int64)
    greatest = (positive * high + negative * low).sum(axis=1).astype(np.int64)
    return least + layer.bias, greatest + layer.bias


def _run(model: Model, node: Node, values: Mapping[int, NDArray[np.int8]]) -> tuple[NDArray[np.int8], ...]:
    """The outputs of a node by the reference."""
    result = QUANTIZED[type(node.operator)](Run(model, node, dict(values)))
    return result if isinstance(result, tuple) else (result,)


def _of_elements(model: Model, node: Node, known: Mapping[int, Interval]) -> Interval:
    """A function of one tensor from its table, of two from the corners: sums and products have their extremes there."""
    tensors = tuple(dict.fromkeys(node.reads))
    if len(tensors) == 1:
        (table,) = _run(model, node, {tensors[0]: _CODES})
        x = known[tensors[0]]
        ranges = [table[low - INT8_MIN : high - INT8_MIN + 1] for low, high in zip(*_integers(x), strict=True)]
        return Interval(np.array([r.min() for r in ranges], np.int8), np.array([r.max() for r in ranges], np.int8))
    ends = product(*((known[tensor].low, known[tensor].high) for tensor in tensors))
    corners = np.stack([_run(model, node, dict(zip(tensors, corner, strict=True)))[0] for corner in ends])
    return _hull(corners, corners)


def _integers(x: Interval) -> tuple[list[int], list[int]]:
    return x.low.tolist(), x.high.tolist()


def _of_products(model: Model, node: Node, layer: Weighted, x: Interval) -> Interval:
    """Requantised bounds of the accumulator; anything within the clamp where it may leave int32."""
    derive = requantize_fully_connected if isinstance(node.operator, FullyConnected) else requantize_products
    requantize = Run(model, node, {}).weighted(derive)["requantize"]
    least, greatest = accumulators(layer, x, int(model.params.zero_point[node.reads[0]][0]))
    fits = (least >= INT32_MIN) & (greatest <= INT32_MAX)
    return Interval(
        np.where(fits, requantize(np.maximum(least, INT32_MIN)), requantize.minimum).astype(np.int8),
        np.where(fits, requantize(np.minimum(greatest, INT32_MAX)), requantize.maximum).astype(np.int8),
    )
