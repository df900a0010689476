# SPDX-License-Identifier: Apache-2.0
"""What every pass needs: a finished model as a builder again, and who reads a tensor."""

from __future__ import annotations

from sconnx.graph.graph import Graph
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.node import Node


def reopen(model: Model) -> ModelBuilder:
    """A builder that holds a finished model."""
    graph, params = model.graph, model.params
    builder = ModelBuilder(graph.name, graph.rule)
    builder.tensors = list(graph.tensors)
    builder.values = dict(params.value)
    for index, tensor in enumerate(graph.tensors):
        if tensor.quantization is not None:
            axis = tensor.quantization.axis
            builder.quantizations[index] = QuantValues(params.scale[index], params.zero_point[index], axis)
    builder.nodes = list(graph.nodes)
    builder.inputs = list(graph.inputs)
    builder.updates = {update.state: update.next for update in graph.states}
    return builder


def readers_of(graph: Graph, tensor: int) -> list[Node]:
    """The nodes that read a tensor; none when it is also needed after the run, so that it has to stay as it is."""
    return [] if tensor in graph.kept else [node for node in graph.nodes if tensor in node.reads]
