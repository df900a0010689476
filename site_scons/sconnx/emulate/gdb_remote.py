# SPDX-License-Identifier: Apache-2.0
"""The client side of GDB's remote serial protocol, as far as watching a firmware needs it.

Packets, replies and register order: "Debugging with GDB", appendix E. A reply is acknowledged when the next request is sent:
whatever arrives while QEMU runs stops it. The machine stands still whenever one of these functions returns.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

CHUNK_BYTES = 1024
"""Of memory in one packet; QEMU takes packets of at most 4096 characters."""
BREAKPOINT_BYTES = 2
"""The size of a Thumb breakpoint."""


class GdbRemoteError(Exception):
    """The other side refused a request, or is gone."""


@dataclass(frozen=True, slots=True)
class Registers:
    """What a call and its return are told by; addresses are without the Thumb bit."""

    stack_pointer: int
    return_address: int
    counter: int


class GdbRemote:
    """A machine that stands still, at the other end of a connected socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._received = bytearray()

    def registers(self) -> Registers:
        """Of an Arm core: r13, r14 and r15 of the 32-bit registers that `g` begins with."""
        self._send("g")
        stack_pointer, return_address, counter = struct.unpack("<3I", bytes.fromhex(self._reply()[8 * 13 : 8 * 16]))
        return Registers(stack_pointer, return_address & ~1, counter)

    def read(self, address: int, size_bytes: int) -> bytes:
        """Read memory."""
        chunks = _chunks(address, size_bytes)
        self._send(*(f"m{first:x},{count:x}" for first, count in chunks))
        content = b"".join(self._memory(first) for first, _ in chunks)
        if len(content) != size_bytes:
            raise GdbRemoteError(f"{size_bytes} bytes at 0x{address:08x} were asked for, {len(content)} came")
        return content

    def write(self, address: int, content: bytes) -> None:
        """Write memory."""
        for first, count in _chunks(address, len(content)):
            part = content[first - address : first - address + count]
            self._send(f"M{first:x},{count:x}:{part.hex()}")
            self._expect_ok()

    def set_breakpoint(self, address: int) -> None:
        """Stop before the instruction at the address, whenever it is reached by other means than `step`."""
        self._send(f"Z0,{address:x},{BREAKPOINT_BYTES}")
        self._expect_ok()

    def step(self) -> bool:
        """Run one instruction, whether or not there is a breakpoint; False when the machine is gone."""
        return self._run("s")

    def resume(self) -> bool:
        """Run to the next breakpoint, which may be here; False when the machine is gone."""
        return self._run("c")

    def _run(self, command: str) -> bool:
        try:
            self._send(command)
            return self._reply().startswith(("S", "T"))
        except (GdbRemoteError, ConnectionError):
            return False

    def _memory(self, address: int) -> bytes:
        reply = self._reply()
        if reply.startswith("E"):
            raise GdbRemoteError(f"memory at 0x{address:08x} cannot be read")
        return bytes.fromhex(reply)

    def _expect_ok(self) -> None:
        reply = self._reply()
        if reply != "OK":
            raise GdbRemoteError(f"the answer is '{reply}' instead of 'OK'")

    def _send(self, *commands: str) -> None:
        self._connection.sendall(b"".join(map(_packet, commands)))

    def _reply(self) -> str:
        """The content of the next packet."""
        while (end := self._received.find(b"#")) < 0 or len(self._received) < end + 3:
            received = self._connection.recv(1 << 16)
            if not received:
                raise GdbRemoteError("the connection was closed")
            self._received += received
        content = self._received[self._received.index(b"$") + 1 : end].decode("ascii")
        del self._received[: end + 3]
        return content


def _packet(content: str) -> bytes:
    return f"+${content}#{sum(content.encode()) & 0xFF:02x}".encode()


def _chunks(address: int, size_bytes: int) -> list[tuple[int, int]]:
    """Where each packet's memory begins, and its size."""
    end = address + size_bytes
    return [(first, min(CHUNK_BYTES, end - first)) for first in range(address, end, CHUNK_BYTES)]
