# SPDX-License-Identifier: Apache-2.0
"""A graph with its values, and the builder that front ends and passes make one with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sconnx.graph.graph import Graph, StateUpdate
from sconnx.graph.node import Node
from sconnx.graph.operator import Operator
from sconnx.graph.params import Params
from sconnx.graph.tensor import Computed, Constant, DType, GraphInput, Quantization, State, Tensor
from sconnx.reference.rule import Rule


@dataclass(frozen=True, slots=True)
class Model:
    """A graph and the values of its constants and quantisations."""

    graph: Graph
    params: Params


@dataclass(frozen=True, slots=True)
class QuantValues:
    """Scales and zero points of one tensor: one element, or one per index of `axis`."""

    scale: NDArray[np.float32]
    zero_point: NDArray[np.int32]
    axis: int | None = None

    @classmethod
    def of(cls, scale: ArrayLike, zero_point: ArrayLike = 0, axis: int | None = None) -> QuantValues:
        scales = np.atleast_1d(np.asarray(scale, np.float32))
        points = np.atleast_1d(np.asarray(zero_point, np.int32))
        return cls(scales, np.broadcast_to(points, scales.shape).copy(), axis if scales.size > 1 else None)

    def same_as(self, other: QuantValues) -> bool:
        return np.array_equal(self.scale, other.scale) and np.array_equal(self.zero_point, other.zero_point)


class ModelBuilder:
    """Collects tensors and nodes in running order; `build` drops what no output needs and freezes the rest.

    Tensors are referred to by the index that the adding method returns; `build` renumbers them.
    """

    def __init__(self, name: str, rule: Rule) -> None:
        self.name = name
        self.rule = rule
        self.tensors: list[Tensor] = []
        self.values: dict[int, NDArray[np.generic]] = {}
        self.quantizations: dict[int, QuantValues] = {}
        self.nodes: list[Node] = []
        self.inputs: list[int] = []
        self.updates: dict[int, int] = {}

    def _add(self, tensor: Tensor, quantization: QuantValues | None, first_input: int | None = None) -> int:
        if quantization is not None:
            source = None if first_input is None else self.quantizations.get(first_input)
            scheme = Quantization(
                axis=quantization.axis,
                symmetric=not quantization.zero_point.any(),
                kept=source is not None and quantization.same_as(source),
            )
            tensor = replace(tensor, quantization=scheme)
            self.quantizations[len(self.tensors)] = quantization
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def add_input(
        self,
        name: str,
        dtype: DType,
        dims: tuple[int, ...],
        quantization: QuantValues | None,
        source_axes: tuple[int, ...] = (),
    ) -> int:
        index = self._add(GraphInput(name=name, dtype=dtype, dims=dims, source_axes=source_axes), quantization)
        self.inputs.append(index)
        return index

    def add_constant(self, name: str, value: NDArray[np.generic], quantization: QuantValues | None = None) -> int:
        index = self._add(Constant(name=name, dtype=DType(value.dtype.name), dims=value.shape), quantization)
        self.values[index] = np.asarray(value, order="C")
        return index

    def add_state(
        self,
        name: str,
        dtype: DType,
        dims: tuple[int, ...],
        quantization: QuantValues | None = None,
        initial: NDArray[np.generic] | None = None,
    ) -> int:
        """A tensor that keeps its content between runs; `update_state` says what it becomes.

        Args:
            initial: of its dtype and dims; by default the number 0, that is the zero point where it is quantised.
        """
        if initial is None:
            zero = quantization.zero_point[0] if quantization else 0
            initial = np.full(dims, zero, dtype.value)
        if (initial.dtype.name, initial.shape) != (dtype.value, dims):
            raise ValueError(f"state {name!r} is {dtype.value} {dims}, its value {initial.dtype} {initial.shape}")
        starts_at_zero = not any(initial.tobytes())
        tensor = State(name=name, dtype=dtype, dims=dims, starts_at_zero=starts_at_zero)
        index = self._add(tensor, quantization)
        if not starts_at_zero:
            self.values[index] = np.array(initial, order="C")
        return index

    def update_state(self, state: int, following: int) -> None:
        """At the end of a run `following`, a computed tensor or an input, becomes the content of the state."""
        self.updates[state] = following

    def add_node(
        self,
        operator: Operator,
        inputs: tuple[int | None, ...],
        *,
        name: str,
        source_index: int,
        output_name: str,
        dtype: DType = DType.INT8,
        quantization: QuantValues | None = None,
    ) -> int:
        """Append a node with one output, whose dims the operator infers (ValueError when they do not fit)."""
        (output,) = self.add_node_of_many(
            operator,
            inputs,
            name=name,
            source_index=source_index,
            output_names=(output_name,),
            dtype=dtype,
            quantization=quantization,
        )
        return output

    def add_node_of_many(
        self,
        operator: Operator,
        inputs: tuple[int | None, ...],
        *,
        name: str,
        source_index: int,
        output_names: Sequence[str],
        dtype: DType | Sequence[DType] = DType.INT8,
        quantization: QuantValues | Sequence[QuantValues | None] | None = None,
    ) -> tuple[int, ...]:
        """As `add_node`, with as many outputs as there are names; a dtype or quantisation alone is that of all."""
        dims = operator.dims_of_outputs([self.tensors[index].dims for index in inputs if index is not None])
        dtypes = (dtype,) * len(dims) if isinstance(dtype, DType) else dtype
        quants = quantization if isinstance(quantization, Sequence) else (quantization,) * len(dims)
        outputs = tuple(
            self._add(Computed(name=output, dtype=kind, dims=own), quant, first_input=inputs[0])
            for output, own, kind, quant in zip(output_names, dims, dtypes, quants, strict=True)
        )
        node = Node(operator=operator, name=name, source_index=source_index, inputs=inputs, outputs=outputs)
        self.nodes.append(node)
        return outputs

    def _needed(self, outputs: list[int]) -> set[int]:
        """All tensors that the outputs depend on; what a state becomes is needed where the state is."""
        needed = set(outputs) | set(self.inputs)
        while True:
            for node in reversed(self.nodes):
                if needed.intersection(node.outputs):
                    needed.update((*node.reads, *node.outputs))
            further = {following for state, following in self.updates.items() if state in needed} - needed
            if not further:
                return needed
            needed |= further

    def build(self, outputs: list[int]) -> Model:
        """Freeze; nodes, constants and states that no output depends on, now or in a later run, are left out."""
        needed = self._needed(outputs)
        nodes = [node for node in self.nodes if needed.intersection(node.outputs)]
        order = sorted(needed)
        new = {old: position for position, old in enumerate(order)}
        graph = Graph(
            name=self.name,
            rule=self.rule,
            tensors=tuple(self.tensors[old] for old in order),
            nodes=tuple(
                replace(
                    node,
                    inputs=tuple(None if old is None else new[old] for old in node.inputs),
                    outputs=tuple(new[old] for old in node.outputs),
                )
                for node in nodes
            ),
            inputs=tuple(new[old] for old in self.inputs),
            outputs=tuple(new[old] for old in outputs),
            states=tuple(
                StateUpdate(new[state], new[following])
                for state, following in sorted(self.updates.items())
                if state in needed
            ),
        )
        quantizations = {new[old]: self.quantizations[old] for old in order if old in self.quantizations}
        params = Params(
            value={new[old]: self.values[old] for old in order if old in self.values},
            scale={index: values.scale for index, values in quantizations.items()},
            zero_point={index: values.zero_point for index, values in quantizations.items()},
        )
        return Model(graph, params)
