# SPDX-License-Identifier: Apache-2.0
"""Thumb instructions as pipelines see them: what kind they are, what they read when, and what they write.

capstone decodes the bits; it is imported when the first block is decoded, and nowhere else in sconnx.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache
from typing import Any

from sconnx.errors import SconnxError

FLAGS = "cpsr"
COUNTER = "pc"


class Kind(Enum):
    """Groups of instructions that pipelines treat alike."""

    ALU = auto()
    FIELD = auto()
    """Bit fields, extension, saturation, reversal, parallel addition."""
    MULTIPLY = auto()
    DIVIDE = auto()
    LOAD = auto()
    STORE = auto()
    LOAD_SEVERAL = auto()
    STORE_SEVERAL = auto()
    BRANCH = auto()
    TABLE_BRANCH = auto()
    IF_THEN = auto()
    FLOAT = auto()


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction.

    Args:
        name: of the mnemonic, without condition and width.
        early: registers that make an address or are shifted: some pipelines need them a stage before the others.
        accumulator: what a multiplication adds to; empty where it is a factor, too, or there is none.
        base, offset: of a load or store with a constant offset; an empty base for other ones.
        written_back: the base that the instruction changes; empty where it changes none.
        transfers: how many registers a load or store of several moves.
        is_narrow: it loads less than a word.
        is_shifted: an operand is shifted.
        sets_counter: it may continue elsewhere.
    """

    name: str
    kind: Kind
    size_bytes: int
    reads: frozenset[str]
    writes: frozenset[str]
    early: frozenset[str]
    accumulator: str
    base: str
    offset: int
    written_back: str
    transfers: int
    is_narrow: bool
    is_shifted: bool
    sets_counter: bool


UNKNOWN = Instruction(
    name="unknown",
    kind=Kind.ALU,
    size_bytes=2,
    reads=frozenset(),
    writes=frozenset(),
    early=frozenset(),
    accumulator="",
    base="",
    offset=0,
    written_back="",
    transfers=0,
    is_narrow=False,
    is_shifted=False,
    sets_counter=False,
)
"""Neither waits nor makes wait."""

_BY_BEGINNING: tuple[tuple[Kind, str], ...] = (
    (Kind.LOAD_SEVERAL, "ldm pop ldrd vldm vpop"),
    (Kind.STORE_SEVERAL, "stm push strd vstm vpush"),
    (Kind.LOAD, "ldr vldr"),
    (Kind.STORE, "str vstr"),
    (Kind.TABLE_BRANCH, "tbb tbh"),
    (Kind.DIVIDE, "sdiv udiv"),
    (Kind.MULTIPLY, "mul mla mls smul smla smls smmul smmla smmls smua smus umul umla umaa"),
    (Kind.FLOAT, "v"),
    (Kind.FIELD, "sxt uxt ubfx sbfx bfi bfc pkh rev clz rbit ssat usat sel qadd qsub qdadd qdsub"),
    (Kind.FIELD, "sadd ssub sasx ssax uadd usub uasx usax shadd shsub uhadd uhsub uqadd uqsub"),
)
_BRANCHES = ("b", "bl", "bx", "blx", "cbz", "cbnz")
_WITH_ACCUMULATOR = ("mla", "mls", "smla", "smls", "smmla", "smmls")
_LONG = ("smlal", "smlsl", "umlal", "umaal")
_SIMPLE = ("mov", "movw", "movt", "mvn", "add", "addw", "sub", "subw", "adr")


def kind_of(name: str) -> Kind:
    """The kind of a mnemonic without condition and width, like `smlad`."""
    if name in _BRANCHES:
        return Kind.BRANCH
    if name.startswith("it") and len(name) <= len("iteee"):
        return Kind.IF_THEN
    return next((kind for kind, names in _BY_BEGINNING if name.startswith(tuple(names.split()))), Kind.ALU)


def is_simple(instruction: Instruction) -> bool:
    """A move, addition or subtraction of registers as they are."""
    return instruction.name.rstrip("s") in _SIMPLE and not instruction.is_shifted


def decode(code: bytes, address: int) -> tuple[Instruction, ...]:
    """The instructions of a block; what capstone does not know is an `UNKNOWN` one.

    Raises:
        SconnxError: E601, capstone is not installed.
    """
    found: list[Instruction] = []
    position = 0
    while position < len(code):
        known = [_instruction(each) for each in decoder().disasm(code[position:], address + position)]
        found += known
        position += sum(each.size_bytes for each in known)
        if position < len(code):
            size_bytes = 4 if code[position + 1] >= 0xE8 else 2
            found.append(replace(UNKNOWN, size_bytes=size_bytes))
            position += size_bytes
    return tuple(found)


@lru_cache(maxsize=1)
def decoder() -> Any:
    try:
        import capstone
    except ImportError:
        raise SconnxError(
            "E601", "the decoder 'capstone' is not installed", help="run 'pip install capstone'"
        ) from None
    found = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS | capstone.CS_MODE_V8)
    found.detail = True
    return found


def _instruction(found: Any) -> Instruction:
    import capstone.arm as arm

    def name_of(register: int) -> str:
        return str(found.reg_name(register))

    def names(registers: Iterable[int]) -> frozenset[str]:
        return frozenset(name_of(register) for register in registers)

    name = _without_condition(found, arm)
    kind = kind_of(name)
    reads, writes = map(names, found.regs_access())
    registers = [name_of(each.reg) for each in found.operands if each.type == arm.ARM_OP_REG]
    memory = next((each.mem for each in found.operands if each.type == arm.ARM_OP_MEM), None)
    shifted = [each for each in found.operands if each.type == arm.ARM_OP_REG and each.shift.type and each.shift.value]
    early = {name_of(each.reg) for each in shifted}
    if memory is not None:
        early |= {name_of(register) for register in (memory.base, memory.index) if register}
    base = name_of(memory.base) if memory is not None and memory.base else ""
    if name.startswith(("ubfx", "sbfx", "rbit", "rev")):
        early |= reads
    elif name.startswith(("sxta", "uxta")):
        early.add(registers[-1])
    return Instruction(
        name=name,
        kind=kind,
        size_bytes=found.size,
        reads=reads - {COUNTER},
        writes=writes,
        early=frozenset(early),
        accumulator=_accumulator(name, registers),
        base=base if memory is not None and not memory.index else "",
        offset=memory.disp if memory is not None else 0,
        written_back=base if base in writes and found.writeback else "",
        transfers=_transfers(name, registers),
        is_narrow=kind is Kind.LOAD and name.startswith(("ldrb", "ldrh", "ldrs")),
        is_shifted=bool(shifted),
        sets_counter=COUNTER in writes or kind in (Kind.BRANCH, Kind.TABLE_BRANCH),
    )


def _without_condition(found: Any, arm: Any) -> str:
    """`bne` is `b`, `smladeq` is `smlad`, `add.w` is `add`."""
    name = str(found.mnemonic).partition(".")[0]
    if found.cc not in (arm.ARM_CC_INVALID, arm.ARM_CC_AL) and not name.startswith(("it", "cb")):
        return name[:-2]
    return name


def _accumulator(name: str, registers: list[str]) -> str:
    has_one = name.startswith(_WITH_ACCUMULATOR) and not name.startswith(_LONG) and len(registers) == 4
    return registers[3] if has_one and registers[3] not in registers[1:3] else ""


def _transfers(name: str, registers: list[str]) -> int:
    if name in ("ldrd", "strd"):
        return 2
    has_base = name.startswith(("ldm", "stm", "vldm", "vstm"))
    return len(registers) - has_base if kind_of(name) in (Kind.LOAD_SEVERAL, Kind.STORE_SEVERAL) else 0
