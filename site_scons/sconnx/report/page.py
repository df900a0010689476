# SPDX-License-Identifier: Apache-2.0
"""The report as one page that needs nothing from outside: report.html, and page.html with a run of the emulator and a history."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sconnx.export.lowered import Lowered
from sconnx.graph.graph import Removed
from sconnx.history.history import Entry
from sconnx.memory.buffers import alive_at, buffer_name, peak_step
from sconnx.memory.meminfo import MemoryPlan
from sconnx.report.bars import budget_bar, deepest_calls, memory_parts, region_bar
from sconnx.report.closeness import EXACT
from sconnx.report.diagram import diagram_svg
from sconnx.report.layer_figures import layer_figures, run_of
from sconnx.report.report import size_line
from sconnx.report.show_memory import what_runs
from sconnx.report.tables import (
    Table,
    buffer_table,
    history_table,
    kernel_table,
    layer_table,
    mode_table,
    reconciliation_table,
    symbol_table,
)
from sconnx.report.tiles import summary_tiles, tile_columns
from sconnx.report.timeline import timeline_svg
from sconnx.report.trend import trend_charts

TEMPLATES = Path(__file__).parent / "templates"
SYMBOLS = 30
HISTORY = 20
"""How many symbols and builds are listed."""
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """What fails the build, and what would help."""

    what: str
    why: str
    help: str


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
    tiles = summary_tiles(report, [plan for _, plan in models.values()], runs)
    version = f"{build['toolchain']} {build['toolchain_version']}".rstrip()
    script = (TEMPLATES / "sort.js").read_text()
    return environment.get_template("report.html.j2").render(
        model=build["model"],
        built=f"{build['target']} on {build['board']}, {version}, optimize={build['optimize']}, rule {report['rule']}",
        size=size_line(
            len(report["layers"]), sum(layer["macs"] for layer in report["layers"]), Removed(**report["removed"])
        ),
        numerics="" if report["numerics"] == EXACT else report["numerics"],
        problems=[_problem(finding) for finding in report["findings"]],
        tiles=tiles,
        columns=tile_columns(len(tiles)),
        regions=[region_bar(row) for row in report["regions"]],
        budgets=[budget_bar(row) for row in report["budgets"]],
        memories=[memory_parts("RAM", report["ram"]), memory_parts("Flash", report["flash"])],
        stack=deepest_calls(report["stack"]),
        reconciliation=reconciliation_table(report),
        views=[
            _view(report, name, *models[name], run_of(runs, name), is_single=len(models) == 1, markup=Markup)
            for name in models
        ],
        charts=[Markup(chart) for chart in trend_charts(history)],
        history=history_table(history[::-1][:HISTORY]),
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


def _problem(finding: Document) -> Problem:
    shown = {key: ascii(finding[key])[1:-1] for key in ("where", "code", "what", "why", "help")}
    return Problem(f"{shown['where']}: error[{shown['code']}]: {shown['what']}", shown["why"], shown["help"])


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
