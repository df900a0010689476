# SPDX-License-Identifier: Apache-2.0
"""Watching calls of a few functions: instructions per call, and callbacks at each entry and return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sconnx.emulate.instruction_count import InstructionCounter
from sconnx.emulate.unicorn_binding import load_unicorn


@dataclass(frozen=True, slots=True)
class _Frame:
    """A call in progress: it has returned when `return_address` runs with the same stack pointer."""

    function: int
    return_address: int
    stack_pointer: int
    count_at_entry: int


class FunctionWatch:
    """Watches functions by hooks on their first instruction and, once known, on their return addresses.

    Args:
        engine: the unicorn engine.
        functions: entry address (no Thumb bit) to name.
        counter: None when nothing is counted.
        on_enter: per name, called before the function's first instruction.
        on_return: per name, called when the function has returned.

    Attributes:
        instructions: per name, the instructions of each finished call, callees included.
    """

    def __init__(
        self,
        engine: Any,
        functions: Mapping[int, str],
        counter: InstructionCounter | None,
        on_enter: Mapping[str, Callable[[], None]],
        on_return: Mapping[str, Callable[[], None]],
    ) -> None:
        self.instructions: dict[str, list[int]] = {name: [] for name in functions.values()}
        self._unicorn = load_unicorn()
        self._engine = engine
        self._functions = dict(functions)
        self._counter = counter
        self._on_enter = dict(on_enter)
        self._on_return = dict(on_return)
        self._frames: list[_Frame] = []
        self._hooked_returns: set[int] = set()
        for address in self._functions:
            engine.hook_add(self._unicorn.UC_HOOK_CODE, self._enter, begin=address, end=address)

    def _count(self) -> int:
        # Both the first instruction and a return address start a block, which the counter has already added.
        return self._counter.before_block() if self._counter else 0

    def _registers(self) -> tuple[int, int]:
        names = self._unicorn.arm_const
        return self._engine.reg_read(names.UC_ARM_REG_LR) & ~1, self._engine.reg_read(names.UC_ARM_REG_SP)

    def _enter(self, engine: object, address: int, size_bytes: int, user: object) -> None:
        return_address, stack_pointer = self._registers()
        frame = _Frame(address, return_address, stack_pointer, self._count())
        for active in self._frames:
            if (active.function, active.stack_pointer) == (address, stack_pointer):
                return  # A loop back to the first instruction, not a call.
        self._frames.append(frame)
        self._hook_return(return_address)
        name = self._functions[address]
        if name in self._on_enter:
            self._on_enter[name]()

    def _hook_return(self, address: int) -> None:
        if address not in self._hooked_returns:
            self._hooked_returns.add(address)
            self._engine.hook_add(self._unicorn.UC_HOOK_CODE, self._return, begin=address, end=address)
            # A block that was translated before has no call of the new hook in it.
            self._engine.ctl_remove_cache(address, address + 2)

    def _return(self, engine: object, address: int, size_bytes: int, user: object) -> None:
        _, stack_pointer = self._registers()
        while self._frames:
            frame = self._frames[-1]
            if (frame.return_address, frame.stack_pointer) != (address, stack_pointer):
                return
            self._frames.pop()
            name = self._functions[frame.function]
            self.instructions[name].append(self._count() - frame.count_at_entry)
            if name in self._on_return:
                self._on_return[name]()
