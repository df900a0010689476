# SPDX-License-Identifier: Apache-2.0
"""How much a firmware may grow: `growth=ram:512,flash:1%,instructions:2%`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sconnx.errors import SconnxError, raise_all

FIGURES = {
    "ram": "Total RAM",
    "flash": "Total Flash",
    "stack": "Stack",
    "instructions": "Instructions",
    "cycles": "Estimated cycles",
}
_LIMIT = re.compile(r"(\d+(?:\.\d+)?)\s*(%|K|KiB|M|MiB|)", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1024, "kib": 1024, "m": 1024**2, "mib": 1024**2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most so much more: a number, or a share of what it was."""

    figure: str
    amount: float
    is_percent: bool

    def allows(self, before: int, now: int) -> bool:
        return now - before <= (before * self.amount / 100 if self.is_percent else self.amount)

    def __str__(self) -> str:
        return f"{self.amount:g} %" if self.is_percent else f"{self.amount:,.0f}"


def parse_limits(text: str) -> tuple[Limit, ...]:
    """The limits of `growth=`. Raises SconnxError E702 for all that are malformed."""
    limits, errors = [], []
    for part in filter(None, text.split(",")):
        figure, colon, amount = part.partition(":")
        match = _LIMIT.fullmatch(amount)
        if figure not in FIGURES or not colon or match is None:
            hint = f"FIGURE:AMOUNT with {', '.join(FIGURES)}; an amount is a number, 4K, or 2%"
            errors.append(SconnxError("E702", f"growth={part} is no limit", help=hint))
            continue
        is_percent = match[2] == "%"
        factor = 1 if is_percent else _FACTORS[match[2].lower()]
        limits.append(Limit(figure=figure, amount=float(match[1]) * factor, is_percent=is_percent))
    raise_all(errors)
    return tuple(limits)


def check_comparable(diff: Mapping[str, Any], limits: tuple[Limit, ...]) -> None:
    """Raise one SconnxError E412 for each limit that nothing can be held against: a figure is missing in a diff.json."""
    errors = []
    for limit in limits:
        figures = [each for each in diff["figures"] if each["name"].partition(" of ")[0] == FIGURES[limit.figure]]
        if any(each["before"] is not None and each["now"] is not None for each in figures):
            continue
        lacks_base = any(each["now"] is not None for each in figures)
        why = f"{'the base' if lacks_base else 'this build'} has no {FIGURES[limit.figure].lower()}"
        hint = "keep run.json beside the report.json of base=, or compare with a revision" if lacks_base else ""
        what = f"growth={limit.figure} cannot be checked"
        errors.append(SconnxError("E412", what, where=diff["now"].split(" ")[0], why=why, help=hint))
    raise_all(errors)


def check_growth(diff: Mapping[str, Any], limits: tuple[Limit, ...], page: str = "diff.md") -> None:
    """Raise one SconnxError E412 for each figure of a diff.json that has grown by more than a limit allows.

    Args:
        page: the file that shows all changes.
    """
    errors = []
    for limit in limits:
        for figure in diff["figures"]:
            name, before, now = figure["name"], figure["before"], figure["now"]
            if name.partition(" of ")[0] != FIGURES[limit.figure] or before is None or now is None:
                continue
            if not limit.allows(before, now):
                what = f"{name} grew by {now - before:,} from {before:,} to {now:,}, allowed are {limit}"
                largest = ", ".join(_contributors(diff, limit.figure))
                hint = f"raise growth={limit.figure}:, or see {page} for all that changed"
                why = f"largest: {largest}" if largest else ""
                errors.append(SconnxError("E412", what, where=diff["now"].split(" ")[0], why=why, help=hint))
    raise_all(errors)


def _contributors(diff: Mapping[str, Any], figure: str) -> list[str]:
    """What grew most, of that kind."""
    if figure in ("ram", "flash"):
        memory = {"ram": "RAM: ", "flash": "flash: "}[figure]
        rows = [(p["name"].removeprefix(memory), p) for p in diff["parts"] if p["name"].startswith(memory)]
    else:
        rows = [
            (layer["name"], one)
            for layer in diff["layers"]
            for one in layer["figures"]
            if one["name"] == figure == "instructions"
        ]
    grown = [((row["now"] or 0) - (row["before"] or 0), name) for name, row in rows]
    return [f"{name} +{growth:,}" for growth, name in sorted(grown, key=lambda row: -row[0])[:5] if growth > 0]
