# SPDX-License-Identifier: Apache-2.0
"""One run of a firmware in QEMU's machine for its board: input in, result out.

QEMU stands still at breakpoints, which its GDB server sets: at functions of interest and where they return, at the exit and at
the handlers of faults. A plugin of ours (`native/qemu_plugin.c`) counts instructions; what an IT block or a predicate switches
off counts as executed, and so does the LE of each round of a low-overhead loop. QEMU's flash is RAM: a write to it goes
unnoticed.
"""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sconnx.elf.image import ElfImage, read_image
from sconnx.emulate.call_stack import CallStack, function_entries
from sconnx.emulate.gdb_remote import GdbRemote, GdbRemoteError
from sconnx.emulate.run_result import ReadMemory, RunResult
from sconnx.errors import SconnxError
from sconnx.target.board import QEMU, Board

PAINT = b"\xa5"
COUNT_BYTES = 8
EXIT_FUNCTION = "sx_io_exit"
VECTORS = 16
COUNTER_IN_FRAME = 24
"""Where the program counter lies in what an exception pushes (Armv8-M ARM, B3.19)."""


@dataclass(frozen=True, slots=True)
class _Machine:
    """A process of QEMU, and what it writes to.

    Args:
        total: the instructions executed so far, 8 bytes; None where nobody counts.
    """

    process: subprocess.Popen[bytes]
    remote: GdbRemote
    total: IO[bytes] | None
    stdout: IO[bytes]

    def instructions(self) -> int:
        """Executed so far; exact while the machine stands still."""
        if self.total is None:
            return 0
        self.total.seek(0)
        (count,) = struct.unpack("<Q", self.total.read(COUNT_BYTES))
        return int(count)


def run_qemu(
    elf: Path,
    board: Board,
    stdin: bytes = b"",
    *,
    count: Sequence[str] = (),
    on_return: Mapping[str, Callable[[ReadMemory], None]] | None = None,
    native_hooks: Path | None = None,
    timeout_seconds: int = 600,
) -> RunResult:
    """Run a firmware from reset until it exits.

    Args:
        elf: the linked firmware, with our board support.
        stdin: all of its standard input.
        count: functions whose instructions are counted, call by call; they must not be inlined.
        on_return: per function, called each time it has returned; it may read the firmware's memory.
        native_hooks: shared object built from `native/*.c`; needed to count.
        timeout_seconds: guards against a firmware that never exits, and one that stops making progress.

    Raises:
        SconnxError: E501, a fault, or no exit in time; E502, it is no ELF file; E503, a function is missing; E601, QEMU is not
            installed, does not have the board, or takes no plugins.
    """
    assert native_hooks is not None or not count
    command = _command(elf, board)
    image = read_image(elf, board.regions)
    functions = function_entries(image, (*count, *(name for name in on_return or {} if name not in count)))
    hooks = native_hooks if count else None
    try:
        with _started(command, elf.name, stdin, hooks, timeout_seconds) as machine:
            calls, stack_bytes = _follow(machine, image, functions, on_return or {})
            status = machine.process.wait(timeout_seconds)
            machine.stdout.seek(0)
            stdout = machine.stdout.read()
    except (TimeoutError, subprocess.TimeoutExpired):
        raise SconnxError("E501", f"the firmware did not exit within {timeout_seconds} s", where=elf.name) from None
    return RunResult(stdout, status, {name: tuple(calls.instructions[name]) for name in count}, stack_bytes)


def _command(elf: Path, board: Board) -> list[str]:
    program = shutil.which(QEMU)
    if program is None:
        raise SconnxError("E601", f"'{QEMU}' is not on PATH", help="install it with your system's packages")
    if not board.qemu_machine:
        raise SconnxError("E601", f"board '{board.name}' names no 'qemu_machine'")
    command = [program, "-machine", board.qemu_machine, "-kernel", str(elf)]
    # No serial port and no monitor: both would take bytes from stdin.
    command += ["-display", "none", "-serial", "none", "-monitor", "none"]
    return [*command, "-semihosting-config", "enable=on,target=native"]


@contextmanager
def _started(
    command: Sequence[str], name: str, stdin: bytes, native_hooks: Path | None, timeout_seconds: int
) -> Iterator[_Machine]:
    """A machine that waits before its first instruction. Raises SconnxError E601 when QEMU refuses to start."""
    here, there = socket.socketpair()
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as total, here:
        given.write(stdin)
        given.seek(0)
        total.write(bytes(COUNT_BYTES))
        total.flush()
        words = [*command, "-S", "-chardev", f"socket,id=gdb,fd={there.fileno()}", "-gdb", "chardev:gdb"]
        if native_hooks is not None:
            # A comma in a value of QEMU's options is doubled.
            words += ["-plugin", f"{str(native_hooks.resolve()).replace(',', ',,')},total={total.fileno()}"]
        files = (there.fileno(), total.fileno())
        with there:
            process = subprocess.Popen(
                words, stdin=given, stdout=stdout, stderr=subprocess.PIPE, pass_fds=files, bufsize=0
            )
        try:
            here.settimeout(timeout_seconds)
            remote = GdbRemote(here)
            try:
                remote.registers()
            except (GdbRemoteError, ConnectionError):
                _, complaint = process.communicate(timeout=timeout_seconds)
                why = complaint.decode(errors="replace").strip().replace("\n", "; ")
                raise SconnxError("E601", f"{QEMU} does not start", where=name, why=why) from None
            yield _Machine(process, remote, total if native_hooks else None, stdout)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def _follow(
    machine: _Machine,
    image: ElfImage,
    functions: Mapping[int, str],
    on_return: Mapping[str, Callable[[ReadMemory], None]],
) -> tuple[CallStack, int]:
    """Run to the exit; returns the calls and the stack high-water mark."""
    remote = machine.remote
    calls, stack_bytes = CallStack(functions.values()), 0
    bottom, top = image.symbol("sx_stack_bottom").address, image.symbol("sx_stack_top").address
    remote.write(bottom, PAINT * (top - bottom))
    exit_entry = image.symbol(EXIT_FUNCTION).address
    handlers = _fault_handlers(remote, image)
    breakpoints = {exit_entry, *handlers, *functions}
    for address in sorted(breakpoints):
        remote.set_breakpoint(address)
    while remote.resume():
        here = remote.registers()
        address, stack_pointer, count = here.counter, here.stack_pointer, machine.instructions()
        if address in handlers:
            raise _fault(remote, image, stack_pointer)
        if address == exit_entry:
            stack_bytes = len(remote.read(bottom, top - bottom).lstrip(PAINT))
        for name in calls.leave(address, stack_pointer, count):
            if name in on_return:
                on_return[name](remote.read)
        is_call = address in functions and calls.enter(functions[address], here.return_address, stack_pointer, count)
        if is_call and here.return_address not in breakpoints:
            breakpoints.add(here.return_address)
            remote.set_breakpoint(here.return_address)
        if not remote.step():
            break
    return calls, stack_bytes


def _fault_handlers(remote: GdbRemote, image: ElfImage) -> frozenset[int]:
    """What the vector table names besides the initial stack and the reset."""
    vectors = image.find_section(".isr_vector")
    assert vectors is not None
    table = struct.unpack(f"<{VECTORS}I", remote.read(vectors.address, 4 * VECTORS))
    return frozenset(address & ~1 for address in table[2:])


def _fault(remote: GdbRemote, image: ElfImage, stack_pointer: int) -> SconnxError:
    (counter,) = struct.unpack("<I", remote.read(stack_pointer + COUNTER_IN_FRAME, 4))
    function = image.function_at(counter)
    place = f" ({function.name} + {counter - function.address})" if function else ""
    where = f" in {function.name}" if function else ""
    return SconnxError("E501", f"a fault{where}", where=image.file, why=f"raised by the code at 0x{counter:08x}{place}")
