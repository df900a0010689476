# SPDX-License-Identifier: Apache-2.0
"""Values of C parameter structs, as the rules give them, and their text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union

import numpy as np
from numpy.typing import NDArray

C_TYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "bool": "uint8_t",
    "int16": "int16_t",
    "uint16": "uint16_t",
    "int32": "int32_t",
    "uint32": "uint32_t",
    "int64": "int64_t",
    "uint64": "uint64_t",
    "float32": "float",
}
"""What an element of a dtype is in C."""
_ELEMENT_BYTES = {c_type: np.dtype(name).itemsize for name, c_type in C_TYPES.items()}
_LINE_WIDTH = 118


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """A constant array that a struct field points to; empty arrays become NULL.

    Args:
        values: of a dtype in `C_TYPES`; flattened in C order.
    """

    values: NDArray[np.generic]

    @property
    def c_type(self) -> str:
        return C_TYPES[self.values.dtype.name]

    @property
    def size_bytes(self) -> int:
        return self.values.nbytes


CValue = Union[int, float, np.float32, "Array", Mapping[str, "CValue"]]
"""A float stands for a field of type float: the nearest float32."""


@dataclass(frozen=True, slots=True)
class ArrayText:
    """A definition: `{place} static const {c_type} {name}[{length}] = { {lines} };`."""

    c_type: str
    name: str
    length: int
    lines: tuple[str, ...]
    place: str = ""

    @property
    def size_bytes(self) -> int:
        return self.length * _ELEMENT_BYTES[self.c_type]


@dataclass(frozen=True, slots=True)
class FieldText:
    """`.{name} = {value}`; nested structs have dotted names (`.output.minimum`)."""

    name: str
    value: str


def c_integer(value: int) -> str:
    """INT32_MIN and INT64_MIN have no literal of their own type in C, and what is beyond INT64_MAX only an unsigned one."""
    if value >= 2**63:
        return f"{value}u"
    return f"({value + 1} - 1)" if value in (-(2**31), -(2**63)) else str(value)


def c_float(value: float | np.float32) -> str:
    """The nearest float32 as a hexadecimal literal, which is exact by the standard: `0x1.8p-3f`."""
    exact = float(np.float32(value))
    if not math.isfinite(exact):
        return "SX_NAN" if math.isnan(exact) else "-SX_INFINITY" if exact < 0 else "SX_INFINITY"
    digits, exponent = exact.hex().split("p")
    return f"{digits.rstrip('0').rstrip('.') if '.' in digits else digits}p{int(exponent)}f"


def _c_number(value: float) -> str:
    """A Python bool, int or float as `tolist` gives it."""
    return c_float(value) if isinstance(value, float) else c_integer(int(value))


def _python_number(value: float | np.generic) -> float:
    return value.item() if isinstance(value, np.generic) else value


def c_lines(values: NDArray[np.generic]) -> tuple[str, ...]:
    """The elements as text, wrapped."""
    lines: list[str] = []
    line = ""
    for value in values.ravel().tolist():
        item = _c_number(value) + ","
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
                entries.append(FieldText(".".join(where), _c_number(_python_number(value))))

    visit(values, ())
    return arrays, entries
