# SPDX-License-Identifier: Apache-2.0
"""A bench on the console."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap

from sconnx.bench.bench import Bench
from sconnx.bench.cells import Table, cycle_table, layer_table, memory_table, summaries
from sconnx.report.columns import columns

COLUMNS = 130
"""Letters of a line; layers of one model are shown where all its builds have room side by side."""


def bench_text(bench: Bench, seconds: Callable[[str], float | None]) -> str:
    """The summary, peers, and the layers and bytes of one model where they have room.

    Args:
        seconds: how long the commands took that built a folder; None: not known.
    """
    lines = []
    for title, tables in summaries(bench, seconds):
        lines.append(title)
        for table in tables:
            lines += _table(table)
    details = [line for table in _details(bench) for line in _table(table)] if _has_one_model(bench) else []
    has_room = bool(details) and max(map(len, details)) <= COLUMNS
    boards = ", ".join(dict.fromkeys(f"{row.target} on {row.board}" for row in bench.rows))
    lines += details if has_room else []
    lines += wrap(f"Instructions are counted in the emulator, {boards}; bytes are linked.", COLUMNS)
    lines += NOTE
    if not has_room:
        lines.append("Layers, and bytes by what they are for: bench.md, or a bench of one model on one core.")
    return "\n".join(line.rstrip() for line in lines)


def _has_one_model(bench: Bench) -> bool:
    return len({row.model for row in bench.rows}) == 1


def _details(bench: Bench) -> list[Table]:
    """Layers, and bytes by what they are for, with a column or two per build."""
    rows = bench.rows
    return [
        layer_table(bench, rows),
        *([cycle_table(bench, rows)] if any(row.estimated_cycles for row in rows) else []),
        memory_table(rows, "RAM", lambda row: row.ram),
        memory_table(rows, "flash", lambda row: row.flash),
    ]


NOTE = (
    "of speed, of ram: instructions and arena beside those of optimize=speed and ram. build s: commands without the kernels'.",
    "est. cycles are an estimate, cycles of others measured ms x MHz. Sources, what they count, and flags: bench.md.",
)


def _table(table: Table) -> list[str]:
    return [f"  {table.title}", *("  " + line for line in columns(table.rows, table.align)), ""]
