# SPDX-License-Identifier: Apache-2.0
"""Models of one quantised node, and what the kernel that its rule chooses makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from kernel_cases import GENERIC, row_operands, rule_of
from kernel_headers import structure_of
from kernel_library import KernelLibrary
from kernel_structures import Structure
from numpy.typing import NDArray

from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Elementwise, Window
from sconnx.export.library import ExportLib
from sconnx.export.node import export_node
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import Operator
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule

AnyArray = NDArray[Any]


def filled(cls: type[Structure], values: Mapping[str, CValue]) -> Structure:
    """A structure with what a rule has packed; elements of an array are fields of their own, `dims[0]`."""
    kinds: dict[str, Any] = dict(cls._fields_)  # type: ignore[arg-type]
    fields: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Array):
            fields[name] = np.ascontiguousarray(value.values) if value.values.size else None
        else:
            fields[name] = filled(kinds[name], value) if isinstance(value, Mapping) else value
    return cls(**fields)


@dataclass(frozen=True)
class Given:
    """An operand: its value and quantisation, and whether it is known at build time."""

    value: AnyArray
    quantization: QuantValues | None = None
    constant: bool = False


def one_node(
    operator: Operator,
    operands: Sequence[Given | None],
    rule: Rule,
    quantization: QuantValues | None,
    dtype: DType = DType.INT8,
) -> Model:
    """A model of one node; its inputs are the operands that are no constants."""
    builder = ModelBuilder("one", rule)
    indices: list[int | None] = []
    for position, given in enumerate(operands):
        if given is None:
            indices.append(None)
        elif given.constant:
            indices.append(builder.add_constant(f"c{position}", given.value, given.quantization))
        else:
            kind = DType(given.value.dtype.name)
            indices.append(builder.add_input(f"x{position}", kind, given.value.shape, given.quantization))
    names = [f"y{position}" for position in range(len(_dims(operator, operands)))]
    outputs = builder.add_node_of_many(
        operator,
        tuple(indices),
        name="n",
        source_index=0,
        output_names=names,
        dtype=dtype,
        quantization=quantization,
    )
    return builder.build(list(outputs))


def _dims(operator: Operator, operands: Sequence[Given | None]) -> tuple[tuple[int, ...], ...]:
    return operator.dims_of_outputs([given.value.shape for given in operands if given is not None])


def check(
    libraries: Sequence[KernelLibrary],
    operator: Operator,
    operands: Sequence[Given | None],
    rule: Rule,
    quantization: QuantValues | None,
    dtype: DType = DType.INT8,
    libs: Sequence[ExportLib] = (GENERIC,),
) -> AnyArray:
    """Compare the kernel with the reference, bit for bit, also in place where the rule says that it may; gives the output."""
    model = one_node(operator, operands, rule, quantization, dtype)
    values = [given for given in operands if given is not None and not given.constant]
    expected = next(iter(execute(model, [given.value for given in values]).values()))
    node = export_node(model.graph, 0)
    implementation = rule_of(node, *libs)
    access = implementation.access(node)
    parameters = filled(structure_of(implementation.params_type), implementation.pack(node, model.params))
    rows = [_bytes(operands, position) for position in implementation.operands(node)]
    first, kernel = implementation.operands(node)[0], implementation.kernel(node).removeprefix("sx_")
    call = _Call(first, kernel, parameters, implementation.scratch_bytes(node), expected)
    for library in libraries:
        if isinstance(access, Window):
            call.by_rows(library, access, node, rows)
            continue
        call.whole(library, rows)
        if isinstance(access, Elementwise):
            for position, row in enumerate(rows):
                if row.size == expected.nbytes:
                    call.whole(library, rows, position)
    return expected


def _bytes(operands: Sequence[Given | None], position: int) -> NDArray[np.int8]:
    given = operands[position]
    assert given is not None
    return np.ascontiguousarray(given.value).reshape(-1).view(np.int8)


@dataclass(frozen=True)
class _Call:
    first: int
    kernel: str
    parameters: Structure
    scratch_bytes: int
    expected: AnyArray

    def whole(self, library: KernelLibrary, rows: list[NDArray[np.int8]], in_place: int | None = None) -> None:
        size = (self.expected.nbytes,)
        actual = library.run(self.kernel, self.parameters, rows, size, in_place, scratch_bytes=self.scratch_bytes)
        self._compare(library, actual)

    def by_rows(self, library: KernelLibrary, access: Window, node: Any, rows: list[NDArray[np.int8]]) -> None:
        size = (node.output.row_bytes,)
        lines = [
            library.run(
                self.kernel,
                self.parameters,
                row_operands(access, replace(node, inputs=(node.input(self.first),)), rows, y),
                size,
                scratch_bytes=self.scratch_bytes,
            )
            for y in range(node.output.height)
        ]
        self._compare(library, np.concatenate(lines))

    def _compare(self, library: KernelLibrary, actual: NDArray[np.int8]) -> None:
        result = actual.view(self.expected.dtype).reshape(self.expected.shape)
        np.testing.assert_array_equal(result, self.expected, f"{library.name} {self.kernel}")
