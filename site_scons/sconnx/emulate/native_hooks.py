# SPDX-License-Identifier: Apache-2.0
"""Hooks in C: a shared object built from `native/*.c`, whose functions unicorn calls without Python in between."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

from sconnx.emulate.unicorn_binding import load_unicorn
from sconnx.errors import SconnxError


class NativeHooks:
    """The shared object, loaded.

    Raises:
        SconnxError: E602, it cannot be loaded.
    """

    def __init__(self, library: Path) -> None:
        self._unicorn = load_unicorn()
        # The Python binding takes Python callbacks only; this is the C interface below it.
        self._interface = self._unicorn.unicorn_py3.unicorn.uclib
        try:
            self._library = ctypes.CDLL(str(library.resolve()))
        except OSError as error:
            raise _cannot_load(error) from None

    def unicorn_function(self, name: str) -> ctypes.c_void_p:
        """The address of a function of unicorn, for hooks that call back."""
        return ctypes.cast(getattr(self._interface, name), ctypes.c_void_p)

    def add(self, engine: Any, kind: int, function: str, state: ctypes.Structure) -> None:
        """Let unicorn call a function for all addresses.

        Args:
            kind: of the hook, UC_HOOK_*.
            state: what the function gets as its `user`; the caller keeps it as long as the engine runs.

        Raises:
            SconnxError: E602, the shared object has no such function.
        """
        try:
            callback = ctypes.cast(getattr(self._library, function), ctypes.c_void_p)
        except AttributeError as error:
            raise _cannot_load(error) from None
        handle = ctypes.c_size_t()
        status = self._interface.uc_hook_add(
            engine._uch,
            ctypes.byref(handle),
            kind,
            callback,
            ctypes.cast(ctypes.pointer(state), ctypes.c_void_p),
            ctypes.c_uint64(1),
            ctypes.c_uint64(0),
        )
        if status != self._unicorn.UC_ERR_OK:
            raise self._unicorn.UcError(status)


def _cannot_load(error: Exception) -> SconnxError:
    return SconnxError("E602", "cannot load the native hooks", why=str(error))
