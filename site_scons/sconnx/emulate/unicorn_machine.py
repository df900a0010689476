# SPDX-License-Identifier: Apache-2.0
"""One run of a firmware in unicorn, as a function: input in, result out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from sconnx.elf.image import read_image
from sconnx.emulate.audit import Auditor
from sconnx.emulate.machine import UnicornMachine
from sconnx.emulate.run_result import ReadMemory, RunResult
from sconnx.errors import SconnxError
from sconnx.target.board import Board
from sconnx.target.cpu import Cpu


def run_firmware(
    elf: Path,
    cpu: Cpu,
    board: Board,
    stdin: bytes = b"",
    *,
    count: Sequence[str] = (),
    on_return: Mapping[str, Callable[[ReadMemory], None]] | None = None,
    auditor: Auditor | None = None,
    trace: bool = False,
    native_hooks: Path | None = None,
    timeout_seconds: int = 600,
) -> RunResult:
    """Run a firmware from reset until it exits.

    Args:
        elf: the linked firmware; it talks through semihosting.
        stdin: all of its standard input.
        count: functions whose instructions are counted, call by call; they must not be inlined.
        on_return: per function, called each time it has returned; it may read the firmware's memory.
        auditor: watches loads and stores; it needs the native hooks.
        trace: also tell the edges between blocks of code in the counted functions; this needs the native hooks.
        native_hooks: shared object built from `native/*.c`; without it, counting is slow.
        timeout_seconds: guards against a firmware that never exits.

    Raises:
        SconnxError: E501, the firmware did something forbidden, or never exits; E502, it is no ELF file or
            does not lie in the board's memory; E503, a function is missing; E601, unicorn is missing or lacks the
            CPU; E602, the native hooks cannot be loaded; E512, the auditor found a violation; E702, the board's regions
            cannot be emulated.
    """
    image = read_image(elf, board.regions)
    callbacks = dict(on_return or {})
    machine = UnicornMachine(image, cpu, board, stdin)
    counter = machine.counter(native_hooks) if count else None
    entries: dict[str, Callable[[], None]] = {}
    tracer = None
    if auditor is not None:
        assert native_hooks is not None
        auditor.start(partial(machine.memory_watch, native_hooks))
        entries = auditor.on_enter()
        callbacks = _joined(callbacks, auditor.on_return())
    elif trace:
        assert native_hooks is not None
        tracer = machine.block_trace(native_hooks, count)
        entries = tracer.on_enter()
        callbacks = _joined(callbacks, tracer.on_return())
    watch = machine.watch((*count, *callbacks), counter, entries, callbacks)
    try:
        status = machine.run(timeout_seconds)
    except SconnxError:
        if auditor is not None:
            auditor.check()
        if not machine.accessed_invalid_memory:
            raise
        raise _located_fault(lambda: UnicornMachine(image, cpu, board, stdin), timeout_seconds) from None
    instructions = {name: tuple(watch.calls.instructions[name]) for name in count}
    edges = tracer.edges() if tracer else ()
    return RunResult(bytes(machine.semihosting.stdout), status, instructions, machine.stack_bytes(), edges)


def _joined(
    reading: Mapping[str, Callable[[ReadMemory], None]], others: Mapping[str, Callable[[], None]]
) -> dict[str, Callable[[ReadMemory], None]]:
    """What to call at each return: first what reads the memory, then the others."""

    def both(name: str, memory: ReadMemory) -> None:
        if name in reading:
            reading[name](memory)
        if name in others:
            others[name]()

    return {name: partial(both, name) for name in {**reading, **others}}


def _located_fault(new_machine: Callable[[], UnicornMachine], timeout_seconds: int) -> SconnxError:
    """The error of a run that accesses invalid memory, with the exact program counter.

    Unicorn keeps the program counter up to date only where there is a hook. Runs are repeatable, so run again
    with a hook on every block, which tells the block, and once more with a hook on its instructions.
    """
    first, second = new_machine(), new_machine()
    address, size_bytes = first.last_block(timeout_seconds)
    second.follow(address, address + size_bytes - 1)
    try:
        second.run(timeout_seconds)
    except SconnxError as error:
        return error
    raise AssertionError("a repeated run took another course")
