# SPDX-License-Identifier: Apache-2.0
"""Where the tensors of a file are in the builder of a model."""

from __future__ import annotations

from sconnx.frontend.tflite.flatbuffer import Malformed
from sconnx.frontend.tflite.operand import DataTensor
from sconnx.frontend.tflite.translation import Translation
from sconnx.graph.model import ModelBuilder


class Placed:
    """The builder's tensors by number in the file, those of constants also by dims, those between nodes by identity."""

    def __init__(self, builder: ModelBuilder) -> None:
        self.builder = builder
        self._computed: dict[int, int] = {}
        self._constants: dict[tuple[int, tuple[int, ...]], int] = {}
        self._between: dict[DataTensor, int] = {}

    def write(self, data: DataTensor, tensor: int) -> None:
        if data.index is None:
            self._between[data] = tensor
            return
        if data.index in self._computed:
            raise Malformed(f"tensor {data.index} is written twice")
        self._computed[data.index] = tensor

    def read(self, operand: DataTensor | None) -> int | None:
        """The tensor of an operand; a constant is added when it is first read."""
        if operand is None:
            return None
        if operand.index is None:
            return self._between[operand]
        if operand.index in self._computed:
            return self._computed[operand.index]
        if operand.value is None:
            raise Malformed(f"tensor {operand.index} is read before it is written")
        key = operand.index, operand.dims  # convolutions of two kinds may share weights
        if key not in self._constants:
            self._constants[key] = self.builder.add_constant(operand.name, operand.value, operand.quantization)
        return self._constants[key]

    def find(self, index: int) -> int:
        """The tensor of a graph output."""
        if index in self._computed:
            return self._computed[index]
        return next(tensor for (number, _), tensor in self._constants.items() if number == index)

    def add(self, index: int, translation: Translation) -> None:
        """Add the nodes of a translation; they are named like its first output, `index` is the operator's number."""
        name = next(out.name for step in translation.steps for out in step.outputs if out.index is not None)
        for step in translation.steps:
            results = self.builder.add_node_of_many(
                step.operator,
                tuple(self.read(operand) for operand in step.inputs),
                name=name,
                source_index=index,
                output_names=[output.name for output in step.outputs],
                dtype=[output.dtype for output in step.outputs],
                quantization=[output.quantization for output in step.outputs],
            )
            for output, result in zip(step.outputs, results, strict=True):
                self.write(output, result)
