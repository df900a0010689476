# SPDX-License-Identifier: Apache-2.0
"""Exact instruction counts: the emulator reports every basic block it enters, and each block's size is known.

An instruction that an IT block skips counts as executed: the processor fetches and issues it too. The Python
counter works everywhere; the native one (`native/block_counter.c`) is the same in C.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any, Protocol

from sconnx.emulate.native_hooks import NativeHooks
from sconnx.emulate.unicorn_binding import load_unicorn


class InstructionCounter(Protocol):
    """Counts from the moment it is attached."""

    def before_block(self) -> int:
        """Instructions of all blocks entered before the one that runs now."""


def thumb_instructions(code: bytes) -> int:
    """The number of Thumb instructions in a block of code of 16 or 32 bits (Armv7-M ARM, A5.1)."""
    count = at = 0
    while at < len(code):
        at += 4 if code[at + 1] >= 0xE8 else 2
        count += 1
    return count


class PythonCounter:
    """Counts with a Python callback: simple, about 1 M blocks/s at best."""

    def __init__(self, engine: Any) -> None:
        self._total = 0
        self._current = 0
        self._known: dict[tuple[int, int], int] = {}
        engine.hook_add(load_unicorn().UC_HOOK_BLOCK, self._enter)

    def before_block(self) -> int:
        """Instructions of all blocks entered before the one that runs now."""
        return self._total - self._current

    def _enter(self, engine: Any, address: int, size_bytes: int, user: object) -> None:
        count = self._known.get((address, size_bytes))
        if count is None:
            count = thumb_instructions(engine.mem_read(address, size_bytes))
            self._known[address, size_bytes] = count
        self._current = count
        self._total += count


class _BlockCounter(ctypes.Structure):
    _fields_ = [
        ("total", ctypes.c_uint64),
        ("current", ctypes.c_uint64),
        ("base", ctypes.c_uint64),
        ("size_bytes", ctypes.c_uint64),
        ("known", ctypes.POINTER(ctypes.c_uint32)),
        ("read", ctypes.c_void_p),
    ]


class NativeCounter:
    """Counts with the C callback of `native/block_counter.c`.

    Args:
        engine: the unicorn engine.
        library: the shared object of all native hooks.
        base, size_bytes: the code whose blocks are decoded once; blocks elsewhere are decoded every time.

    Raises:
        SconnxError: E602, the shared object cannot be loaded.
    """

    def __init__(self, engine: Any, library: Path, base: int, size_bytes: int) -> None:
        hooks = NativeHooks(library)
        known = (ctypes.c_uint32 * max(1, (size_bytes + 1) // 2))()
        self._state = _BlockCounter(0, 0, base, size_bytes, known, hooks.unicorn_function("uc_mem_read"))
        hooks.add(engine, load_unicorn().UC_HOOK_BLOCK, "count_block", self._state)
        self._hooks = hooks

    def before_block(self) -> int:
        """Instructions of all blocks entered before the one that runs now."""
        total: int = self._state.total
        current: int = self._state.current
        return total - current
