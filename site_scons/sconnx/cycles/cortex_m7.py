# SPDX-License-Identifier: Apache-2.0
"""Cycles of the Cortex-M7: two instructions at a time in order, memory without wait states.

Arm documents no timing. The rules were measured on an STM32H743 by jnk0le, "pipeline cycle test", doc/cortex_m7.md in the
repository github.com/jnk0le/random: an early and a late ALU, one multiplication a cycle whose accumulator is needed late, loads
in pairs from different banks, several registers at two a cycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sconnx.cycles.instruction import FLAGS, Instruction, Kind, is_simple

MISPREDICTION = 8
TABLE_BRANCH = 6
DIVISION = 4
BANK_BYTES = 4
_FLOAT = (
    ("vadd", 3),
    ("vsub", 3),
    ("vmul", 3),
    ("vfm", 5),
    ("vfn", 5),
    ("vmla", 5),
    ("vmls", 5),
    ("vnm", 5),
    ("vdiv", 16),
    ("vsqrt", 16),
)
_FLOAT_OTHER = 3
_ALONE = (Kind.LOAD_SEVERAL, Kind.STORE_SEVERAL, Kind.TABLE_BRANCH, Kind.DIVIDE)


@dataclass(frozen=True, slots=True)
class _Ready:
    """How many cycles after an instruction another one that needs its result may begin, by what it needs the result for.

    Args:
        late: as an ordinary operand; early: as an address or to be shifted; factor, addend: of a multiplication;
            stored: as what is stored.
    """

    late: int
    early: int
    factor: int
    addend: int
    stored: int


_AT_ONCE = _Ready(late=0, early=1, factor=0, addend=0, stored=0)
_WRITTEN_BACK = _Ready(late=0, early=1, factor=1, addend=0, stored=0)
_ALU = _Ready(late=1, early=2, factor=1, addend=0, stored=0)
_MULTIPLY = _Ready(late=2, early=3, factor=2, addend=1, stored=1)
_LOAD = _Ready(late=1, early=2, factor=2, addend=1, stored=0)
_LOAD_NARROW = _Ready(late=2, early=3, factor=2, addend=1, stored=0)
_DIVIDE = _Ready(late=8, early=9, factor=8, addend=8, stored=8)


@dataclass(slots=True)
class _Pipeline:
    """The instructions that began in this cycle, and from when results are there."""

    cycle: int = 0
    issued: list[Instruction] = field(default_factory=list)
    results: dict[str, tuple[int, _Ready]] = field(default_factory=dict)

    def next_cycle(self, count: int = 1) -> None:
        self.cycle += count
        self.issued.clear()

    def may_begin(self, here: Instruction) -> bool:
        if self.issued and not (len(self.issued) == 1 and _pairs(self.issued[0], here)):
            return False
        return all(self._is_there(register, here) for register in here.reads)

    def _is_there(self, register: str, here: Instruction) -> bool:
        if register not in self.results or (register == FLAGS and here.kind in (Kind.BRANCH, Kind.IF_THEN)):
            return True
        begun, ready = self.results[register]
        return begun + _delay(ready, register, here) <= self.cycle

    def begin(self, here: Instruction) -> None:
        for register in here.writes:
            self.results[register] = self.cycle, self._ready(register, here)
        self.issued.append(here)

    def _ready(self, register: str, here: Instruction) -> _Ready:
        if register == FLAGS:
            return _AT_ONCE
        if register == here.written_back:
            return _WRITTEN_BACK
        if here.kind is Kind.LOAD_SEVERAL:
            count = _pairs_of(here.transfers)
            return _Ready(late=count, early=count + 1, factor=count + 1, addend=count, stored=count)
        if here.kind is Kind.FLOAT:
            count = next((count for name, count in _FLOAT if here.name.startswith(name)), _FLOAT_OTHER)
            return _Ready(late=count, early=count, factor=count, addend=count, stored=1)
        if here.kind is Kind.LOAD:
            return _LOAD_NARROW if here.is_narrow else _LOAD
        if here.kind is Kind.MULTIPLY:
            return _MULTIPLY
        if here.kind is Kind.DIVIDE:
            return _DIVIDE
        return _AT_ONCE if self._in_early_alu(here) else _ALU

    def _in_early_alu(self, here: Instruction) -> bool:
        """A simple instruction that is the older one, with operands that are there early, is done a stage sooner."""
        operands = [self.results[register] for register in here.reads if register != FLAGS and register in self.results]
        return (
            is_simple(here) and not self.issued and all(begun + ready.early <= self.cycle for begun, ready in operands)
        )


def cycles(sequence: Sequence[Instruction], taken: frozenset[int]) -> float:
    """Of a sequence of instructions; half a cycle stands for an instruction that another may still join.

    Args:
        taken: positions of the branches that were taken, as predicted.
    """
    pipeline = _Pipeline()
    for position, here in enumerate(sequence):
        while not pipeline.may_begin(here):
            pipeline.next_cycle()
        pipeline.begin(here)
        if here.kind in (Kind.LOAD_SEVERAL, Kind.STORE_SEVERAL):
            pipeline.next_cycle(_pairs_of(here.transfers))
        elif here.kind is Kind.TABLE_BRANCH:
            pipeline.next_cycle(TABLE_BRANCH)
        elif here.kind is Kind.DIVIDE:
            pipeline.next_cycle(DIVISION)
        elif (here.sets_counter and position in taken) or len(pipeline.issued) == 2:
            pipeline.next_cycle()
    return pipeline.cycle + (0.5 if pipeline.issued else 0.0)


def _pairs_of(registers: int) -> int:
    return (registers + 1) // 2


def _delay(ready: _Ready, register: str, here: Instruction) -> int:
    """After which a result may be used as `here` uses it."""
    if here.kind is Kind.MULTIPLY:
        return ready.addend if register == here.accumulator else ready.factor
    if register in here.early:
        return ready.early
    return ready.stored if here.kind in (Kind.STORE, Kind.STORE_SEVERAL) else ready.late


def _pairs(older: Instruction, younger: Instruction) -> bool:
    """Whether both may begin in one cycle, as far as the units go."""
    if older.kind in _ALONE or younger.kind in _ALONE or older.kind is Kind.BRANCH or younger.kind is Kind.FIELD:
        return False
    if older.kind in (Kind.MULTIPLY, Kind.STORE) and younger.kind in (Kind.MULTIPLY, Kind.STORE):
        return False
    if younger.is_shifted and (older.is_shifted or older.kind is Kind.FIELD):
        return False
    if older.kind is younger.kind is Kind.FLOAT:
        return False
    if older.kind is younger.kind is Kind.LOAD and older.base and older.base == younger.base:
        return bool(older.written_back) or bool((older.offset ^ younger.offset) & BANK_BYTES)
    return True
