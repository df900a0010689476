# SPDX-License-Identifier: Apache-2.0
"""A diff for the console, and as markdown for a pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sconnx.report.columns import columns

Document = Mapping[str, Any]
SYMBOLS = 12
"""How many symbols are shown; diff.json has all."""
_HEAD = ("", "before", "now", "change", "")


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _change(before: int | None, now: int | None) -> tuple[str, str]:
    """The difference and its share."""
    if before is None or now is None:
        return "", ""
    growth = now - before
    share = f"{100 * growth / before:+.1f} %" if growth and before else ""
    return f"{growth:+,}" if growth else "=", share


def _row(name: str, before: int | None, now: int | None) -> tuple[str, ...]:
    return name, _number(before), _number(now), *_change(before, now)


def _tables(diff: Document) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Titles with their rows; the same for both forms. Equal parts, layers and symbols are left out."""

    def shown(name: str) -> str:
        return ascii(name)[1:-1][:60]

    figures = [_row(figure["name"], figure["before"], figure["now"]) for figure in diff["figures"]]
    parts = [_row(part["name"], part["before"], part["now"]) for part in diff["parts"]]
    layers = []
    for layer in diff["layers"]:
        status = "" if layer["status"] == "changed" else f"{layer['status']}: "
        for figure in layer["figures"]:
            label = f"{status}{layer['operator']} {shown(layer['name'])}, {figure['name']}"
            layers.append(_row(label, figure["before"], figure["now"]))
    symbols = [_row(shown(one["name"]), one["before_bytes"], one["now_bytes"]) for one in diff["symbols"][:SYMBOLS]]
    more = len(diff["symbols"]) - SYMBOLS
    title = "Symbols, bytes" + (f" ({more} more in diff.json)" if more > 0 else "")
    tables = [("Firmware", figures), ("By what it is for, bytes", parts), ("Layers", layers), (title, symbols)]
    return [(title, rows) for title, rows in tables if rows]


def diff_text(diff: Document) -> str:
    """For the console."""
    lines = [f"{diff['now']}", f"  compared with {diff['before']}"]
    for title, rows in _tables(diff):
        lines += ["", f"  {title}", *("  " + line for line in columns([_HEAD, *rows], "lrrrr"))]
    if not _changed(diff):
        lines += ["", "  nothing changed"]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def diff_markdown(diff: Document) -> str:
    """For a comment on a pull request: the firmware's figures, the rest folded."""
    lines = [f"### {_escaped(diff['now'])}", "", f"Compared with {_escaped(diff['before'])}.", ""]
    if not _changed(diff):
        lines += ["Nothing changed.", ""]
    for position, (title, rows) in enumerate(_tables(diff)):
        table = _markdown_table(rows)
        if position == 0:
            lines += [*table, ""]
        else:
            lines += [f"<details><summary>{title} ({len(rows)})</summary>", "", *table, "", "</details>", ""]
    return "\n".join(lines)


def _changed(diff: Document) -> bool:
    return any(one["before"] != one["now"] for one in diff["figures"]) or bool(
        diff["parts"] or diff["layers"] or diff["symbols"]
    )


def _markdown_table(rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [" | ".join(_escaped(cell) for cell in row) for row in rows]
    return ["| | before | now | change | |", "|---|---:|---:|---:|---:|", *(f"| {row} |" for row in cells)]


def _escaped(text: str) -> str:
    """Names of models cannot end a cell or begin markup."""
    for character in "\\`*_{}[]<>()#+!|~":
        text = text.replace(character, f"\\{character}") if character not in "()+" else text
    return text
