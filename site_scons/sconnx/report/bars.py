# SPDX-License-Identifier: Apache-2.0
"""Bars of the page: how full a memory is, what of it is for what, and how deep the stack gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sconnx.project.budgets import Budget
from sconnx.report.tables import difference

Document = Mapping[str, Any]
CLOSE_PERCENT = 90.0
"""From here on a bar warns."""


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
class Part:
    """A part of a memory; `percent` is its share of all of them."""

    name: str
    size: str
    percent: str


@dataclass(frozen=True, slots=True)
class Memory:
    """RAM or flash: what all of it is, in words, and its parts."""

    title: str
    total: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class DeepestCalls:
    """The deepest calls of a function: a bar beside what is reserved, and each function with its bytes."""

    bar: Bar
    calls: tuple[tuple[str, str], ...]


def region_bar(row: Document) -> Bar:
    """Of a region of the report."""
    used, size = row["used_bytes"], row["size_bytes"]
    notes = [f"{100 * used / size:.1f} %; plan {row['plan_bytes']:,}, other {difference(row['difference_bytes'])}"]
    return _bar(row["name"], used, size, f"{size:,}", notes)


def budget_bar(row: Document) -> Bar:
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
    kind = "over" if used > limit else "close" if percent > CLOSE_PERCENT else ""
    return Bar(name, f"{used:,}", limit_words, f"{min(percent, 100):.1f}", kind, tuple(notes))


def deepest_calls(stack: Document | None) -> list[DeepestCalls]:
    """Of the firmware and of each model; none where the stack is not ours."""
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


def memory_parts(title: str, parts: Sequence[Document]) -> Memory:
    """What the bytes of RAM or flash are for; parts without any are left out."""
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
