# SPDX-License-Identifier: Apache-2.0
"""The report as one page that needs nothing from outside: report.html, and page.html with a run of the emulator and a history."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from sconnx.export.lowered import Lowered
from sconnx.graph.graph import Removed
from sconnx.history.history import Entry, total
from sconnx.memory.buffers import alive_at, buffer_name, peak_step
from sconnx.memory.meminfo import MemoryPlan
from sconnx.project.budgets import Budget
from sconnx.report.diagram import diagram_svg
from sconnx.report.layer_figures import layer_figures, run_of
from sconnx.report.report import size_line
from sconnx.report.show_memory import gap_text, what_runs
from sconnx.report.tables import (
    Table,
    amount,
    buffer_table,
    difference,
    history_table,
    kernel_table,
    layer_table,
    mode_table,
    reconciliation_table,
    symbol_table,
)
from sconnx.report.timeline import timeline_svg
from sconnx.report.trend import short_revision, trend_charts

TEMPLATES = Path(__file__).parent / "templates"
SYMBOLS = 30
HISTORY = 20
"""How many symbols and builds are listed."""
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of the summary; `note` is what it is made of."""

    name: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that is used up to a limit; `percent` is how full it is, `kind` the class that styles it.

    Args:
        used, limit: in words.
        notes: sentences under it.
    """

    name: str
    used: str
    limit: str
    percent: str
    kind: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What fails the build, and what would help."""

    what: str
    why: str
    help: str


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
class DeepestCalls:
    """The deepest calls of a function: a bar beside what is reserved, and each function with its bytes."""

    bar: Bar
    calls: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class View:
    """What is shown of each model; `name` is empty where there is one."""

    name: str
    id: str
    peaks: tuple[str, ...]
    timeline: str
    layers: Table
    diagram: str
    buffers: Table


def report_page(
    report: Document,
    models: Mapping[str, tuple[Lowered, MemoryPlan]],
    runs: Sequence[Document] = (),
    history: Sequence[Entry] = (),
) -> str:
    """The page, in ASCII. Every name of a model is escaped, by itself and by the template.

    Args:
        report: report.json.
        runs: of the models; without them the page says how to get what an emulator counts.
        history: entries that can be held against each other, the latest last.
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
    build = report["build"]
    tiles = _tiles(report, [plan for _, plan in models.values()], runs)
    version = f"{build['toolchain']} {build['toolchain_version']}".rstrip()
    script = (TEMPLATES / "sort.js").read_text()
    return environment.get_template("report.html.j2").render(
        model=build["model"],
        built=f"{build['target']} on {build['board']}, {version}, optimize={build['optimize']}, rule {report['rule']}",
        size=size_line(
            len(report["layers"]), sum(layer["macs"] for layer in report["layers"]), Removed(**report["removed"])
        ),
        problems=[_problem(finding) for finding in report["findings"]],
        tiles=tiles,
        columns=_columns(len(tiles)),
        regions=[_region(row) for row in report["regions"]],
        budgets=[_budget(row) for row in report["budgets"]],
        memories=[_memory("RAM", report["ram"]), _memory("Flash", report["flash"])],
        stack=_stack(report["stack"]),
        reconciliation=reconciliation_table(report),
        views=[
            _view(report, name, *models[name], run_of(runs, name), is_single=len(models) == 1, markup=Markup)
            for name in models
        ],
        charts=[Markup(chart) for chart in trend_charts(history)],
        history=history_table(_history_row(entry) for entry in reversed(history[-HISTORY:])),
        tables=[
            *([kernel_table(report)] if report["kernels"] else []),
            symbol_table(report, SYMBOLS),
            *([mode_table(report)] if report["modes"] else []),
        ],
        script=Markup(script),
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
    )


def _view(
    report: Document,
    name: str,
    lowered: Lowered,
    plan: MemoryPlan,
    run: Document | None,
    *,
    is_single: bool,
    markup: type[str],
) -> View:
    figures = layer_figures(report, name, run)
    return View(
        name="" if is_single else name,
        id="" if is_single else f"-{name}",
        peaks=tuple(_peaks(plan)),
        timeline=markup(timeline_svg(plan)),
        layers=layer_table(figures, can_be_counted=bool(report["regions"])),
        diagram=markup(diagram_svg(lowered, figures)),
        buffers=buffer_table(plan),
    )


def _tiles(report: Document, plans: Iterable[MemoryPlan], runs: Sequence[Document]) -> list[Tile]:
    summary = report["summary"]
    gap = ", ".join(
        f"{arena.region} {gap_text(arena)}" + ("" if arena.is_optimal else " above the lower bound")
        for plan in plans
        for arena in plan.arenas
    )
    tiles = [
        Tile("Activation RAM", amount(summary["activation_ram_bytes"]), f"plan {report['plan_arena_bytes']:,}; {gap}"),
        *_runtime_tiles(summary, report["stack"]),
        Tile("Total RAM", amount(summary["total_ram_bytes"]), "arenas, run-time and stack"),
        Tile("Weights Flash", amount(summary["weights_flash_bytes"]), "weights and biases"),
        Tile("Code Flash", amount(summary["code_flash_bytes"]), "all other flash, board support included"),
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


def _problem(finding: Document) -> Problem:
    shown = {key: ascii(finding[key])[1:-1] for key in ("where", "code", "what", "why", "help")}
    return Problem(f"{shown['where']}: error[{shown['code']}]: {shown['what']}", shown["why"], shown["help"])


def _columns(count: int) -> int:
    """As many as leave the fewest places of the last row empty."""
    return min((6, 5, 4), key=lambda columns: -count % columns)


def _region(row: Document) -> Bar:
    used, size = row["used_bytes"], row["size_bytes"]
    notes = [f"{100 * used / size:.1f} %; plan {row['plan_bytes']:,}, other {difference(row['difference_bytes'])}"]
    return _bar(row["name"], used, size, f"{size:,}", notes)


def _budget(row: Document) -> Bar:
    """What is used of a budget; its margin counts as used where it is asked whether the budget holds."""
    budget = Budget(memory=row["memory"], model=row["model"], region=row["region"], size_bytes=row["budget_bytes"])
    used, missing = row["used_bytes"], row["missing_bytes"]
    free = budget.size_bytes - row["margin_bytes"] - used
    margin = f", besides a margin of {row['margin_bytes']:,}" if row["margin_bytes"] else ""
    largest = ", ".join(f"{each['what']} {each['size_bytes']:,}" for each in row["largest"])
    notes = [f"{missing:,} missing{margin}" if missing else f"{free:,} free{margin}", f"largest: {largest}"]
    bar = _bar(str(budget), used, budget.size_bytes, f"{budget.size_bytes:,}", [ascii(note)[1:-1] for note in notes])
    return replace(bar, kind="over") if missing else bar


def _bar(name: str, used: int, limit: int, limit_words: str, notes: Sequence[str]) -> Bar:
    percent = 100 * used / limit if limit else 100.0
    kind = "over" if used > limit else "close" if percent > 90 else ""
    return Bar(name, f"{used:,}", limit_words, f"{min(percent, 100):.1f}", kind, tuple(notes))


def _stack(stack: Document | None) -> list[DeepestCalls]:
    if not stack:
        return []
    reserved = stack["reserved_bytes"]
    return [
        DeepestCalls(
            _bar(
                row["function"],
                row["size_bytes"],
                reserved,
                f"{reserved:,} reserved",
                [f"Not counted: {ascii(reason)[1:-1]}" for reason in row["unknown"]],
            ),
            tuple((ascii(call["function"])[1:-1], f"{call['size_bytes']:,}") for call in row["path"]),
        )
        for row in stack["rows"]
    ]


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


def _memory(title: str, parts: Sequence[Document]) -> Memory:
    whole = sum(part["size_bytes"] for part in parts)
    return Memory(
        title,
        f"{whole:,}",
        tuple(
            Part(part["part"], f"{part['size_bytes']:,}", f"{100 * part['size_bytes'] / whole:.1f}")
            for part in parts
            if part["size_bytes"]
        ),
    )


def _history_row(entry: Entry) -> tuple[str, ...]:
    figures = (
        entry.ram_bytes,
        entry.arena_bytes,
        entry.flash_bytes,
        entry.stack_bytes,
        entry.instructions,
        entry.cycles,
    )
    return (short_revision(entry), entry.date[:10], entry.toolchain, *map(amount, figures))
