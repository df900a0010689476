# SPDX-License-Identifier: Apache-2.0
"""The semihosting calls one by one, on a memory of bytes."""

from __future__ import annotations

import struct

import pytest

from sconnx.emulate.semihosting import FAILED, Semihosting

BLOCK, NAME, DATA = 0, 64, 128


class Memory:
    def __init__(self) -> None:
        self.content = bytearray(256)

    def read(self, address: int, size_bytes: int) -> bytes:
        return bytes(self.content[address : address + size_bytes])

    def write(self, address: int, content: bytes) -> None:
        self.content[address : address + len(content)] = content


@pytest.fixture
def memory() -> Memory:
    return Memory()


def call(semihosting: Semihosting, memory: Memory, operation: int, *words: int) -> int:
    memory.write(BLOCK, struct.pack(f"<{len(words)}I", *words))
    return semihosting.call(operation, BLOCK)


def open_console(semihosting: Semihosting, memory: Memory, mode: int, name: bytes = b":tt") -> int:
    memory.write(NAME, name)
    return call(semihosting, memory, 0x01, NAME, mode, len(name))


def test_read_in_pieces(memory: Memory) -> None:
    semihosting = Semihosting(b"abcde", memory.read, memory.write)
    handle = open_console(semihosting, memory, 0)
    assert call(semihosting, memory, 0x06, handle, DATA, 3) == 0
    assert memory.read(DATA, 3) == b"abc"
    assert call(semihosting, memory, 0x06, handle, DATA, 4) == 2
    assert memory.read(DATA, 3) == b"dec"
    assert call(semihosting, memory, 0x06, handle, DATA, 4) == 4


def test_write(memory: Memory) -> None:
    semihosting = Semihosting(b"", memory.read, memory.write)
    out, errors = open_console(semihosting, memory, 4), open_console(semihosting, memory, 8)
    memory.write(DATA, b"hello\0")
    assert call(semihosting, memory, 0x05, out, DATA, 4) == 0
    assert call(semihosting, memory, 0x05, errors, DATA, 2) == 0
    assert semihosting.call(0x03, DATA) == 0
    assert semihosting.call(0x04, DATA) == 0
    assert bytes(semihosting.stdout) == b"hell" + b"h" + b"hello"
    assert bytes(semihosting.stderr) == b"he"


def test_refused(memory: Memory) -> None:
    semihosting = Semihosting(b"abc", memory.read, memory.write)
    assert open_console(semihosting, memory, 0, b"file") == FAILED
    out = open_console(semihosting, memory, 4)
    assert call(semihosting, memory, 0x06, out, DATA, 3) == 3
    assert call(semihosting, memory, 0x05, 99, DATA, 3) == 3
    assert semihosting.call(0x10, 0) == FAILED
    assert (semihosting.call(0x09, BLOCK), semihosting.call(0x02, BLOCK)) == (1, 0)


@pytest.mark.parametrize(
    ("reason", "status", "expected"),
    [(0x20026, 7, 7), (0x20026, 0, 0), (0x20023, 0, 1)],
)
def test_extended_exit(memory: Memory, reason: int, status: int, expected: int) -> None:
    semihosting = Semihosting(b"", memory.read, memory.write)
    call(semihosting, memory, 0x20, reason, status)
    assert semihosting.exit_status == expected


@pytest.mark.parametrize(("reason", "expected"), [(0x20026, 0), (0x20023, 1)])
def test_exit(memory: Memory, reason: int, expected: int) -> None:
    semihosting = Semihosting(b"", memory.read, memory.write)
    semihosting.call(0x18, reason)
    assert semihosting.exit_status == expected
