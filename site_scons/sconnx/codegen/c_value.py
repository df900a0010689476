# SPDX-License-Identifier: Apache-2.0
"""Values of C parameter structs, as the rules give them, and their text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union

import numpy as np
from numpy.typing import NDArray

_C_TYPES = {"int8": "int8_t", "uint8": "uint8_t", "int16": "int16_t", "int32": "int32_t"}
_LINE_WIDTH = 118


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """A constant array that a struct field points to; empty arrays become NULL.

    Args:
        values: int8, int16 or int32; flattened in C order.
    """

    values: NDArray[np.integer]

    @property
    def c_type(self) -> str:
        return _C_TYPES[self.values.dtype.name]

    @property
    def size_bytes(self) -> int:
        return self.values.nbytes


CValue = Union[int, "Array", Mapping[str, "CValue"]]


@dataclass(frozen=True, slots=True)
class ArrayText:
    """A definition: `{place} static const {c_type} {name}[{length}] = { {lines} };`."""

    c_type: str
    name: str
    length: int
    lines: tuple[str, ...]
    place: str = ""


@dataclass(frozen=True, slots=True)
class FieldText:
    """`.{name} = {value}`; nested structs have dotted names (`.output.minimum`)."""

    name: str
    value: str


def c_integer(value: int) -> str:
    """INT32_MIN has no literal of its own type in C."""
    return "(-2147483647 - 1)" if value == -(2**31) else str(value)


def c_lines(values: NDArray[np.integer]) -> tuple[str, ...]:
    """The elements as text, wrapped."""
    lines: list[str] = []
    line = ""
    for value in values.ravel().tolist():
        item = c_integer(value) + ","
        if len(line) + len(item) + 1 > _LINE_WIDTH and line:
            lines.append(line)
            line = item
        else:
            line = f"{line} {item}" if line else item
    return (*lines, line) if line else tuple(lines)


def flatten(values: Mapping[str, CValue], prefix: str) -> tuple[list[ArrayText], list[FieldText]]:
    """Arrays to define, named `{prefix}_{field}`, and the fields of one struct."""
    arrays: list[ArrayText] = []
    entries: list[FieldText] = []

    def visit(fields: Mapping[str, CValue], path: tuple[str, ...]) -> None:
        for name, value in fields.items():
            where = (*path, name)
            if isinstance(value, Array):
                symbol = "_".join((prefix, *where)) if value.values.size else "NULL"
                if value.values.size:
                    arrays.append(ArrayText(value.c_type, symbol, value.values.size, c_lines(value.values)))
                entries.append(FieldText(".".join(where), symbol))
            elif isinstance(value, Mapping):
                visit(value, where)
            else:
                entries.append(FieldText(".".join(where), c_integer(int(value))))

    visit(values, ())
    return arrays, entries
