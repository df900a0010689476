# SPDX-License-Identifier: Apache-2.0
"""Graphs: frozen, validated, without values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.graph.node import Node, expand
from sconnx.graph.tensor import Computed, Constant, GraphInput, Tensor
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Nodes in an order in which they can run, and the tensors between them (referred to by index).

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
