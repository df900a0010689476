# SPDX-License-Identifier: Apache-2.0
"""Graphs: frozen, validated, without values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sconnx.graph.node import Node, expand
from sconnx.graph.tensor import Computed, Constant, GraphInput, State, Tensor
from sconnx.reference.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What import left out of the source model because no output depends on it.

    Args:
        channels: outputs of convolutions and fully connected layers.
        constant_bytes: of weights and biases.
    """

    channels: int = 0
    macs: int = 0
    constant_bytes: int = 0

    def __add__(self, other: Removed) -> Removed:
        return Removed(
            channels=self.channels + other.channels,
            macs=self.macs + other.macs,
            constant_bytes=self.constant_bytes + other.constant_bytes,
        )


@dataclass(frozen=True, slots=True)
class StateUpdate:
    """At the end of a run the tensor `next` becomes the content of the tensor `state`."""

    state: int
    next: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Nodes in an order in which they can run, and the tensors between them (referred to by index).

    Nodes read of a state what it had at the beginning of the run, wherever they stand.

    Args:
        name: name of the model, a C identifier.
        rule: which integer arithmetic the model is exact to.
    """

    name: str
    rule: Rule
    tensors: tuple[Tensor, ...]
    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    removed: Removed = Removed()
    states: tuple[StateUpdate, ...] = ()

    def __post_init__(self) -> None:
        written: set[int] = set()
        for index, tensor in enumerate(self.tensors):
            if isinstance(tensor, GraphInput) != (index in self.inputs):
                raise ValueError(f"tensor {index} {tensor.name!r}: its kind and the graph's inputs disagree")
        for node in self.nodes:
            for index in node.reads:
                if isinstance(self.tensors[index], Computed) and index not in written:
                    raise ValueError(f"node {node.name!r} reads tensor {index} before it is written")
            for index in node.outputs:
                if not isinstance(self.tensors[index], Computed) or index in written:
                    raise ValueError(f"node {node.name!r} cannot write tensor {index}")
                written.add(index)
        self._check_states(written)

    def _check_states(self, written: Collection[int]) -> None:
        updated = [update.state for update in self.states]
        for index, tensor in enumerate(self.tensors):
            if isinstance(tensor, State) and updated.count(index) != 1:
                raise ValueError(f"state {index} {tensor.name!r} has {updated.count(index)} updates; it must have one")
        for update in self.states:
            state, following = self.tensors[update.state], self.tensors[update.next]
            if not isinstance(state, State):
                raise ValueError(f"tensor {update.state} {state.name!r} is updated, but is no state")
            if update.next not in written and not isinstance(following, GraphInput):
                raise ValueError(
                    f"state {update.state} {state.name!r} becomes tensor {update.next}, which nothing writes"
                )
            if (state.dims, state.dtype) != (following.dims, following.dtype):
                raise ValueError(
                    f"state {update.state} {state.name!r} is {state.dtype.value} {state.dims} and becomes "
                    f"{following.dtype.value} {following.dims}"
                )

    @property
    def given(self) -> tuple[int, ...]:
        """What is there before the first node runs: inputs, and states."""
        return (*self.inputs, *(update.state for update in self.states))

    @property
    def kept(self) -> tuple[int, ...]:
        """What is needed after the last node has run: outputs, and what states become."""
        return (*self.outputs, *(update.next for update in self.states))

    def dims(self, indices: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        return tuple(self.tensors[index].dims for index in indices)

    def macs(self, node: Node) -> int:
        """Multiply-accumulates of one run of a node, those of a MetaOperator's members added up."""
        return sum(
            single.operator.macs(self.dims(single.reads), self.tensors[single.outputs[0]].dims)
            for single in expand(node)
        )

    @property
    def constants(self) -> tuple[int, ...]:
        return tuple(index for index, tensor in enumerate(self.tensors) if isinstance(tensor, Constant))
