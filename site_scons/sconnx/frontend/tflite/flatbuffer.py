# SPDX-License-Identifier: Apache-2.0
"""Bounds-checked reading of FlatBuffers: tables, vectors, strings and scalars.

A table starts with a signed offset back to its vtable, which holds the vtable's size, the table's size and
one uint16 per field: the field's offset in the table, or 0 when the field has its default. Vectors, strings
and tables are referred to by an unsigned offset, forwards from where it is stored. Numbers are little-endian.
Source: the FlatBuffers internals documentation.

A hostile file can refer to one object many times. Every object therefore draws on a budget that grows with
the file's length, so that the work of reading is linear in it.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

_UINT16 = struct.Struct("<H")
_INT32 = struct.Struct("<i")
_UINT32 = struct.Struct("<I")
_BUDGET_FACTOR = 8


class Malformed(ValueError):
    """The bytes are no valid FlatBuffer."""


class FlatBuffer:
    """The bytes of a file, and how many of them may still be decoded."""

    __slots__ = ("budget_bytes", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.budget_bytes = _BUDGET_FACTOR * len(data)

    def unpack(self, form: struct.Struct, position: int) -> int | float:
        self.check(position, form.size)
        value: int | float = form.unpack_from(self.data, position)[0]
        return value

    def check(self, position: int, size_bytes: int) -> None:
        """Raise Malformed unless the bytes are inside the file."""
        if position < 0 or size_bytes < 0 or position + size_bytes > len(self.data):
            raise Malformed(f"{size_bytes} bytes at offset {position} are outside of the file")

    def spend(self, size_bytes: int) -> None:
        """Draw on the budget."""
        self.budget_bytes -= size_bytes
        if self.budget_bytes < 0:
            raise Malformed("its objects are larger in total than the file can hold")

    def follow(self, position: int) -> int:
        """The position that the offset stored at `position` refers to."""
        return position + int(self.unpack(_UINT32, position))

    def root(self) -> Table:
        return Table(self, self.follow(0))


class Table:
    """One table. Fields are given by their slot: 0 is the first field of the schema."""

    __slots__ = ("file", "position", "vtable", "vtable_size_bytes")

    def __init__(self, file: FlatBuffer, position: int) -> None:
        self.file = file
        self.position = position
        self.vtable = position - int(file.unpack(_INT32, position))
        self.vtable_size_bytes = int(file.unpack(_UINT16, self.vtable))
        file.check(self.vtable, max(self.vtable_size_bytes, 4))
        file.spend(4 + self.vtable_size_bytes)

    def _field(self, slot: int) -> int | None:
        """Position of a field; None when it has its default."""
        entry = 4 + 2 * slot
        if entry + 2 > self.vtable_size_bytes:
            return None
        offset = int(self.file.unpack(_UINT16, self.vtable + entry))
        return self.position + offset if offset else None

    def _scalar(self, slot: int, form: str, default: float) -> int | float:
        field = self._field(slot)
        return default if field is None else self.file.unpack(struct.Struct("<" + form), field)

    def integer(self, slot: int, form: str, default: int = 0) -> int:
        """A scalar of the `struct` format `form`, such as "i" for int32."""
        return int(self._scalar(slot, form, default))

    def real(self, slot: int, default: float = 0.0) -> float:
        """A float32."""
        return float(self._scalar(slot, "f", default))

    def boolean(self, slot: int) -> bool:
        return self.integer(slot, "B") != 0

    def table(self, slot: int) -> Table | None:
        field = self._field(slot)
        return None if field is None else Table(self.file, self.file.follow(field))

    def tables(self, slot: int) -> tuple[Table, ...]:
        """A vector of tables; empty when absent."""
        field = self._field(slot)
        if field is None:
            return ()
        start, count = self._extent(field, 4)
        self.file.spend(4 * count)
        return tuple(Table(self.file, self.file.follow(start + 4 * index)) for index in range(count))

    def numbers(self, slot: int, dtype: str) -> NDArray[Any]:
        """A read-only view of a vector of numbers of a numpy dtype such as "<i4"; empty when absent."""
        field = self._field(slot)
        if field is None:
            return np.empty(0, dtype)
        start, count = self._extent(field, np.dtype(dtype).itemsize)
        return np.frombuffer(self.file.data, dtype, count, start) if count else np.empty(0, dtype)

    def integers(self, slot: int) -> tuple[int, ...]:
        """A vector of int32."""
        values = self.numbers(slot, "<i4")
        self.file.spend(values.nbytes)
        return tuple(values.tolist())

    def string(self, slot: int) -> str:
        """Text; bytes that are no UTF-8 are replaced."""
        encoded = self.numbers(slot, "|u1")
        self.file.spend(encoded.nbytes)
        return encoded.tobytes().decode(errors="replace")

    def _extent(self, field: int, item_bytes: int) -> tuple[int, int]:
        """Position and number of the items of a vector."""
        vector = self.file.follow(field)
        count = int(self.file.unpack(_UINT32, vector))
        self.file.check(vector + 4, count * item_bytes)
        return vector + 4, count
