# SPDX-License-Identifier: Apache-2.0
"""Every load and store of a running firmware, held against what may be touched now (`native/memory_watch.c`)."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sconnx.emulate.native_hooks import NativeHooks
from sconnx.emulate.unicorn_binding import load_unicorn


class _MemoryRange(ctypes.Structure):
    _fields_ = [
        ("first", ctypes.c_uint64),
        ("end", ctypes.c_uint64),
        ("owners", ctypes.c_void_p),
        ("owner", ctypes.c_uint32),
        ("padding", ctypes.c_uint32),
    ]


class _MemoryTable(ctypes.Structure):
    _fields_ = [("ranges", ctypes.POINTER(_MemoryRange)), ("count", ctypes.c_uint64)]


class _MemoryWatch(ctypes.Structure):
    _fields_ = [
        ("may_load", _MemoryTable),
        ("may_store", _MemoryTable),
        ("loads", ctypes.c_uint64),
        ("stores", ctypes.c_uint64),
        ("is_on", ctypes.c_uint32),
        ("counter_register", ctypes.c_int32),
        ("read_register", ctypes.c_void_p),
        ("stop", ctypes.c_void_p),
        ("address", ctypes.c_uint64),
        ("first_wrong", ctypes.c_uint64),
        ("size_bytes", ctypes.c_uint32),
        ("is_store", ctypes.c_uint32),
        ("is_in_range", ctypes.c_uint32),
        ("found_owner", ctypes.c_uint32),
        ("counter", ctypes.c_uint32),
        ("padding", ctypes.c_uint32),
    ]


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes [first, end) that may be touched.

    Args:
        owner: what their value belongs to, from 1 on; 0: it may be anything.
    """

    first: int
    end: int
    owner: int = 0


@dataclass(frozen=True, slots=True)
class Violation:
    """An access that is in no span.

    Args:
        address, size_bytes: of the access.
        first_wrong: address of the first of its bytes that may not be touched.
        found_owner: who wrote that byte last, 0 being nobody, where a load may touch it but not find this; None elsewhere.
        counter: the program counter.
    """

    address: int
    size_bytes: int
    first_wrong: int
    is_store: bool
    found_owner: int | None
    counter: int


@dataclass(frozen=True, slots=True)
class Allowed:
    """The tables of one function, ready to be set; made by `MemoryWatch.allowed`."""

    load: Any
    store: Any


class MemoryWatch:
    """Watches from the moment that something is set; stops the engine at the first violation.

    Args:
        engine: the unicorn engine.
        hooks: the shared object of all native hooks.
        owned: where owners are noted: [first, end) each. A span with an owner must lie in one of them.

    Raises:
        SconnxError: E602, the shared object cannot be loaded.
    """

    def __init__(self, engine: Any, hooks: NativeHooks, owned: Iterable[tuple[int, int]]) -> None:
        unicorn = load_unicorn()
        self._owners = [(first, (ctypes.c_uint32 * (end - first))()) for first, end in owned]
        self._state = _MemoryWatch(
            counter_register=unicorn.arm_const.UC_ARM_REG_PC,
            read_register=hooks.unicorn_function("uc_reg_read"),
            stop=hooks.unicorn_function("uc_emu_stop"),
        )
        hooks.add(engine, unicorn.UC_HOOK_MEM_READ | unicorn.UC_HOOK_MEM_WRITE, "watch_memory", self._state)

    @property
    def loads(self) -> int:
        """Loads that were watched."""
        return int(self._state.loads)

    @property
    def stores(self) -> int:
        """Stores that were watched."""
        return int(self._state.stores)

    @property
    def violation(self) -> Violation | None:
        """The first one, if any."""
        state = self._state
        if not state.size_bytes:
            return None
        return Violation(
            address=state.address,
            size_bytes=state.size_bytes,
            first_wrong=state.first_wrong,
            is_store=bool(state.is_store),
            found_owner=state.found_owner if state.is_in_range else None,
            counter=state.counter & ~1,
        )

    def allowed(self, load: Iterable[Span], store: Iterable[Span]) -> Allowed:
        """Tables of what may be loaded and stored."""
        return Allowed(self._table(load), self._table(store))

    def set(self, allowed: Allowed | None) -> None:
        """What may be touched from now on; None: nothing is watched."""
        self._state.is_on = allowed is not None
        if allowed is not None:
            self._state.may_load, self._state.may_store = allowed.load, allowed.store

    def own(self, span: Span) -> None:
        """Note that all bytes of a span belong to its owner."""
        owners, first = self._owners_of(span)
        owners[first : first + span.end - span.first] = [span.owner] * (span.end - span.first)

    def forget(self) -> None:
        """Note that nobody wrote anything yet."""
        for _, owners in self._owners:
            ctypes.memset(owners, 0, ctypes.sizeof(owners))

    def _owners_of(self, span: Span) -> tuple[Any, int]:
        """The owners of an area, and the index of the span's first byte there."""
        for first, owners in self._owners:
            if first <= span.first and span.end <= first + len(owners):
                return owners, span.first - first
        raise ValueError(f"no owners are noted at [0x{span.first:08x}, 0x{span.end:08x})")

    def _table(self, spans: Iterable[Span]) -> _MemoryTable:
        ranges = []
        for span in spans:
            address = None
            if span.owner:
                owners, first = self._owners_of(span)
                address = ctypes.addressof(owners) + first * ctypes.sizeof(ctypes.c_uint32)
            ranges.append(_MemoryRange(span.first, span.end, address, span.owner))
        array = (_MemoryRange * len(ranges))(*ranges)
        return _MemoryTable(array, len(ranges))
