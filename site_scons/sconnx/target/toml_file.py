# SPDX-License-Identifier: Apache-2.0
"""Typed reading of TOML: every mistake names the file and the key."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sconnx.errors import SconnxError

DATA = Path(__file__).parent / "data"


class Table:
    """One TOML table that knows its file and its key, for messages.

    `text`, `integer`, `strings`, `integers` and `table` take a key's value out and check its type; `end` refuses the keys
    that nobody took, which are mostly misspelt ones.
    """

    def __init__(self, file: str, path: str, values: dict[str, Any]) -> None:
        self.file = file
        self.path = path
        self._left = dict(values)

    def key(self, name: str) -> str:
        """The full dotted key of `name` in this table; of the table itself when empty."""
        return ".".join(part for part in (self.path, name) if part)

    def error(self, name: str, what: str) -> SconnxError:
        """The error for the value of `name`."""
        return SconnxError("E702", f"'{self.key(name)}' {what}", where=self.file)

    def names(self) -> tuple[str, ...]:
        """The keys not taken yet, in the order of the file."""
        return tuple(self._left)

    def text(self, name: str, default: str | None = None) -> str:
        """A string; without a default the key must be there."""
        value: str = self._take(name, str, "a string", default)
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        """An integer of at least 0; without a default the key must be there."""
        number: int = self._take(name, int, "an integer", default)
        if number < 0:
            raise self.error(name, f"is {number}, it must not be negative")
        return number

    def strings(self, name: str) -> tuple[str, ...]:
        """An array of strings."""
        values = self._take(name, list, "an array of strings", None)
        if not all(isinstance(value, str) for value in values):
            raise self.error(name, "must be an array of strings")
        return tuple(values)

    def value(self, name: str) -> Any:
        """Whatever is there."""
        return self._left.pop(name)

    def integers(self, name: str, default: list[int] | None = None) -> tuple[int, ...]:
        """An array of integers of at least 0."""
        values = self._take(name, list, "an array of integers", default)
        if not all(type(value) is int and value >= 0 for value in values):
            raise self.error(name, "must be an array of integers of at least 0")
        return tuple(values)

    def table(self, name: str, default: dict[str, Any] | None = None) -> Table:
        """A table inside this one."""
        return Table(self.file, self.key(name), self._take(name, dict, "a table", default))

    def end(self) -> None:
        """Refuse the keys that were not taken."""
        for name in self._left:
            raise self.error(name, "is not a known key")

    def _take(self, name: str, kind: type, kind_name: str, default: Any) -> Any:
        value = self._left.pop(name, default)
        if value is None:
            raise self.error(name, "is missing")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.error(name, f"must be {kind_name}")
        return value


def read_toml(path: Path, name: str) -> Table:
    """The top table of the file at `path`, called `name` in messages.

    Raises:
        SconnxError: E701, the file is absent; E702, it is not TOML.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SconnxError("E701", f"cannot read '{name}'", why=error.strerror or str(error)) from None
    try:
        return Table(name, "", tomllib.loads(content.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SconnxError("E702", "the file is not valid TOML", where=name, why=str(error)) from None


def unknown_name(option: str, value: str, known: Iterable[str]) -> SconnxError:
    """The error for an option whose value is not among the known ones, with the nearest one suggested."""
    names = tuple(known)
    nearest = difflib.get_close_matches(value, names, n=1, cutoff=0.5)
    hint = f"did you mean '{nearest[0]}'? " if nearest else ""
    return SconnxError("E701", f"{option}='{value}' is not known", help=f"{hint}known values: {', '.join(names)}")
