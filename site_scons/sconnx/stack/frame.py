# SPDX-License-Identifier: Apache-2.0
"""What one function takes of the stack: every path through its code is followed once, with the depth at each instruction.

The depth counts bytes below the stack pointer that the caller had. Registers that hold an address on the stack, or that of a
function, are followed where they are set from what is known; all else that is put into the stack pointer is said to be unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sconnx.cycles.instruction import decoder
from sconnx.elf.image import ElfImage, Symbol
from sconnx.errors import SconnxError

MEETING_WAYS = 8
_WORD_BYTES = 4


@dataclass(frozen=True, slots=True)
class Call:
    """A call, or a jump into another function, with `depth_bytes` of the caller's own on the stack."""

    target: int
    depth_bytes: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One function.

    Args:
        bytes: the most that it takes itself.
        unknown: what of it cannot be said, for people.
    """

    function: str
    bytes: int
    calls: tuple[Call, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """Before an instruction: the depth, and for registers the depth of the place on the stack that they point to."""

    depth: int
    pointers: Mapping[str, int] = field(default_factory=dict)


class _Walk:
    """The walk through one function."""

    def __init__(self, image: ElfImage, function: Symbol) -> None:
        self.image = image
        self.function = function
        self.end = function.address + function.size_bytes
        self.code = image.content(function.address, function.size_bytes)
        self.most = 0
        self.calls: dict[Call, None] = {}
        self.unknown: dict[str, None] = {}
        self.decoded: dict[int, Any] = {}
        self.constants: dict[str, set[int | None]] = {}

    def run(self) -> Frame:
        seen: dict[int, int] = {}
        visits: Counter[int] = Counter()
        pending = [(self.function.address, _State(0))]
        indirect: list[tuple[str, int]] = []
        while pending:
            address, state = pending.pop()
            if state.depth <= seen.get(address, -1):
                continue
            # Ways that meet at different depths are few; a loop that pushes is deeper in each round.
            if visits[address] == MEETING_WAYS:
                self._cannot("a loop that takes more of the stack each time")
                continue
            seen[address] = state.depth
            visits[address] += 1
            pending += self._step(address, state, indirect)
        for register, depth in indirect:
            self._indirect(register, depth)
        return Frame(self.function.name, self.most, tuple(self.calls), tuple(self.unknown))

    def _step(self, address: int, state: _State, indirect: list[tuple[str, int]]) -> list[tuple[int, _State]]:
        """One instruction: where the program may go on, in which state."""
        found = self._instruction(address)
        if found is None:
            # What capstone does not know, MVE and the loops of Armv8.1-M, leaves the stack alone.
            size = 4 if self.code[address - self.function.address + 1] >= 0xE8 else 2
            return self._on(address + size, state)
        after = self._effect(found, state)
        self.most = max(self.most, after.depth, state.depth)
        name = str(found.mnemonic).partition(".")[0]
        if name.startswith("it"):
            return self._if_then(found, state, indirect)
        is_conditional = found.cc not in (0, 15)
        onward = self._on(address + found.size, after)
        target = next((operand.imm for operand in found.operands if operand.type == _arm().ARM_OP_IMM), None)
        base = name[:-2] if is_conditional and len(name) > 2 else name
        if base == "bl" or (base == "blx" and target is not None):
            self._call(target, after.depth)
            return onward
        if base == "blx":
            indirect.append((found.reg_name(found.operands[0].reg), after.depth))
            return onward
        if name in ("cbz", "cbnz"):
            return [*onward, *self._jump(target, after)]
        if base == "b":
            return [*(onward if is_conditional else []), *self._jump(target, after)]
        if base in ("tbb", "tbh"):
            return self._table(found, after)
        if base == "bx" or self._writes_counter(found):
            self._leave(found, base, after, indirect)
            return onward if is_conditional else []
        return onward

    def _if_then(self, found: Any, state: _State, indirect: list[tuple[str, int]]) -> list[tuple[int, _State]]:
        """Both ways through an IT block: what its instructions do where the condition holds, and where it does not."""
        arms = ["t", *str(found.mnemonic).partition(".")[0][2:]]
        ends = []
        for taken in ("t", "e"):
            address, now = found.address + found.size, state
            for arm in arms:
                instruction = self._instruction(address)
                size = 4 if instruction is None else instruction.size
                if arm == taken and instruction is not None:
                    onward = self._step(address, now, indirect)
                    ends += [end for end in onward if end[0] != address + size]
                    behind = next((after for target, after in onward if target == address + size), None)
                    if behind is None:
                        break
                    now = behind
                address += size
            else:
                ends += self._on(address, now)
        return ends

    def _on(self, address: int, state: _State) -> list[tuple[int, _State]]:
        """The next instruction; a function that ends in a call which does not return has none."""
        return [(address, state)] if address < self.end else []

    def _jump(self, target: int | None, state: _State) -> list[tuple[int, _State]]:
        if target is None:
            return []
        if self.function.address <= target < self.end:
            return [(target, state)]
        self._call(target, state.depth)
        return []

    def _call(self, target: int | None, depth: int) -> None:
        if target is not None:
            self.calls[Call(target & ~1, depth)] = None

    def _leave(self, found: Any, base: str, state: _State, indirect: list[tuple[str, int]]) -> None:
        """A return, or a jump by a register, or by a constant that lies in the code."""
        if base == "bx":
            register = found.reg_name(found.operands[0].reg)
            if register != "lr":
                indirect.append((register, state.depth))
        elif base == "ldr" and self._literal(found) is not None:
            self._call(self._literal(found), state.depth)

    def _table(self, found: Any, state: _State) -> list[tuple[int, _State]]:
        """The cases of a table branch; the comparison before it says how many there are."""
        register = found.reg_name(found.operands[0].mem.index)
        limit = next(
            (
                each.operands[1].imm
                for address, each in sorted(self.decoded.items(), reverse=True)
                if address < found.address
                and str(each.mnemonic).startswith("cmp")
                and each.reg_name(each.operands[0].reg) == register
                and each.operands[1].type == _arm().ARM_OP_IMM
            ),
            None,
        )
        if limit is None:
            self._cannot("a table of jumps of unknown length")
            return []
        start, width = found.address + 4, 1 if str(found.mnemonic).startswith("tbb") else 2
        table = self.code[start - self.function.address :]
        entries = [int.from_bytes(table[width * i : width * (i + 1)], "little") for i in range(limit + 1)]
        return [(start + 2 * entry, state) for entry in entries]

    def _indirect(self, register: str, depth: int) -> None:
        """A call by a register: of all that the function loads into it as constants."""
        values = self.constants.get(register, {None})
        if None in values:
            self._cannot(f"a call by register {register}")
        for value in values - {None}:
            self._call(value, depth)

    def _cannot(self, what: str) -> None:
        self.unknown[f"{what} in {self.function.name}"] = None

    def _instruction(self, address: int) -> Any:
        if address not in self.decoded:
            offset = address - self.function.address
            found = next(decoder().disasm(self.code[offset : offset + 4], address, 1), None)
            if found is not None:
                self._note_constants(found)
            self.decoded[address] = found
        return self.decoded[address]

    def _note_constants(self, found: Any) -> None:
        """What each register may hold, wherever in the function it is set."""
        _, written = found.regs_access()
        literal = self._literal(found)
        for register in map(found.reg_name, written):
            known = str(found.mnemonic).startswith("ldr") and literal is not None and register != "pc"
            restored = str(found.mnemonic).startswith(("pop", "ldm"))
            if not restored:
                self.constants.setdefault(register, set()).add(literal if known else None)

    def _literal(self, found: Any) -> int | None:
        """The word that a load relative to the program counter gets."""
        memory = next((each.mem for each in found.operands if each.type == _arm().ARM_OP_MEM), None)
        if memory is None or memory.base == 0 or found.reg_name(memory.base) != "pc" or memory.index:
            return None
        try:
            return int.from_bytes(self.image.content((found.address + 4 & ~3) + memory.disp, _WORD_BYTES), "little")
        except SconnxError:
            return None

    def _writes_counter(self, found: Any) -> bool:
        return "pc" in map(found.reg_name, found.regs_access()[1])

    def _effect(self, found: Any, state: _State) -> _State:
        """The state behind an instruction."""
        arm, name = _arm(), str(found.mnemonic).partition(".")[0]
        written = [found.reg_name(register) for register in found.regs_access()[1]]
        operands = found.operands
        registers = [found.reg_name(each.reg) for each in operands if each.type == arm.ARM_OP_REG]
        immediate = next((each.imm for each in operands if each.type == arm.ARM_OP_IMM), None)
        if "sp" in written or name.startswith(("push", "pop", "vpush", "vpop")):
            depth = self._new_depth(found, name, registers, immediate, state)
            if depth is None:
                self._cannot("a stack pointer that is computed")
                depth = state.depth
            return _State(depth, {r: p for r, p in state.pointers.items() if r not in written})
        pointers = {register: place for register, place in state.pointers.items() if register not in written}
        place = self._pointer(name, registers, immediate, state)
        if place is not None and registers:
            pointers[registers[0]] = place
        return _State(state.depth, pointers)

    def _pointer(self, name: str, registers: list[str], immediate: int | None, state: _State) -> int | None:
        """Where on the stack the first register of an instruction points to behind it."""
        places = {**state.pointers, "sp": state.depth}
        source = registers[-1] if registers else ""
        if source not in places or len(registers) > 2:
            return None
        if name in ("mov", "movs") and len(registers) == 2:
            return places[source]
        if name.startswith("add") and immediate is not None:
            return places[source] - immediate
        if name.startswith("sub") and immediate is not None:
            return places[source] + immediate
        if name in ("bic", "bfc", "and") and immediate is not None:
            # Rounded down to a multiple of a small power of two; by how much is not known.
            return places[source] + 31
        return None

    def _new_depth(
        self, found: Any, name: str, registers: list[str], immediate: int | None, state: _State
    ) -> int | None:
        """The depth behind an instruction that sets the stack pointer; None: unknown."""
        if name.startswith(("push", "vpush", "stm", "vstm")):
            return state.depth + _bytes_of([r for r in registers if r != "sp"])
        if name.startswith(("pop", "vpop", "ldm", "vldm")):
            return state.depth - _bytes_of([r for r in registers if r != "sp"])
        if name.startswith(("str", "ldr", "vstr", "vldr")):
            memory = next(each.mem for each in found.operands if each.type == _arm().ARM_OP_MEM)
            return state.depth - (memory.disp or immediate or 0)
        if name.startswith("sub") and immediate is not None and set(registers) == {"sp"}:
            return state.depth + immediate
        if name.startswith("add") and immediate is not None and set(registers) == {"sp"}:
            return state.depth - immediate
        return self._pointer(name, registers, immediate, state)


def _bytes_of(registers: list[str]) -> int:
    return sum(8 if register.startswith("d") else 16 if register.startswith("q") else 4 for register in registers)


def _arm() -> Any:
    import capstone.arm

    return capstone.arm


def frame(image: ElfImage, function: Symbol) -> Frame:
    """What a function takes of the stack, and whom it calls. Raises SconnxError E601: capstone is not installed."""
    return _Walk(image, function).run()
