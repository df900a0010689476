# SPDX-License-Identifier: Apache-2.0
"""Cycles of the Cortex-M4: one instruction at a time, memory without wait states.

Arm, "Cortex-M4 Technical Reference Manual", r0p1, tables 3-1 and 7-1. P, the refill of the pipeline after a branch, is 1 to 3
there; 2 stands for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sconnx.cycles.instruction import Instruction, Kind

REFILL = 2
MISPREDICTION = 0
"""There is no predictor: a taken branch costs the refill."""
DIVISION = 6
"""Of 2 to 12."""
_FLOAT = (("vdiv", 14), ("vsqrt", 14), ("vmla", 3), ("vmls", 3), ("vfma", 3), ("vfms", 3), ("vfnm", 3), ("vnml", 3))


def cycles(sequence: Sequence[Instruction], taken: frozenset[int]) -> float:
    """Of a sequence of instructions.

    Args:
        taken: positions of the branches that were taken.
    """
    total = 0
    for position, (before, here) in enumerate(pairwise([None, *sequence])):
        assert here is not None
        total += _cycles(here, before, position in taken)
    return float(total)


def _cycles(here: Instruction, before: Instruction | None, is_taken: bool) -> int:
    refill = REFILL if here.sets_counter and is_taken else 0
    if here.kind in (Kind.LOAD_SEVERAL, Kind.STORE_SEVERAL):
        return 1 + here.transfers + refill
    if here.kind is Kind.LOAD:
        # Loads one behind the other are pipelined, unless the second needs the first for its address.
        follows = before is not None and before.kind is Kind.LOAD and not here.early & before.writes
        return (1 if follows else 2) + refill
    if here.kind is Kind.TABLE_BRANCH:
        return 2 + REFILL
    if here.kind is Kind.DIVIDE:
        return DIVISION
    if here.kind is Kind.FLOAT:
        return next((count for name, count in _FLOAT if here.name.startswith(name)), 1)
    if here.kind is Kind.IF_THEN:
        # It is folded into a 16-bit instruction before it.
        return 0 if before is not None and before.size_bytes == 2 else 1
    return 1 + refill
