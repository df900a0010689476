# SPDX-License-Identifier: Apache-2.0
"""A history for the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sconnx.history.history import Entry
from sconnx.report.columns import columns

BUILDS = 10
"""How many are shown; the file has all."""
_HEAD = ("revision", "date", "RAM", "arenas", "flash", "stack", "instructions", "est. cycles")


def history_lines(document: Mapping[str, Any]) -> list[str]:
    """The last builds of a history.json, and how the figures of the latest differ from those of the one before."""
    entries = [Entry(**entry) for entry in document["entries"]]
    last = entries[-1]
    added = "added to" if document["is_added"] else "this build is already in"
    head = f"{last.model} for {last.target} ({last.toolchain}, optimize={last.optimize}): {added} {document['file']}"
    rows: list[tuple[str, ...]] = [_HEAD]
    for entry in entries[-BUILDS:]:
        figures = ("-" if value is None else f"{value:,}" for value in _figures(entry))
        rows.append((entry.short_revision, entry.date[:10], *figures))
    if len(entries) > 1:
        pairs = zip(_figures(entries[-2]), _figures(last), strict=True)
        rows.append(("change", "", *(_change(before, now) for before, now in pairs)))
    return [head, *columns(rows, "llrrrrrr")]


def _figures(entry: Entry) -> tuple[int | None, ...]:
    sizes = entry.ram_bytes, entry.arena_bytes, entry.flash_bytes, entry.stack_bytes
    return *sizes, entry.instructions, entry.cycles


def _change(before: int | None, now: int | None) -> str:
    if before is None or now is None:
        return ""
    return f"{now - before:+,}" if now != before else "="
