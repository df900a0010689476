# SPDX-License-Identifier: Apache-2.0
"""<name>_sections.h: where the weights and biases of each node lie, for <name>_params.c, which does not depend on the plan."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.codegen.render import render
from sconnx.codegen.symbols import place_macro, weights_section
from sconnx.export.lowered import Lowered
from sconnx.memory.meminfo import MemoryPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSection:
    """The macro of a node; the name of its section is empty where its weights stay with the constants of the code."""

    macro: str
    section: str


def sections_text(lowered: Lowered, plan: MemoryPlan) -> bytes:
    """One macro for each node with a kernel."""
    model = lowered.graph.name
    regions = {place.node: place.region for place in plan.parameters}
    nodes = [
        NodeSection(macro=place_macro(model, node), section=weights_section(regions[node]) if node in regions else "")
        for node, choice in enumerate(lowered.choices)
        if choice.kernel
    ]
    return render("sections.h.j2", name=model, macro=model.upper(), nodes=nodes)
