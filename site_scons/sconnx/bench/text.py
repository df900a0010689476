# SPDX-License-Identifier: Apache-2.0
"""A bench on the console."""

from __future__ import annotations

from collections.abc import Callable

from sconnx.bench.bench import Bench
from sconnx.bench.cells import Table, cycle_table, layer_table, memory_table, summaries
from sconnx.report.columns import columns

MOST_BUILDS = 3
"""Builds of one model that still have room for their layers on the console."""


def bench_text(bench: Bench, seconds: Callable[[str], float | None]) -> str:
    """The summary, peers, and for a few builds of one model their layers and bytes.

    Args:
        seconds: how long the commands took that built a folder; None: not known.
    """
    lines = []
    for title, tables in summaries(bench, seconds):
        lines.append(title)
        for table in tables:
            lines += _table(table)
    rows = bench.rows
    is_small = len(rows) <= MOST_BUILDS and len({row.model for row in rows}) == 1
    if is_small:
        lines += _table(layer_table(bench, rows))
        if any(row.estimated_cycles for row in rows):
            lines += _table(cycle_table(bench, rows))
        lines += _table(memory_table(rows, "RAM", lambda row: row.ram))
        lines += _table(memory_table(rows, "flash", lambda row: row.flash))
    boards = ", ".join(dict.fromkeys(f"{row.target} on {row.board}" for row in rows))
    lines += [f"Instructions are counted in the emulator ({boards}), bytes are linked.", *NOTE]
    if not is_small:
        lines.append(
            "Layers, and bytes by what they are for: build/bench/bench.md, or a bench of one model on one core."
        )
    return "\n".join(line.rstrip() for line in lines)


NOTE = (
    "of speed, of ram: instructions and arena beside those of optimize=speed and ram. build s: commands without the kernels'.",
    "est. cycles are an estimate, cycles of others measured ms x MHz. Sources, what they count, and flags: build/bench/bench.md.",
)


def _table(table: Table) -> list[str]:
    return [f"  {table.title}", *("  " + line for line in columns(table.rows, table.align)), ""]
