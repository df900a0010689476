# SPDX-License-Identifier: Apache-2.0
"""Which blocks of code followed which, how often, and in which function: what an estimate of cycles is made from."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sconnx.emulate.native_hooks import NativeHooks
from sconnx.emulate.run_result import Block, BlockEdge
from sconnx.emulate.unicorn_binding import load_unicorn
from sconnx.errors import SconnxError

CAPACITY = 1 << 17
"""Entries of the table of edges; twice as many as there may be edges. A reference model has a few thousand."""
HISTORIES = 16


class _Edge(ctypes.Structure):
    _fields_ = [
        ("context", ctypes.c_uint32),
        ("before", ctypes.c_uint32),
        ("before_bytes", ctypes.c_uint32),
        ("after", ctypes.c_uint32),
        ("after_bytes", ctypes.c_uint32),
        ("padding", ctypes.c_uint32),
        ("count", ctypes.c_uint64),
        ("mispredicted", ctypes.c_uint64),
    ]


class _History(ctypes.Structure):
    _fields_ = [
        ("target", ctypes.c_uint32 * HISTORIES),
        ("confidence", ctypes.c_uint8 * HISTORIES),
        ("history", ctypes.c_uint32),
    ]


class _Trace(ctypes.Structure):
    _fields_ = [
        ("edges", ctypes.POINTER(_Edge)),
        ("capacity", ctypes.c_uint64),
        ("used", ctypes.c_uint64),
        ("branches", ctypes.POINTER(_History)),
        ("base", ctypes.c_uint64),
        ("size_bytes", ctypes.c_uint64),
        ("context", ctypes.c_uint32),
        ("before", ctypes.c_uint32),
        ("before_bytes", ctypes.c_uint32),
        ("after", ctypes.c_uint32),
        ("after_bytes", ctypes.c_uint32),
        ("is_mispredicted", ctypes.c_uint32),
    ]


class BlockTrace:
    """Traces with the C callback of `native/block_trace.c`, while one of the functions runs.

    Args:
        engine: the unicorn engine.
        base, size_bytes: the code whose branches are predicted.
        functions: those whose edges are told apart.

    Raises:
        SconnxError: E602, the shared object has no such callback.
    """

    def __init__(self, engine: Any, hooks: NativeHooks, base: int, size_bytes: int, functions: Sequence[str]) -> None:
        self._functions = tuple(functions)
        self._edges = (_Edge * CAPACITY)()
        branches = (_History * max(1, (size_bytes + 1) // 2))()
        self._state = _Trace(self._edges, CAPACITY, 0, branches, base, size_bytes)
        self._running = [0]
        hooks.add(engine, load_unicorn().UC_HOOK_BLOCK, "trace_block", self._state)
        self._hooks = hooks

    def on_enter(self) -> dict[str, Callable[[], None]]:
        """What to call before the first instruction of each function."""
        return {name: partial(self._enter, number) for number, name in enumerate(self._functions, 1)}

    def on_return(self) -> dict[str, Callable[[], None]]:
        """What to call when a function has returned."""
        return dict.fromkeys(self._functions, self._leave)

    def edges(self) -> tuple[BlockEdge, ...]:
        """All of them, in no order that means anything but always the same.

        Raises:
            SconnxError: E501, there are more than the table holds.
        """
        if 2 * self._state.used > CAPACITY:
            raise SconnxError("E501", f"the firmware has more than {CAPACITY // 2:,} edges between blocks of code")
        return tuple(
            BlockEdge(
                self._functions[edge.context - 1],
                Block(edge.before, edge.before_bytes),
                Block(edge.after, edge.after_bytes),
                edge.count,
                edge.mispredicted,
            )
            for edge in self._edges
            if edge.context
        )

    def _enter(self, number: int) -> None:
        self._running.append(number)
        self._state.context = number

    def _leave(self) -> None:
        self._running.pop()
        self._state.context = self._running[-1]
