# SPDX-License-Identifier: Apache-2.0
"""A firmware in unicorn: the instruction set of a Cortex-M, the memories of a board, and nothing else."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sconnx.elf.image import ElfImage
from sconnx.emulate.block_trace import BlockTrace
from sconnx.emulate.call_stack import function_entries
from sconnx.emulate.function_watch import FunctionWatch
from sconnx.emulate.instruction_count import InstructionCounter, NativeCounter, PythonCounter
from sconnx.emulate.memory_map import memory_map
from sconnx.emulate.memory_watch import MemoryWatch
from sconnx.emulate.native_hooks import NativeHooks
from sconnx.emulate.run_result import ReadMemory
from sconnx.emulate.semihosting import Semihosting
from sconnx.emulate.unicorn_binding import load_unicorn, make_engine
from sconnx.errors import SconnxError
from sconnx.target.board import Board
from sconnx.target.cpu import Cpu

PAINT = b"\xa5"
END_OF_MEMORY = 0xFFFFFFFE
STACK_OVERFLOW_REACH_BYTES = 64 * 1024
SEMIHOSTING_BREAKPOINT = b"\xab\xbe"
BREAKPOINT = 7
# Unicorn's numbers of processor exceptions.
EXCEPTIONS = {
    1: "undefined instruction",
    2: "SVC instruction",
    3: "instruction fetch abort",
    4: "unaligned access",
    BREAKPOINT: "breakpoint",
}


class UnicornMachine:
    """One firmware, loaded and ready to run once.

    Raises:
        SconnxError: E502, the firmware does not lie in the board's memory; E601, unicorn is not installed or
            does not have the CPU; E702, the regions cannot be emulated.
    """

    def __init__(self, image: ElfImage, cpu: Cpu, board: Board, stdin: bytes) -> None:
        self._unicorn = load_unicorn()
        self._engine = make_engine(cpu)
        self._image = image
        self._cpu = cpu
        self._board = board
        self._invalid_access: tuple[int, int] | None = None
        self.semihosting = Semihosting(stdin, self.read, self._engine.mem_write)
        self._load()
        vectors = image.find_section(".isr_vector")
        table = vectors.address if vectors else board.flash.origin
        self._stack_top, self._reset = struct.unpack("<2I", self.read(table, 8))
        self._stack_bottom = self._paint_stack()
        self._engine.hook_add(self._unicorn.UC_HOOK_INTR, self._on_exception)
        self._engine.hook_add(self._unicorn.UC_HOOK_MEM_INVALID, self._on_invalid_access)

    def read(self, address: int, size_bytes: int) -> bytes:
        """Read the firmware's memory."""
        return bytes(self._engine.mem_read(address, size_bytes))

    def counter(self, library: Path | None) -> InstructionCounter:
        """Start counting instructions, natively when there is a library for it."""
        if library is None:
            return PythonCounter(self._engine)
        return NativeCounter(self._engine, library, *self._code())

    def block_trace(self, library: Path, functions: Sequence[str]) -> BlockTrace:
        """Trace blocks of code; see `BlockTrace`."""
        return BlockTrace(self._engine, NativeHooks(library), *self._code(), functions)

    def _code(self) -> tuple[int, int]:
        """Base and size of the region with the first code."""
        code = [section for section in self._image.sections if section.kind == "code"]
        base = min((section.address for section in code), default=0)
        end = max((section.end for section in code if section.region == code[0].region), default=0)
        return base, end - base

    def memory_watch(self, library: Path, owned: Sequence[tuple[int, int]]) -> MemoryWatch:
        """Watch loads and stores; see `MemoryWatch`."""
        return MemoryWatch(self._engine, NativeHooks(library), owned)

    def watch(
        self,
        names: Sequence[str],
        counter: InstructionCounter | None,
        on_enter: Mapping[str, Callable[[], None]],
        on_return: Mapping[str, Callable[[ReadMemory], None]],
    ) -> FunctionWatch:
        """Watch functions by name.

        Raises:
            SconnxError: E503, one of them is not in the firmware, or has two of the names.
        """

        def bound(callback: Callable[[ReadMemory], None]) -> Callable[[], None]:
            return lambda: callback(self.read)

        functions = function_entries(self._image, names)
        callbacks = {name: bound(callback) for name, callback in on_return.items()}
        return FunctionWatch(self._engine, functions, counter, on_enter, callbacks)

    def run(self, timeout_seconds: int) -> int:
        """Run until the firmware exits; returns its status.

        Raises:
            SconnxError: E501, a fault, or no exit in time.
        """
        self._engine.reg_write(self._unicorn.arm_const.UC_ARM_REG_SP, self._stack_top)
        try:
            self._engine.emu_start(self._reset | 1, END_OF_MEMORY, timeout=timeout_seconds * 1_000_000)
        except self._unicorn.UcError as error:
            raise self._fault(error) from None
        if self.semihosting.exit_status is None:
            raise self._error(f"the firmware did not exit within {timeout_seconds} s", "last seen in")
        return self.semihosting.exit_status

    @property
    def accessed_invalid_memory(self) -> bool:
        """True when the run ended with an access to memory that is not there or is read-only."""
        return self._invalid_access is not None

    def follow(self, first: int, last: int) -> None:
        """Keep the program counter exact for the instructions from `first` to `last`."""

        def nothing(engine: object, address: int, size_bytes: int, user: object) -> None:
            return None

        self._engine.hook_add(self._unicorn.UC_HOOK_CODE, nothing, begin=first, end=last)

    def last_block(self, timeout_seconds: int) -> tuple[int, int]:
        """Run until a fault; returns address and size in bytes of the block that it happened in."""
        block = (0, 1)

        def enter(engine: object, address: int, size_bytes: int, user: object) -> None:
            nonlocal block
            block = (address, size_bytes)

        self._engine.hook_add(self._unicorn.UC_HOOK_BLOCK, enter)
        with suppress(SconnxError):
            self.run(timeout_seconds)
        return block

    def stack_bytes(self) -> int:
        """The stack high-water mark: the distance from the top to the lowest byte that was written."""
        return len(self.read(self._stack_bottom, self._stack_top - self._stack_bottom).lstrip(PAINT))

    def _load(self) -> None:
        uc = self._unicorn
        code_regions = [section.region for section in self._image.sections if section.kind == "code"]
        for mapping in memory_map(self._board.regions, code_regions):
            protection = uc.UC_PROT_READ
            protection |= uc.UC_PROT_WRITE if mapping.writable else 0
            protection |= uc.UC_PROT_EXEC if mapping.executable else 0
            self._engine.mem_map(mapping.origin, mapping.size_bytes, protection)
        for segment in self._image.segments:
            size_bytes, address = len(segment.content), segment.load_address
            try:
                self._engine.mem_write(address, segment.content)
            except uc.UcError:
                raise SconnxError(
                    "E502",
                    f"{size_bytes} bytes at 0x{address:08x} lie outside the board's memory",
                    where=self._image.file,
                    help=f"was it linked for another board than '{self._board.name}'?",
                ) from None

    def _paint_stack(self) -> int:
        """Paint from the section below the initial stack pointer up to it; returns the lowest address."""
        bottom = self._image.find_symbol("sx_stack_bottom")
        if bottom is not None:
            lowest = bottom.address
        else:
            region = self._board.region_at(self._stack_top - 1)
            below = [section.end for section in self._image.sections if section.end <= self._stack_top]
            lowest = max([region.origin if region else self._stack_top, *below])
        self._engine.mem_write(lowest, PAINT * (self._stack_top - lowest))
        return lowest

    def _on_exception(self, engine: object, number: int, user: object) -> None:
        registers = self._unicorn.arm_const
        read, write = self._engine.reg_read, self._engine.reg_write
        counter: int = read(registers.UC_ARM_REG_PC)
        if number != BREAKPOINT or self.read(counter, 2) != SEMIHOSTING_BREAKPOINT:
            raise self._error(EXCEPTIONS.get(number, f"processor exception {number}"), "raised by")
        result = self.semihosting.call(read(registers.UC_ARM_REG_R0), read(registers.UC_ARM_REG_R1))
        write(registers.UC_ARM_REG_R0, result)
        write(registers.UC_ARM_REG_PC, (counter + 2) | 1)
        if self.semihosting.exit_status is not None:
            self._engine.emu_stop()

    def _on_invalid_access(
        self, engine: object, access: int, address: int, size_bytes: int, value: int, user: object
    ) -> bool:
        self._invalid_access = (access, address)
        return False

    def _fault(self, error: Any) -> SconnxError:
        if self._invalid_access is not None:
            return self._error(self._describe_access(*self._invalid_access), "done by")
        if error.errno == self._unicorn.UC_ERR_INSN_INVALID:
            return self._error(f"an instruction that {self._cpu.name} does not have", "found in")
        return self._error(f"the emulator stopped: {error}", "stopped in")

    def _describe_access(self, access: int, address: int) -> str:
        uc = self._unicorn
        if 0 < self._stack_bottom - address <= STACK_OVERFLOW_REACH_BYTES:
            return f"stack overflow: access to 0x{address:08x}, below the stack,"
        region = self._board.region_at(address)
        place = f"{region.name if region else 'unmapped memory'} at 0x{address:08x}"
        if access in (uc.UC_MEM_FETCH_PROT, uc.UC_MEM_FETCH_UNMAPPED):
            return f"jump to {place}"
        if access in (uc.UC_MEM_READ_PROT, uc.UC_MEM_READ_UNMAPPED):
            return f"read from {place}"
        return f"write to {'read-only ' if access == uc.UC_MEM_WRITE_PROT else ''}{place}"

    def _error(self, what: str, verb: str) -> SconnxError:
        registers = self._unicorn.arm_const
        counter: int = self._engine.reg_read(registers.UC_ARM_REG_PC)
        why = f"{verb} the code at {self._place(counter)}"
        function = self._image.function_at(counter)
        if function is None:
            caller: int = self._engine.reg_read(registers.UC_ARM_REG_LR) & ~1
            function = self._image.function_at(caller)
            why += f", called from {self._place(caller)}"
        where = f" in {function.name}" if function else ""
        return SconnxError("E501", f"{what}{where}", where=self._image.file, why=why)

    def _place(self, address: int) -> str:
        function = self._image.function_at(address)
        return f"0x{address:08x}" + (f" ({function.name} + {address - function.address})" if function else "")
