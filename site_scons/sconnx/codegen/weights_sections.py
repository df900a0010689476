# SPDX-License-Identifier: Apache-2.0
"""The sections of weights in the linker script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.codegen.symbols import weights_section
from sconnx.memory.meminfo import MemoryPlan
from sconnx.target.board import Board, Region


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsSection:
    """A section of the linker script, and what the plans have in it at most."""

    name: str
    region: Region
    size_bytes: int


def weights_sections(plans: Sequence[MemoryPlan], board: Board) -> tuple[WeightsSection, ...]:
    """The sections of a firmware's models, in the order of the board's regions."""
    sizes: Counter[str] = Counter()
    for place in (place for plan in plans for place in plan.parameters):
        sizes[place.region] += place.size_bytes
    return tuple(
        WeightsSection(name=weights_section(region.name), region=region, size_bytes=sizes[region.name])
        for region in board.regions
        if sizes[region.name]
    )
