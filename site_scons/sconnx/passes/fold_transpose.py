# SPDX-License-Identifier: Apache-2.0
"""Transpose -> Reshape -> FullyConnected: permute the constant weights instead of the data.

A model that flattens NCHW (PyTorch) before its first dense layer reads the elements in another order than
NHWC stores them. The order of a dot product's terms is free, so the weights' columns are put in the stored
order.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from sconnx.graph.graph import Graph
from sconnx.graph.model import Model, ModelBuilder
from sconnx.graph.node import Node
from sconnx.graph.operator import FullyConnected, Relu, Relu6, Requantize, Reshape, Sigmoid, Tanh, Transpose
from sconnx.graph.tensor import Constant
from sconnx.passes.rewrite import readers_of, reopen

ELEMENTWISE = (Relu, Relu6, Requantize, Sigmoid, Tanh)


def fold_transpose(model: Model) -> Model:
    """Remove each Transpose whose only use is a flattening in front of FullyConnected nodes.

    Element-wise operators may stand between the flattening and the dense layer. The outputs stay the same,
    bit for bit.
    """
    builder = reopen(model)
    for node in model.graph.nodes:
        if isinstance(node.operator, Transpose):
            _fold(model.graph, builder, node)
    return builder.build(list(model.graph.outputs))


def _dense_readers(graph: Graph, tensor: int) -> list[Node]:
    """The FullyConnected nodes a tensor ends in, through element-wise operators, if nothing else."""
    found = []
    for node in readers_of(graph, tensor):
        if isinstance(node.operator, FullyConnected) and node.inputs.count(tensor) == 1 and node.inputs[0] == tensor:
            ends = [node] if isinstance(graph.tensors[node.reads[1]], Constant) else []
        elif isinstance(node.operator, ELEMENTWISE):
            ends = _dense_readers(graph, node.outputs[0])
        else:
            ends = []
        if not ends:
            return []
        found += ends
    return found


def _fold(graph: Graph, builder: ModelBuilder, node: Node) -> None:
    """Rewrite one Transpose, if it only feeds a flattening of everything but the batch."""
    assert isinstance(node.operator, Transpose)
    source, transposed = node.reads[0], node.outputs[0]
    readers = readers_of(graph, transposed)
    if len(readers) != 1 or not isinstance(readers[0].operator, Reshape):
        return
    reshape = readers[0]
    permutation = node.operator.permutation
    dims = graph.tensors[transposed].dims
    length = graph.tensors[reshape.outputs[0]].dims[-1]
    if length != math.prod(dims) and (permutation[0] != 0 or length != math.prod(dims[1:])):
        return
    dense = _dense_readers(graph, reshape.outputs[0])
    if not dense:
        return
    if length == math.prod(dims):
        positions = np.arange(length).reshape(dims).transpose(np.argsort(permutation)).reshape(-1)
    else:
        inner = np.argsort(np.array(permutation[1:]) - 1)
        positions = np.arange(length).reshape(dims[1:]).transpose(inner).reshape(-1)
    for reader in dense:
        _permute_weights(builder, reader, positions)
    builder.nodes[graph.nodes.index(reshape)] = replace(reshape, inputs=(source,))


def _permute_weights(builder: ModelBuilder, node: Node, positions: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    """Give a FullyConnected node weights whose column k is its old column positions[k]."""
    at = next(index for index, other in enumerate(builder.nodes) if other.outputs == node.outputs)
    weights = node.reads[1]
    tensor = builder.tensors[weights]
    permuted = builder.add_constant(
        tensor.name, builder.values[weights][:, positions], builder.quantizations.get(weights)
    )
    current = builder.nodes[at]
    builder.nodes[at] = replace(current, inputs=(current.inputs[0], permuted, *current.inputs[2:]))
