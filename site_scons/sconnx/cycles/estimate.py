# SPDX-License-Identifier: Apache-2.0
"""Cycles from the edges between blocks: what a block adds to the one before it, times how often it followed that.

An estimate. Memory has no wait states, so code in a flash with wait states takes longer; `error_percent` says how far CoreMark is
from what boards with such memory reach (`tests/benchmarks/coremark.py`). The refill after a branch is counted where it leads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from sconnx.cycles import cortex_m4, cortex_m7
from sconnx.cycles.instruction import Instruction, decode
from sconnx.elf.image import ElfImage
from sconnx.emulate.run_result import Block, BlockEdge


@dataclass(frozen=True, slots=True)
class PipelineModel:
    """One core.

    Args:
        cycles: of a sequence of instructions, given the positions of taken branches.
        misprediction: what a branch costs that was predicted wrongly.
        error_percent: the largest difference to published CoreMark/MHz.
    """

    cycles: Callable[[Sequence[Instruction], frozenset[int]], float]
    misprediction: int
    error_percent: int


MODELS = {
    "CORTEX_M4": PipelineModel(cortex_m4.cycles, cortex_m4.MISPREDICTION, error_percent=9),
    "CORTEX_M7": PipelineModel(cortex_m7.cycles, cortex_m7.MISPREDICTION, error_percent=4),
}
"""By the core that unicorn emulates."""


def estimate(edges: Iterable[BlockEdge], image: ElfImage, model: PipelineModel) -> dict[str, int]:
    """Cycles of each function that the edges name, without those of other such functions that it calls."""

    @cache
    def decoded(block: Block) -> tuple[Instruction, ...]:
        return decode(image.content(block.address, block.size_bytes), block.address)

    @cache
    def added(before: Block, after: Block) -> float:
        first, second = decoded(before), decoded(after)
        is_taken = after.address != before.address + before.size_bytes
        taken = frozenset([len(first) - 1] if is_taken else [])
        return model.cycles((*first, *second), taken) - model.cycles(first, frozenset())

    totals: dict[str, float] = defaultdict(float)
    for edge in edges:
        cycles = edge.count * added(edge.before, edge.after) + edge.mispredicted * model.misprediction
        totals[edge.function] += cycles
    return {function: round(cycles) for function, cycles in totals.items()}
