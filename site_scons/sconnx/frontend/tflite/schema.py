# SPDX-License-Identifier: Apache-2.0
"""The part of the TFLite schema that the importer needs, as plain values. Slots are its field numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.tflite.flatbuffer import FlatBuffer, Malformed, Table
from sconnx.frontend.tflite.options import TABLES, Options

IDENTIFIER = b"TFL3"


@dataclass(frozen=True, slots=True, eq=False)
class Quantization:
    """`details_type` is 0 for scales and zero points, else another scheme."""

    scale: NDArray[np.float32]
    zero_point: NDArray[np.int64]
    details_type: int
    axis: int

    @classmethod
    def read(cls, table: Table) -> Quantization:
        return cls(
            scale=table.numbers(2, "<f4"),
            zero_point=table.numbers(3, "<i8"),
            details_type=table.integer(4, "B"),
            axis=table.integer(6, "i"),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """`shape_signature` is empty, or `shape` with -1 for what is only known when the model runs."""

    shape: tuple[int, ...]
    type: int
    buffer: int
    name: str
    quantization: Quantization | None
    is_variable: bool
    is_sparse: bool
    shape_signature: tuple[int, ...]

    @classmethod
    def read(cls, table: Table) -> Tensor:
        quantization = table.table(4)
        return cls(
            shape=table.integers(0),
            type=table.integer(1, "b"),
            buffer=table.integer(2, "I"),
            name=table.string(3),
            quantization=Quantization.read(quantization) if quantization else None,
            is_variable=table.boolean(5),
            is_sparse=table.table(6) is not None,
            shape_signature=table.integers(7),
        )


@dataclass(frozen=True, slots=True)
class OperatorCode:
    """`builtin` numbers the operator; the file has it twice, as one byte was not enough in the end."""

    builtin: int
    custom: str
    version: int

    @classmethod
    def read(cls, table: Table) -> OperatorCode:
        return cls(
            builtin=max(table.integer(0, "b"), table.integer(3, "i")),
            custom=table.string(1),
            version=table.integer(2, "i", 1),
        )


@dataclass(frozen=True, slots=True)
class Operator:
    """A node: inputs and outputs are tensor indices, an absent input is -1. `options` only where needed."""

    code: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Options | None

    @classmethod
    def read(cls, table: Table) -> Operator:
        options = TABLES.get(table.integer(3, "B"))
        options_table = table.table(4) if options else None
        return cls(
            code=table.integer(0, "I"),
            inputs=table.integers(1),
            outputs=table.integers(2),
            options=options.read(options_table) if options and options_table else None,
        )


@dataclass(frozen=True, slots=True)
class SubGraph:
    tensors: tuple[Tensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    operators: tuple[Operator, ...]

    @classmethod
    def read(cls, table: Table) -> SubGraph:
        return cls(
            tensors=tuple(Tensor.read(tensor) for tensor in table.tables(0)),
            inputs=table.integers(1),
            outputs=table.integers(2),
            operators=tuple(Operator.read(operator) for operator in table.tables(3)),
        )


@dataclass(frozen=True, slots=True)
class Model:
    """`buffers` are views of the file's bytes; an empty one means that the tensor is computed."""

    operator_codes: tuple[OperatorCode, ...]
    subgraphs: tuple[SubGraph, ...]
    buffers: tuple[NDArray[Any], ...]

    def code_of(self, operator: Operator) -> OperatorCode:
        """What a node computes. Raises Malformed."""
        if operator.code >= len(self.operator_codes):
            raise Malformed(f"operator code {operator.code} does not exist")
        return self.operator_codes[operator.code]


def _buffer(table: Table) -> NDArray[Any]:
    """A buffer's bytes: in the table, or (large models) anywhere in the file by offset and size."""
    data = table.numbers(0, "|u1")
    offset, size_bytes = table.integer(1, "Q"), table.integer(2, "Q")
    if data.size or offset <= 1:  # the schema reserves offsets 0 and 1
        return data
    table.file.check(offset, size_bytes)
    return np.frombuffer(table.file.data, np.uint8, size_bytes, offset) if size_bytes else data


def read_model(data: bytes) -> Model:
    """Decode a file that has the identifier. Raises Malformed."""
    root = FlatBuffer(data).root()
    model = Model(
        operator_codes=tuple(OperatorCode.read(code) for code in root.tables(1)),
        subgraphs=tuple(SubGraph.read(subgraph) for subgraph in root.tables(2)),
        buffers=tuple(_buffer(buffer) for buffer in root.tables(4)),
    )
    if not model.subgraphs:
        raise Malformed("it has no graph")
    return model
