# SPDX-License-Identifier: Apache-2.0
"""The report as a console table."""

from __future__ import annotations

from sconnx.report.closeness import EXACT
from sconnx.report.columns import columns
from sconnx.report.mode_lines import mode_lines
from sconnx.report.report import ANY_BOARD, Report
from sconnx.report.stack import stack_lines

_NO_REGIONS = (
    "a process of this machine: the model's own bytes only",
    "a library: what a linker can take of it at most, and the arena, which the firmware gives it",
)


def _bytes(value: int) -> str:
    return f"{value:,}"


def _models(report: Report) -> list[str]:
    """Of several models what each has of its own."""
    rows = [
        (row.name, row.rule, *map(_bytes, (row.layers, row.macs, row.plan_arena_bytes, row.weights_flash_bytes)))
        for row in report.models
    ]
    header = ("model", "rule", "layers", "MACs", "plan", "weights")
    return [*columns([header, *rows], "llrrrr"), ""] if rows else []


def report_text(report: Report) -> str:
    """Summary, regions, what the bytes are for, and what other modes would need."""
    build, summary = report.build, report.summary
    compiler = f"{build.toolchain} {build.toolchain_version}".strip()
    lines = [
        f"{build.model} for {build.target} on {build.board}"
        f" ({compiler}, optimize={build.optimize}, rule {report.rule})",
        f"  {report.size}",
        *([] if report.numerics == EXACT else [f"  {report.numerics}"]),
        "",
    ]
    lines += _models(report)
    state = f", {_bytes(report.state_bytes)} of it state" if report.state_bytes else ""
    lines += columns(
        [
            ("Activation RAM", _bytes(summary.activation_ram_bytes), f"plan {_bytes(report.plan_arena_bytes)}{state}"),
            ("Total RAM", _bytes(summary.total_ram_bytes), ""),
            ("Weights Flash", _bytes(summary.weights_flash_bytes), ""),
            ("Code Flash", _bytes(summary.code_flash_bytes), ""),
            ("Total Flash", _bytes(summary.total_flash_bytes), ""),
        ],
        "lrl",
    )
    lines.append("")
    header = ("region", "used", "size", "%")
    rows = [
        (row.name, _bytes(row.used_bytes), _bytes(row.size_bytes), f"{100 * row.used_bytes / row.size_bytes:.1f}")
        for row in report.regions
    ]
    lines += columns([header, *rows], "lrrr") if rows else [f"  {_NO_REGIONS[build.board == ANY_BOARD]}"]
    for memory, parts in (("RAM", report.ram), ("Flash", report.flash)):
        present = [(part.part, _bytes(part.size_bytes)) for part in parts if part.size_bytes]
        lines += ["", f"  {memory}, by what it is for"]
        lines += ["  " + line for line in columns(present, "lr")] if present else []
    if report.stack:
        lines += ["", *stack_lines(report.stack)]
    if report.modes:
        lines += ["", *mode_lines(report.modes)]
    return "\n".join(line.rstrip() for line in lines) + "\n"
