# SPDX-License-Identifier: Apache-2.0
"""Where the tensors of a file are in the builder of a model."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from sconnx.frontend.tflite.flatbuffer import Malformed
from sconnx.frontend.tflite.operand import DataTensor
from sconnx.frontend.tflite.translation import Translation
from sconnx.graph.model import ModelBuilder
from sconnx.graph.operator import Reshape
from sconnx.graph.tensor import Computed, GraphInput


class Placed:
    """The builder's tensors by number in the file, those of constants also by dims, those without number by identity.

    Args:
        assigned: the variables that change in a run; others are constants.
    """

    def __init__(self, builder: ModelBuilder, assigned: Collection[DataTensor] = ()) -> None:
        self.builder = builder
        self.assigned = assigned
        self._numbered: dict[int, int] = {}
        self._constants: dict[tuple[int, tuple[int, ...]], int] = {}
        self._unnumbered: dict[DataTensor, int] = {}
        self._states: dict[DataTensor, int] = {}

    def write(self, data: DataTensor, tensor: int) -> None:
        if data.index is None:
            self._unnumbered[data] = tensor
            return
        if data.index in self._numbered:
            raise Malformed(f"tensor {data.index} is written twice")
        self._numbered[data.index] = tensor

    def read(self, operand: DataTensor | None) -> int | None:
        """The tensor of an operand; constants and variables are added when they are first read."""
        return None if operand is None else self._read(operand)

    def _read(self, operand: DataTensor) -> int:
        if operand.index is None:
            if operand not in self._unnumbered:
                self._unnumbered[operand] = self._add_variable(operand)
            return self._unnumbered[operand]
        if operand.index in self._numbered:
            return self._numbered[operand.index]
        if operand.value is None:
            raise Malformed(f"tensor {operand.index} is read before it is written")
        key = operand.index, operand.dims  # convolutions of two kinds may share weights
        if key not in self._constants:
            self._constants[key] = self.builder.add_constant(operand.name, operand.value, operand.quantization)
        return self._constants[key]

    def _add_variable(self, variable: DataTensor) -> int:
        """A variable that is read before it is assigned has the value of the last run."""
        quantization = variable.quantization
        if variable in self.assigned:
            state = self.builder.add_state(variable.name, variable.dtype, variable.dims, quantization, variable.value)
            self._states[variable] = state
            return state
        value = variable.value
        if value is None:
            zero = 0 if quantization is None else quantization.zero_point[0]
            value = np.full(variable.dims, zero, variable.dtype.value)
        return self.builder.add_constant(variable.name, value, quantization)

    def find(self, index: int) -> int:
        """The tensor of a graph output."""
        if index in self._numbered:
            return self._numbered[index]
        return next(tensor for (number, _), tensor in self._constants.items() if number == index)

    def add(self, index: int, translation: Translation) -> None:
        """Add the nodes of a translation; they are named like its first output, `index` is the operator's number."""
        for output, variable in translation.reads:
            self.write(output, self._read(variable))
        for step in translation.steps:
            results = self.builder.add_node_of_many(
                step.operator,
                tuple(self.read(operand) for operand in step.inputs),
                name=translation.name,
                source_index=index,
                output_names=[output.name for output in step.outputs],
                dtype=[output.dtype for output in step.outputs],
                quantization=[output.quantization for output in step.outputs],
            )
            for output, result in zip(step.outputs, results, strict=True):
                self.write(output, result)
        for variable, data in translation.updates:
            self._unnumbered[variable] = self._computed(variable, data, index)

    def _computed(self, variable: DataTensor, data: DataTensor, index: int) -> int:
        """What a variable becomes; constants and other variables are copied, for a state becomes what a run makes."""
        tensor = self._read(data)
        if isinstance(self.builder.tensors[tensor], Computed | GraphInput):
            return tensor
        return self.builder.add_node(
            Reshape(dims=data.dims),
            (tensor,),
            name=variable.name,
            source_index=index,
            output_name=variable.name,
            dtype=data.dtype,
            quantization=data.quantization,
        )

    def update_states(self) -> None:
        """At the end of a run every state becomes what its variable is."""
        for variable, state in self._states.items():
            self.builder.update_state(state, self._unnumbered[variable])
