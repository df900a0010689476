# SPDX-License-Identifier: Apache-2.0
"""The tables of the page, as rows of texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sconnx.history.history import Entry
from sconnx.memory.buffers import buffer_name, by_time, relations, shown_name
from sconnx.memory.meminfo import MemInfo, MemoryPlan
from sconnx.report.layer_figures import LayerFigures
from sconnx.report.mode_lines import COUNTED

Document = Mapping[str, Any]
NUMBER, INDEX, WORD, NAME, CODE = "number", "index", "word", "name", "code"
"""Kinds of columns: quantities sort from the largest, positions and texts from the first."""
WHICH = 12
"""Layers of a kernel that are named."""
LONG = 40
"""Rows of a table that has room on the page."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`kind` is the class that styles it; `title` a tooltip; `share` that of the column's largest number, or empty."""

    kind: str
    text: str
    title: str = ""
    share: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; `kind` is the class that styles it."""

    kind: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a heading; `note` is a sentence under it."""

    id: str
    title: str
    note: str
    head: tuple[Cell, ...]
    rows: tuple[Row, ...]
    is_sortable: bool = False

    @property
    def is_long(self) -> bool:
        """Whether it scrolls by itself, below its heading."""
        return len(self.rows) > LONG


def amount(value: int | None) -> str:
    """Nothing where it is not known."""
    return "" if value is None else f"{value:,}"


def difference(value: int) -> str:
    """With its sign."""
    return f"{value:+,}" if value else "0"


def table(
    id: str,
    title: str,
    note: str,
    head: Sequence[tuple[str, str]],
    rows: Iterable[tuple[str, Sequence[str]]],
    is_sortable: bool = False,
) -> Table:
    """From (kind, heading) per column and (kind, texts) per row."""
    kinds = [kind for kind, _ in head]
    return Table(
        id,
        title,
        note,
        tuple(Cell(kind, text) for kind, text in head),
        tuple(Row(row_kind, tuple(map(_cell, kinds, texts))) for row_kind, texts in rows),
        is_sortable,
    )


def _cell(kind: str, text: str) -> Cell:
    """A name of the model is long now and then: its end is shown, the tooltip has it all."""
    return Cell(kind, shown_name(text), ascii(text)[1:-1]) if kind == NAME else Cell(kind, ascii(text)[1:-1])


def layer_table(layers: Sequence[LayerFigures], *, can_be_counted: bool) -> Table:
    """What each layer takes; columns that nothing is known of are left out.

    Args:
        can_be_counted: whether an emulator runs this firmware.
    """
    quantities: list[tuple[str, Sequence[int | None]]] = [
        ("MACs", [layer.macs for layer in layers]),
        ("instructions", [layer.instructions for layer in layers]),
        ("est. cycles", [layer.cycles for layer in layers]),
        ("RAM in use", [layer.ram_bytes for layer in layers]),
        ("flash", [layer.flash_bytes for layer in layers]),
        ("shared code", [layer.shared_bytes for layer in layers]),
    ]
    known = [(title, values) for title, values in quantities if any(value is not None for value in values)]
    rows = []
    for position, layer in enumerate(layers):
        step = "" if layer.step is None else str(layer.step)
        cells = (
            *(Cell(INDEX, str(layer.node)), _cell(WORD, layer.operator)),
            *(_quantity(values[position], values) for _, values in known),
            *(Cell(INDEX, step), Cell(WORD, "row by row" if layer.streams else "")),
            *(_cell(CODE, layer.implementation), _cell(NAME, layer.name)),
        )
        rows.append(Row("", cells))
    head = (
        *(Cell(INDEX, "node"), Cell(WORD, "operator")),
        *(Cell(NUMBER, title) for title, _ in known),
        *(Cell(INDEX, "step"), Cell(WORD, "streams"), Cell(CODE, "implementation"), Cell(NAME, "name")),
    )
    note = (
        "RAM in use is that of the arenas in the layer's step; nodes of one step take turns, row by row. Flash is parameters and "
        "code of its own; code that other layers use as well is shared."
    )
    if can_be_counted and not any(layer.instructions is not None for layer in layers):
        note += " Instructions and cycles: ./sconsw page has the emulator count them."
    return Table("layers", "Layers", note, head, tuple(rows), is_sortable=True)


def _quantity(value: int | None, values: Sequence[int | None]) -> Cell:
    largest = max((each or 0 for each in values), default=0)
    share = f"{value / largest:.3f}" if value and largest else ""
    return Cell(NUMBER, amount(value), share=share)


def reconciliation_table(report: Document) -> Table:
    """The plan beside the ELF, a row for each region, section and part, with the cause of every difference."""
    head = (
        *((WORD, "region"), (CODE, "section"), (WORD, "part")),
        *((NUMBER, "plan"), (NUMBER, "linked"), (NUMBER, "difference"), (WORD, "cause")),
    )
    rows = [
        (
            "warning" if row["part"] == "unexplained" and row["difference_bytes"] else "",
            (
                *(row["region"], row["section"], row["part"]),
                *(f"{row['plan_bytes']:,}", f"{row['elf_bytes']:,}", difference(row["difference_bytes"])),
                row["cause"],
            ),
        )
        for row in report["reconciliation"]
    ]
    return table(
        "reconciliation", "Plan and ELF", "Every byte that the linker placed, and why the plan has less.", head, rows
    )


def kernel_table(report: Document) -> Table:
    """The functions that layers call, each linked once."""
    head = ((CODE, "function"), (NUMBER, "bytes"), (NUMBER, "layers"), (WORD, "which"))
    rows = [
        ("", (row["name"], f"{row['size_bytes']:,}", f"{len(row['layers']):,}", ", ".join(row["layers"][:WHICH])))
        for row in report["kernels"]
    ]
    note = "Functions of the kernels, and the layers that run them; each is linked once."
    return table("kernels", "Kernels", note, head, rows, is_sortable=True)


def symbol_table(report: Document, count: int) -> Table:
    """The largest symbols."""
    head = ((CODE, "symbol"), (CODE, "section"), (WORD, "part"), (NUMBER, "bytes"))
    symbols = report["symbols"]
    rows = [
        ("", (shown_name(row["name"]), row["section"], row["part"], f"{row['size_bytes']:,}"))
        for row in symbols[:count]
    ]
    more = len(symbols) - len(rows)
    note = f"The largest; report.json has {more:,} more." if more > 0 else "All that have a size."
    return table("symbols", "Symbols", note, head, rows, is_sortable=True)


def mode_table(report: Document) -> Table:
    """The modes of the memory plan, of which one was built."""
    head = (
        *((CODE, "optimize="), (CODE, "input=")),
        *((NUMBER, "arena bytes"), (NUMBER, "nodes that stream"), (NUMBER, "row calls in turns")),
    )
    rows = [
        (
            "current" if mode["is_current"] else "",
            (
                *(mode["optimize"], mode["input"]),
                *(f"{mode[key]:,}" for key in ("arena_bytes", "streaming_nodes", "turn_calls")),
            ),
        )
        for mode in report["modes"]
    ]
    note = (
        "The marked row is this build; the others are as the quick planner places them. Nodes that stream keep only a ring "
        f"of rows between them, and ask whose turn it is before each row call; {COUNTED}."
    )
    return table("modes", "Arena by mode", note, head, rows)


def buffer_table(plan: MemoryPlan) -> Table:
    """Where each buffer of a plan lies, and when."""
    head = (
        *((WORD, "buffer"), (WORD, "region"), (INDEX, "offset"), (NUMBER, "bytes")),
        *((INDEX, "first step"), (INDEX, "last step"), (WORD, "relation"), (NAME, "name")),
    )
    words = relations(plan)

    def texts(mem: MemInfo) -> tuple[str, ...]:
        numbers = (mem.offset_bytes, mem.size_bytes, mem.first, mem.last - 1)
        shown = (f"{number:,}" for number in numbers)
        return (buffer_name(mem), mem.region, *shown, words[mem.tensor], mem.name)

    rows = (("", texts(mem)) for mem in by_time(plan))
    return table("buffers", "Buffers", "Where every tensor lies, and when.", head, rows, is_sortable=True)


def history_table(entries: Iterable[Entry]) -> Table:
    """Builds in the order given."""
    head = (
        *((CODE, "revision"), (WORD, "date"), (WORD, "toolchain")),
        *((NUMBER, "RAM"), (NUMBER, "arenas"), (NUMBER, "flash"), (NUMBER, "stack")),
        *((NUMBER, "instructions"), (NUMBER, "est. cycles")),
    )
    rows = [
        (
            "",
            (
                *(entry.short_revision, entry.date[:10], entry.toolchain),
                *map(amount, (entry.ram_bytes, entry.arena_bytes, entry.flash_bytes, entry.stack_bytes)),
                *map(amount, (entry.instructions, entry.cycles)),
            ),
        )
        for entry in entries
    ]
    note = "Builds that were recorded with ./sconsw history, the latest first."
    return table("history", "History", note, head, rows)
