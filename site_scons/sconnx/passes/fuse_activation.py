# SPDX-License-Identifier: Apache-2.0
"""Operator -> Relu or Relu6 in the same quantisation: the clamp becomes the operator's own.

Symmetrically quantised models (ONNX Runtime's QInt8) have a Relu on integers after each convolution. It only raises
the lower clamp limit that the operator applies anyway.
"""

from __future__ import annotations

from dataclasses import replace

from sconnx.graph.graph import Graph
from sconnx.graph.model import Model, ModelBuilder
from sconnx.graph.node import Node
from sconnx.graph.operator import (
    Activation,
    Add,
    AveragePooling1D,
    AveragePooling2D,
    Conv1D,
    Conv2D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    FullyConnected,
    MaxPooling1D,
    MaxPooling2D,
    Mul,
    Relu,
    Relu6,
    Sub,
)
from sconnx.passes.rewrite import readers_of, reopen

CLAMPING = (
    Conv2D, DepthwiseConv2D, AveragePooling2D, MaxPooling2D, Conv1D, DepthwiseConv1D, AveragePooling1D, MaxPooling1D,
    FullyConnected, Add, Sub, Mul,
)  # fmt: skip
ACTIVATIONS = {Relu: Activation.RELU, Relu6: Activation.RELU6}


def fuse_activation(model: Model) -> Model:
    """Remove each Relu and Relu6 that only narrows the clamp of the one operator before it.

    The outputs stay the same, bit for bit.
    """
    builder = reopen(model)
    for node in model.graph.nodes:
        if isinstance(node.operator, Relu | Relu6):
            _fuse(model.graph, builder, node, ACTIVATIONS[type(node.operator)])
    return builder.build(list(model.graph.outputs))


def _fuse(graph: Graph, builder: ModelBuilder, node: Node, activation: Activation) -> None:
    """Let the producer of a node's input write the node's output, clamped."""
    source, output = node.reads[0], node.outputs[0]
    producer = next((other for other in graph.nodes if source in other.outputs), None)
    if producer is None or len(readers_of(graph, source)) != 1:
        return
    operator = producer.operator
    if not isinstance(operator, CLAMPING):
        return
    if operator.activation is not Activation.NONE:
        return
    before, after = builder.quantizations.get(source), builder.quantizations.get(output)
    if graph.tensors[source].dtype is not graph.tensors[output].dtype or (before is None) != (after is None):
        return
    if before is not None and after is not None and not before.same_as(after):
        return
    clamped = replace(operator, activation=activation)
    at = next(index for index, other in enumerate(builder.nodes) if source in other.outputs)
    builder.nodes[at] = replace(builder.nodes[at], operator=clamped, outputs=(output,))
    builder.nodes.remove(node)
