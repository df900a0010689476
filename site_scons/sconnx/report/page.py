# SPDX-License-Identifier: Apache-2.0
"""report.html: the report as one page that needs nothing from outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sconnx.memory.buffers import alive_at, buffer_name, by_time, peak_step, relations, shown_name
from sconnx.memory.meminfo import MemInfo, MemoryPlan
from sconnx.report.mode_lines import COUNTED
from sconnx.report.parts import PartSize
from sconnx.report.report import LayerRow, Report
from sconnx.report.show_memory import gap_text, what_runs
from sconnx.report.timeline import timeline_svg

TEMPLATES = Path(__file__).parent / "templates"
NUMBER, WORD, NAME, CODE = "number", "word", "name", "code"


@dataclass(frozen=True, slots=True)
class Cell:
    """`kind` is the class that styles it; `title` a tooltip."""

    kind: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Row:
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


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a memory; `percent` is its share of all of them."""

    name: str
    size: str
    percent: str


@dataclass(frozen=True, slots=True)
class Memory:
    title: str
    total: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The timeline of a model, with a sentence per arena about its peak; `title` is empty where there is one model."""

    title: str
    peaks: tuple[str, ...]
    timeline: str


def report_page(report: Report, plans: Mapping[str, MemoryPlan]) -> str:
    """The page, in ASCII. Every name of a model is escaped, by itself and by the template.

    Args:
        plans: by model.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
    )
    build = report.build
    return environment.get_template("report.html.j2").render(
        model=build.model,
        built=f"{build.target} on {build.board}, {build.toolchain} {build.toolchain_version}, optimize={build.optimize}, "
        f"rule {report.rule}",
        size=report.size,
        figures=_figures(report, plans.values()),
        first_tables=[_regions(report)] if report.regions else [],
        views=[
            View(model if len(plans) > 1 else "", tuple(_peaks(plan)), Markup(timeline_svg(plan)))
            for model, plan in plans.items()
        ],
        memories=[_memory("RAM", report.ram), _memory("Flash", report.flash)],
        tables=[
            *([_modes(report)] if report.modes else []),
            *(table for model, plan in plans.items() for table in _of_model(report, model, plan, len(plans))),
        ],
    )


def _of_model(report: Report, model: str, plan: MemoryPlan, models: int) -> list[Table]:
    """The tables of layers and buffers, of several models with the model in their headings."""
    tables = [_layers([layer for layer in report.layers if layer.model == model]), _buffers(plan)]
    if models == 1:
        return tables
    return [replace(table, id=f"{table.id}-{model}", title=f"{table.title} of {model}") for table in tables]


def _figures(report: Report, plans: Iterable[MemoryPlan]) -> list[Part]:
    """The summary; the third word is what the figure is made of."""
    summary = report.summary
    gap = ", ".join(
        f"{arena.region} {gap_text(arena)}" + ("" if arena.is_optimal else " above the lower bound")
        for plan in plans
        for arena in plan.arenas
    )
    return [
        Part("Activation RAM", f"{summary.activation_ram_bytes:,}", f"plan {report.plan_arena_bytes:,}; {gap}"),
        Part("Total RAM", f"{summary.total_ram_bytes:,}", "the reserved stack included"),
        Part("Weights Flash", f"{summary.weights_flash_bytes:,}", "weights and biases"),
        Part("Code Flash", f"{summary.code_flash_bytes:,}", "all other flash, board support included"),
        Part("Total Flash", f"{summary.total_flash_bytes:,}", "weights and code"),
    ]


def _table(
    id: str, title: str, note: str, head: Sequence[tuple[str, str]], rows: Iterable[tuple[str, Sequence[str]]]
) -> Table:
    """From (kind, heading) per column and (kind, texts) per row."""
    kinds = [kind for kind, _ in head]
    return Table(
        id,
        title,
        note,
        tuple(Cell(kind, text) for kind, text in head),
        tuple(Row(row_kind, tuple(map(_cell, kinds, texts))) for row_kind, texts in rows),
    )


def _cell(kind: str, text: str) -> Cell:
    """A name of the model is long now and then: its end is shown, the tooltip has it all."""
    return Cell(kind, shown_name(text), ascii(text)[1:-1]) if kind == NAME else Cell(kind, ascii(text)[1:-1])


def _regions(report: Report) -> Table:
    rows = [
        ("", (row.name, f"{row.used_bytes:,}", f"{row.size_bytes:,}", f"{100 * row.used_bytes / row.size_bytes:.1f}"))
        for row in report.regions
    ]
    head = ((WORD, "region"), (NUMBER, "used"), (NUMBER, "size"), (NUMBER, "%"))
    return _table("regions", "Regions", "Bytes that the linker placed, gaps included.", head, rows)


def _peaks(plan: MemoryPlan) -> list[str]:
    """A sentence per arena."""
    sentences = []
    for number, arena in enumerate(plan.arenas):
        peak = peak_step(plan, arena.region)
        step = plan.steps[peak]
        alive = [
            f"{buffer_name(buffer.mem)} ({buffer.mem.size_bytes:,})" for buffer in alive_at(plan, arena.region, peak)
        ]
        nodes = ", ".join(f"{node.node} {node.operator}" for node in step.nodes)
        sentences.append(
            f"{arena.region}: peak at step {peak}, {step.live_bytes[number]:,} of {arena.size_bytes:,} bytes in use; "
            f"{what_runs(step)}{': ' if nodes else ''}{nodes}. Alive there: {', '.join(alive)}."
        )
    return sentences


def _memory(title: str, parts: Sequence[PartSize]) -> Memory:
    total = sum(part.size_bytes for part in parts)
    whole = max(total, 1)
    return Memory(
        title,
        f"{total:,}",
        tuple(
            Part(part.part, f"{part.size_bytes:,}", f"{100 * part.size_bytes / whole:.1f}")
            for part in parts
            if part.size_bytes
        ),
    )


def _modes(report: Report) -> Table:
    head = (
        (CODE, "optimize="),
        (CODE, "input="),
        (NUMBER, "arena bytes"),
        (NUMBER, "nodes that stream"),
        (NUMBER, "row calls in turns"),
    )
    rows = [
        (
            "current" if mode.is_current else "",
            (
                mode.optimize,
                mode.input,
                f"{mode.arena_bytes:,}",
                f"{mode.streaming_nodes:,}",
                f"{mode.turn_calls:,}",
            ),
        )
        for mode in report.modes
    ]
    note = (
        "The marked row is this build; the others are as the quick planner places them. Nodes that stream keep only a ring "
        f"of rows between them, and ask whose turn it is before each row call; {COUNTED}."
    )
    return _table("modes", "Arena by mode", note, head, rows)


def _layers(layers: Sequence[LayerRow]) -> Table:
    head = (
        (NUMBER, "node"),
        (WORD, "operator"),
        (CODE, "implementation"),
        (NUMBER, "MACs"),
        (NUMBER, "parameter bytes"),
        (NUMBER, "step"),
        (WORD, "streams"),
        (NAME, "name"),
    )
    rows = [
        (
            "",
            (
                str(layer.node),
                layer.operator,
                layer.implementation,
                f"{layer.macs:,}",
                f"{layer.params_bytes:,}",
                "" if layer.step is None else str(layer.step),
                "row by row" if layer.streams else "",
                layer.name,
            ),
        )
        for layer in layers
    ]
    return _table("layers", "Layers", "Nodes of one step take turns, row by row.", head, rows)


def _buffers(plan: MemoryPlan) -> Table:
    head = (
        (WORD, "buffer"),
        (WORD, "region"),
        (NUMBER, "offset"),
        (NUMBER, "bytes"),
        (NUMBER, "first step"),
        (NUMBER, "last step"),
        (WORD, "relation"),
        (NAME, "name"),
    )
    words = relations(plan)

    def texts(mem: MemInfo) -> tuple[str, ...]:
        numbers = (mem.offset_bytes, mem.size_bytes, mem.first, mem.last - 1)
        shown = (f"{number:,}" for number in numbers)
        return (buffer_name(mem), mem.region, *shown, words[mem.tensor], mem.name)

    return _table(
        "buffers",
        "Buffers",
        "Where every tensor lies, and when.",
        head,
        (("", texts(mem)) for mem in by_time(plan)),
    )
