# SPDX-License-Identifier: Apache-2.0
"""Watching calls of a few functions in unicorn: instructions per call, and callbacks at each entry and return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sconnx.emulate.call_stack import CallStack
from sconnx.emulate.instruction_count import InstructionCounter
from sconnx.emulate.unicorn_binding import load_unicorn


class FunctionWatch:
    """Watches functions by hooks on their first instruction and, once known, on their return addresses.

    Args:
        engine: the unicorn engine.
        functions: entry address (no Thumb bit) to name.
        counter: None when nothing is counted.
        on_enter: per name, called before the function's first instruction.
        on_return: per name, called when the function has returned.

    Attributes:
        calls: with the instructions of each finished call.
    """

    def __init__(
        self,
        engine: Any,
        functions: Mapping[int, str],
        counter: InstructionCounter | None,
        on_enter: Mapping[str, Callable[[], None]],
        on_return: Mapping[str, Callable[[], None]],
    ) -> None:
        self.calls = CallStack(functions.values())
        self._unicorn = load_unicorn()
        self._engine = engine
        self._functions = dict(functions)
        self._counter = counter
        self._on_enter = dict(on_enter)
        self._on_return = dict(on_return)
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
        name = self._functions[address]
        if self.calls.enter(name, return_address, stack_pointer, self._count()):
            self._hook_return(return_address)
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
        for name in self.calls.leave(address, stack_pointer, self._count()):
            if name in self._on_return:
                self._on_return[name]()
