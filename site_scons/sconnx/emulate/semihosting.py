# SPDX-License-Identifier: Apache-2.0
"""Arm semihosting for one run: console input and output as bytes, and the exit status.

Operations, parameter blocks and results: Arm, "Semihosting for AArch32 and AArch64", release 2.0. Only the
console exists: a firmware under test reads no files and no clock, so a run depends on its input alone.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

SYS_OPEN = 0x01
SYS_CLOSE = 0x02
SYS_WRITEC = 0x03
SYS_WRITE0 = 0x04
SYS_WRITE = 0x05
SYS_READ = 0x06
SYS_ISTTY = 0x09
SYS_EXIT = 0x18
SYS_EXIT_EXTENDED = 0x20

FAILED = 0xFFFFFFFF
APPLICATION_EXIT = 0x20026
STDIN, STDOUT, STDERR = 1, 2, 3


class Semihosting:
    """Serves the calls of one firmware.

    Args:
        stdin: all that standard input will ever give.
        read: `(address, size_bytes) -> bytes` of the firmware's memory.
        write: `(address, content)` to the firmware's memory.

    Attributes:
        stdout, stderr: what was written so far.
        exit_status: None until the firmware exits.
    """

    def __init__(self, stdin: bytes, read: Callable[[int, int], bytes], write: Callable[[int, bytes], None]) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.exit_status: int | None = None
        self._stdin = memoryview(stdin)
        self._read = read
        self._write = write

    def call(self, operation: int, parameter: int) -> int:
        """Serve one call; the result belongs into r0. An operation that is not offered fails with -1."""
        if operation == SYS_EXIT:
            self.exit_status = 0 if parameter == APPLICATION_EXIT else 1
        elif operation == SYS_EXIT_EXTENDED:
            reason, status = self._words(parameter, 2)
            self.exit_status = status if reason == APPLICATION_EXIT else 1
        elif operation == SYS_WRITEC:
            self.stdout += self._read(parameter, 1)
        elif operation == SYS_WRITE0:
            while (character := self._read(parameter, 1)) != b"\0":
                self.stdout += character
                parameter += 1
        elif operation == SYS_OPEN:
            return self._open(*self._words(parameter, 3))
        elif operation == SYS_WRITE:
            return self._write_console(*self._words(parameter, 3))
        elif operation == SYS_READ:
            return self._read_console(*self._words(parameter, 3))
        elif operation == SYS_ISTTY:
            return 1
        elif operation != SYS_CLOSE:
            return FAILED
        return 0

    def _words(self, address: int, count: int) -> tuple[int, ...]:
        return struct.unpack(f"<{count}I", self._read(address, 4 * count))

    def _open(self, name: int, mode: int, size_bytes: int) -> int:
        if self._read(name, size_bytes) != b":tt":
            return FAILED
        return STDIN if mode < 4 else STDOUT if mode < 8 else STDERR

    def _write_console(self, handle: int, address: int, size_bytes: int) -> int:
        """Returns the number of bytes not written."""
        if handle not in (STDOUT, STDERR):
            return size_bytes
        stream = self.stdout if handle == STDOUT else self.stderr
        stream += self._read(address, size_bytes)
        return 0

    def _read_console(self, handle: int, address: int, size_bytes: int) -> int:
        """Returns the number of bytes not read."""
        if handle != STDIN:
            return size_bytes
        content = bytes(self._stdin[:size_bytes])
        self._stdin = self._stdin[len(content) :]
        self._write(address, content)
        return size_bytes - len(content)
