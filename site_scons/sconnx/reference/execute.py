# SPDX-License-Identifier: Apache-2.0
"""Run a whole model with the reference arithmetic: the oracle of the generated code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.model import Model
from sconnx.graph.node import Node
from sconnx.graph.operator import Operator
from sconnx.reference.plain import PLAIN
from sconnx.reference.quantized import QUANTIZED
from sconnx.reference.quantized.registry import Function, quantized
from sconnx.reference.run import Run, Values

__all__ = [
    "QUANTIZED",
    "Run",
    "execute",
    "execute_sequence",
    "first_states",
    "is_quantized",
    "next_states",
    "reference",
    "reference_of",
]


Adopt = Callable[[int, NDArray[np.generic]], NDArray[np.generic]]
"""From a tensor and its computed value, what the nodes behind it read."""


def execute(
    model: Model,
    inputs: Sequence[NDArray[np.generic]],
    states: Values | None = None,
    adopt: Adopt = lambda _, value: value,
) -> Values:
    """The value of every computed tensor by tensor index, in the stored order of dimensions.

    Args:
        inputs: one array per graph input, of its dims and dtype.
        states: what the graph's states have before the run, by tensor index; by default as before the first run.
        adopt: lets nodes read what was observed elsewhere, so that each is judged by its own inputs.

    Raises:
        ValueError: the inputs do not fit the graph.
        KeyError: an operator has no reference.
    """
    graph = model.graph
    if len(inputs) != len(graph.inputs):
        raise ValueError(f"{len(inputs)} inputs for a graph of {len(graph.inputs)}")
    values: Values = {**model.params.value, **first_states(model), **(states or {})}
    for index, value in zip(graph.inputs, inputs, strict=True):
        tensor = graph.tensors[index]
        if value.shape != tensor.dims or value.dtype.name != tensor.dtype.value:
            raise ValueError(f"input {tensor.name!r} is {value.dtype} {value.shape}")
        values[index] = value
    computed: Values = {}
    for node in graph.nodes:
        result = reference_of(model, node)(Run(model, node, values))
        for index, value in zip(node.outputs, result if isinstance(result, tuple) else (result,), strict=True):
            computed[index], values[index] = value, adopt(index, value)
    return computed


def first_states(model: Model) -> Values:
    """What the graph's states have before the first run, by tensor index."""
    tensors = model.graph.tensors
    return {
        update.state: model.params.value[update.state]
        if update.state in model.params.value
        else np.zeros(tensors[update.state].dims, tensors[update.state].dtype.value)
        for update in model.graph.states
    }


def next_states(model: Model, inputs: Sequence[NDArray[np.generic]], values: Values) -> Values:
    """What the graph's states have after a run with these inputs that computed these values, by tensor index."""
    known = {**dict(zip(model.graph.inputs, inputs, strict=True)), **values}
    return {update.state: known[update.next] for update in model.graph.states}


def execute_sequence(model: Model, runs: Sequence[Sequence[NDArray[np.generic]]]) -> list[Values]:
    """As `execute` for several runs, each of which continues the one before."""
    states = first_states(model)
    found = []
    for inputs in runs:
        found.append(execute(model, inputs, states))
        states = next_states(model, inputs, found[-1])
    return found


def is_quantized(model: Model, node: Node) -> bool:
    """Whether integers of one of a node's operands stand for real numbers."""
    return any(model.graph.tensors[tensor].quantization is not None for tensor in (*node.reads, *node.outputs))


def reference_of(model: Model, node: Node) -> Callable[[Run], Any]:
    """The reference of a node: of quantised tensors where there is one, else the plain one. KeyError: there is none."""
    operator = type(node.operator)
    if operator in QUANTIZED and (is_quantized(model, node) or operator not in PLAIN):
        return QUANTIZED[operator]
    return PLAIN[operator]


def reference(operator: type[Operator]) -> Callable[[Function], Function]:
    """Register the reference function of an operator that is defined elsewhere; it gives the output, or a tuple of outputs."""
    return quantized(operator)
