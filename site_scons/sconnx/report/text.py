# SPDX-License-Identifier: Apache-2.0
"""The report as a console table."""

from __future__ import annotations

from collections.abc import Iterator

from sconnx.report.closeness import EXACT
from sconnx.report.columns import columns
from sconnx.report.mode_lines import mode_lines
from sconnx.report.parts import UNEXPLAINED
from sconnx.report.reconcile import Reconciled
from sconnx.report.report import ANY_BOARD, LayerRow, Report
from sconnx.report.stack import stack_lines

LAYERS = 40
"""How many layers are shown; report.json has all."""
_NO_REGIONS = (
    "a process of this machine: the model's own bytes only",
    "a library: what a linker can take of it at most, and the arena, which the firmware gives it",
)


def _bytes(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _delta(value: int) -> str:
    return f"{value:+,}" if value else "0"


def _models(report: Report) -> list[str]:
    """Of several models what each has of its own, and the kernels that it calls."""
    rows = [
        (
            row.name,
            row.rule,
            *map(_bytes, (row.layers, row.macs, row.plan_arena_bytes, row.weights_flash_bytes)),
            *map(_bytes, (row.ram_bytes, row.flash_bytes, row.stack_bytes)),
        )
        for row in report.models
    ]
    header = ("model", "rule", "layers", "MACs", "plan", "weights", "RAM", "flash", "stack")
    return [*columns([header, *rows], "llrrrrrrr"), ""] if len(rows) > 1 else []


def _summary(report: Report) -> list[str]:
    summary = report.summary
    state = f", {_bytes(report.state_bytes)} of it state" if report.state_bytes else ""
    rows = [("Activation RAM", _bytes(summary.activation_ram_bytes), f"plan {_bytes(report.plan_arena_bytes)}{state}")]
    if report.regions:
        deepest = report.stack.rows[0].size_bytes if report.stack and report.stack.rows else None
        note = "" if deepest is None else f"reserved; the deepest calls take {_bytes(deepest)}"
        rows += [("Runtime RAM", _bytes(summary.runtime_ram_bytes), ""), ("Stack", _bytes(summary.stack_bytes), note)]
    rows += [
        ("Total RAM", _bytes(summary.total_ram_bytes), ""),
        ("Weights Flash", _bytes(summary.weights_flash_bytes), ""),
        ("Code Flash", _bytes(summary.code_flash_bytes), ""),
        ("Total Flash", _bytes(summary.total_flash_bytes), ""),
    ]
    return columns(rows, "lrl")


def _regions(report: Report) -> list[str]:
    rows = [
        (
            row.name,
            *map(_bytes, (row.used_bytes, row.size_bytes)),
            f"{100 * row.used_bytes / row.size_bytes:.1f}",
            *map(_bytes, (row.budget_bytes, row.plan_bytes)),
            _delta(row.difference_bytes),
        )
        for row in report.regions
    ]
    header = ("region", "used", "size", "%", "budget", "plan", "delta")
    return columns([header, *rows], "lrrrrrr") if rows else [f"  {_NO_REGIONS[report.build.board == ANY_BOARD]}"]


def _budgets(report: Report) -> list[str]:
    """A line per budget; what is free is beyond the margin."""
    rows = [
        (
            str(row.budget),
            *map(_bytes, (row.used_bytes, row.budget_bytes, row.margin_bytes)),
            f"missing {row.missing_bytes:,}"
            if row.missing_bytes
            else f"free {row.budget_bytes - row.margin_bytes - row.used_bytes:,}",
        )
        for row in report.budgets
    ]
    return ["", *columns([("budget", "used", "available", "margin", ""), *rows], "lrrrl")] if rows else []


def _reconciled(report: Report) -> Iterator[str]:
    """By region what every byte is for, beside the plan; sections that hold the same part are one line."""
    for region in dict.fromkeys(row.region for row in report.reconciliation):
        here = [row for row in report.reconciliation if row.region == region]
        if not any(row.plan_bytes or row.elf_bytes for row in here):
            continue
        lines = [("    part", "linked", "plan", "delta", "why the plan has less")]
        for part in sorted({row.part for row in here}, key=[row.part for row in here].index):
            lines.append(_part_line(part, [row for row in here if row.part == part]))
        yield from ("", f"  {region or 'process'}, by what it is for")
        yield from (line[2:] for line in columns(lines, "lrrrl"))


def _part_line(part: str, rows: list[Reconciled]) -> tuple[str, str, str, str, str]:
    linked, plan, delta = (
        sum(getattr(row, key) for row in rows) for key in ("elf_bytes", "plan_bytes", "difference_bytes")
    )
    causes = ", ".join(dict.fromkeys(row.cause for row in rows if row.cause))
    name = part.capitalize() if part == UNEXPLAINED else part
    return f"    {name}", _bytes(linked), _bytes(plan), _delta(delta), causes


def _layers(report: Report) -> list[str]:
    """Of each layer parameters, code, and what is in use in its step; the largest where there are many."""

    def flash(layer: LayerRow) -> int:
        return layer.params_bytes + layer.kernel_bytes + layer.generated_bytes

    shown = sorted(report.layers, key=flash, reverse=True)[:LAYERS]
    several = len(report.models) > 1
    rows = [
        (
            f"    {layer.model}:{layer.node}" if several else f"    {layer.node}",
            layer.operator,
            *map(_bytes, (layer.params_plan_bytes, layer.params_bytes)),
            *map(_bytes, (layer.generated_bytes, layer.kernel_bytes, layer.kernel_shared_bytes, layer.ram_bytes)),
        )
        for layer in report.layers
        if layer in shown
    ]
    if not rows:
        return []
    many = len(report.layers) - len(rows)
    more = f"; the {len(rows)} largest, report.json has {many} more" if many else ""
    header = ("    layer", "operator", "planned", "linked", "calls", "kernel", "of it shared", "RAM in use")
    return [
        "",
        f"  Layers: parameters as planned and linked, code, and the RAM in use while they run{more}",
        *(line[2:] for line in columns([header, *rows], "llrrrrrr")),
    ]


def report_text(report: Report) -> str:
    """Summary, regions, budgets, what the bytes are for, layers, stack, and what other modes would need."""
    build = report.build
    compiler = f"{build.toolchain} {build.toolchain_version}".strip()
    lines = [
        f"{build.model} for {build.target} on {build.board}"
        f" ({compiler}, optimize={build.optimize}, rule {report.rule})",
        f"  {report.size}",
        *([] if report.numerics == EXACT else [f"  {report.numerics}"]),
        "",
        *_models(report),
        *_summary(report),
        "",
        *_regions(report),
        *_budgets(report),
        *_reconciled(report),
        *_layers(report),
    ]
    if report.stack:
        lines += ["", *stack_lines(report.stack)]
    if report.modes:
        lines += ["", *mode_lines(report.modes)]
    return "\n".join(line.rstrip() for line in lines) + "\n"
