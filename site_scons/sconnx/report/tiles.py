# SPDX-License-Identifier: Apache-2.0
"""The summary of the page: a tile per figure, in the vocabulary of the field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sconnx.history.history import total
from sconnx.memory.meminfo import MemoryPlan
from sconnx.report.show_memory import gap_text
from sconnx.report.tables import amount

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of the summary; `note` is what it is made of."""

    name: str
    value: str
    note: str


def summary_tiles(report: Document, plans: Iterable[MemoryPlan], runs: Sequence[Document]) -> list[Tile]:
    """RAM, flash, and what was counted in `runs`; what is not known has no tile."""
    summary = report["summary"]
    gaps = [
        f"{arena.region} {gap_text(arena)}" + ("" if arena.is_optimal else " above the lower bound")
        for plan in plans
        for arena in plan.arenas
    ]
    gap = ", ".join(dict.fromkeys(gaps))
    is_whole = bool(report["regions"])
    tiles = [
        Tile("Activation RAM", amount(summary["activation_ram_bytes"]), f"plan {report['plan_arena_bytes']:,}; {gap}"),
        *_runtime_tiles(summary, report["stack"]),
        Tile(
            "Total RAM",
            amount(summary["total_ram_bytes"]),
            "arenas, run-time and stack" if is_whole else "of the model alone",
        ),
        Tile("Weights Flash", amount(summary["weights_flash_bytes"]), "weights and biases"),
        Tile(
            "Code Flash",
            amount(summary["code_flash_bytes"]),
            "all other flash" if is_whole else "of the model and its kernels",
        ),
        Tile("Total Flash", amount(summary["total_flash_bytes"]), "weights and code"),
    ]
    instructions = total(run["instructions_per_inference"] for run in runs)
    cycles = total(run["estimated_cycles"] for run in runs)
    if instructions is not None:
        macs = sum(run["macs"] for run in runs)
        per_mac = f", {instructions / macs:.2f} per MAC" if macs else ""
        tiles.append(Tile("Instructions", amount(instructions), f"of one inference, counted{per_mac}"))
    if cycles is not None:
        error = runs[0]["cycles_error_percent"]
        tiles.append(Tile("Cycles, estimated", amount(cycles), f"without wait states; CoreMark is within {error} %"))
    return tiles


def _runtime_tiles(summary: Document, stack: Document | None) -> list[Tile]:
    """None for a process of the build machine and for a library, whose stack is not ours."""
    if not stack or not stack["rows"]:
        return []
    deepest = stack["rows"][0]["size_bytes"]
    return [
        Tile("Runtime RAM", amount(summary["runtime_ram_bytes"]), "all other RAM but the stack"),
        Tile("Stack", amount(summary["stack_bytes"]), f"reserved; the deepest calls take {deepest:,}"),
    ]


def tile_columns(count: int) -> int:
    """As many as leave the fewest places of the last row empty."""
    return min((6, 5, 4), key=lambda columns: -count % columns)
