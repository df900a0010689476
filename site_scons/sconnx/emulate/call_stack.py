# SPDX-License-Identifier: Apache-2.0
"""The calls of a few functions as they begin and end, and the instructions of each, callees included.

Whoever runs the firmware says when an entry or a return address is reached. A branch back to a function's first instruction is no
call, and a call by tail returns where its caller does: both follow from the stack pointer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sconnx.elf.image import ElfImage
from sconnx.errors import SconnxError


@dataclass(frozen=True, slots=True)
class _Frame:
    """A call in progress: it has returned when `return_address` runs with the same stack pointer."""

    name: str
    return_address: int
    stack_pointer: int
    count_at_entry: int


class CallStack:
    """Calls in progress.

    Args:
        names: of the functions.

    Attributes:
        instructions: per name, the instructions of each finished call.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.instructions: dict[str, list[int]] = {name: [] for name in names}
        self._frames: list[_Frame] = []

    def enter(self, name: str, return_address: int, stack_pointer: int, count: int) -> bool:
        """The first instruction of a function is next, after `count` instructions of the run; False when that is no call."""
        if any((frame.name, frame.stack_pointer) == (name, stack_pointer) for frame in self._frames):
            return False
        self._frames.append(_Frame(name, return_address, stack_pointer, count))
        return True

    def leave(self, address: int, stack_pointer: int, count: int) -> Iterator[str]:
        """The functions that have returned when `address` is next, the innermost first."""
        while self._frames:
            frame = self._frames[-1]
            if (frame.return_address, frame.stack_pointer) != (address, stack_pointer):
                return
            self._frames.pop()
            self.instructions[frame.name].append(count - frame.count_at_entry)
            yield frame.name


def function_entries(image: ElfImage, names: Iterable[str]) -> dict[int, str]:
    """The functions by the address of their first instruction, without the Thumb bit.

    Raises:
        SconnxError: E503, one of them is not in the firmware, or has two of the names.
    """
    entries: dict[int, str] = {}
    for name in names:
        other = entries.setdefault(image.symbol(name).address, name)
        if other != name:
            raise SconnxError("E503", f"'{other}' and '{name}' are one function", where=image.file)
    return entries
