# SPDX-License-Identifier: Apache-2.0
"""Where the weights and biases of each node lie, for <name>_params.c, which does not depend on the plan, and for the linker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.codegen.render import render
from sconnx.codegen.symbols import place_macro, weights_section
from sconnx.export.lowered import Lowered
from sconnx.memory.meminfo import MemoryPlan
from sconnx.target.board import Board, Region


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSection:
    """The macro of a node; the name of its section is empty where its weights stay with the constants of the code."""

    macro: str
    section: str


def sections_text(lowered: Lowered, plan: MemoryPlan) -> bytes:
    """<name>_sections.h: one macro for each node with a kernel."""
    model = lowered.graph.name
    regions = {place.node: place.region for place in plan.parameters}
    nodes = [
        NodeSection(macro=place_macro(model, node), section=weights_section(regions[node]) if node in regions else "")
        for node, choice in enumerate(lowered.choices)
        if choice.kernel
    ]
    return render("sections.h.j2", name=model, macro=model.upper(), nodes=nodes)


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
