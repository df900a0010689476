# SPDX-License-Identifier: Apache-2.0
"""A fleet: a row per firmware with its figures, what they were in another fleet, and its budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sconnx.bench.cells import Table, compact, number, percent
from sconnx.bench.page import page_table
from sconnx.diff.diff import Figure, figures_of
from sconnx.report.columns import columns

SCHEMA = "sconnx.fleet/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRow:
    """One firmware.

    Args:
        figures: as in a diff; `before` is None where there is no other fleet, or not this firmware in it.
        budgets: of the whole firmware in bytes, by memory.
        problems: the checks of its report that do not hold.
    """

    firmware: str
    target: str
    board: str
    toolchain: str
    optimize: str
    figures: tuple[Figure, ...]
    budgets: dict[str, int]
    problems: tuple[str, ...]

    @property
    def key(self) -> str:
        """What tells it from all others, also in a fleet that was built by another version of the compiler."""
        return f"{self.firmware}/{self.target}/{self.toolchain.split(' ')[0]}-{self.optimize}"

    def total(self, name: str) -> tuple[int | None, int | None]:
        """A figure before and now, of all models together."""
        found = [figure for figure in self.figures if figure.name.partition(" of ")[0] == name]
        before, now = ([getattr(figure, side) for figure in found] for side in ("before", "now"))
        return _sum(before), _sum(now)


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def make_row(report: Mapping[str, Any], runs: Sequence[Mapping[str, Any]]) -> FleetRow:
    """Of a firmware's report.json and the documents of its run.json."""
    build = report["build"]
    whole = [row for row in report["budgets"] if not row["model"] and not row["region"]]
    return FleetRow(
        firmware=build["model"],
        target=build["target"],
        board=build["board"],
        toolchain=f"{build['toolchain']} {build['toolchain_version']}",
        optimize=build["optimize"],
        figures=tuple(replace(figure, before=None) for figure in figures_of(report, report, runs, runs)),
        budgets={row["memory"]: row["budget_bytes"] for row in whole},
        problems=tuple(finding["check"] for finding in report["findings"]),
    )


def compared(rows: Sequence[FleetRow], base: Sequence[FleetRow]) -> list[FleetRow]:
    """The rows with what the same firmwares were in another fleet."""
    before = {(row.key, figure.name): figure.now for row in base for figure in row.figures}
    return [
        replace(row, figures=tuple(replace(each, before=before.get((row.key, each.name))) for each in row.figures))
        for row in rows
    ]


def to_json(rows: Sequence[FleetRow]) -> dict[str, Any]:
    return {"schema": SCHEMA, "firmwares": [asdict(row) for row in rows]}


def from_json(document: Mapping[str, Any]) -> list[FleetRow]:
    """Raises KeyError or TypeError for a document of another form."""
    return [
        FleetRow(
            **{
                **row,
                "figures": tuple(Figure(**figure) for figure in row["figures"]),
                "problems": tuple(row["problems"]),
            }
        )
        for row in document["firmwares"]
    ]


FIGURES = (("RAM", "Total RAM", "ram"), ("flash", "Total Flash", "flash"), ("stack", "Stack", ""))
COUNTS = (("instructions", "Instructions"), ("est. cycles", "Estimated cycles"))


def _table(rows: Sequence[FleetRow]) -> Table:
    header = ["firmware", "target", "toolchain", "optimize"]
    words = [[row.firmware, row.target, row.toolchain, row.optimize] for row in rows]
    for title, name, budget in (*FIGURES, *((title, name, "") for title, name in COUNTS)):
        header += [title, "of budget", "change"]
        for row, cells in zip(rows, words, strict=True):
            before, now = row.total(name)
            allowed = row.budgets.get(budget)
            cells += [number(now), percent(now, allowed) if allowed else "", _change(before, now)]
    firmwares = f"{len(rows)} firmware{'s' if len(rows) != 1 else ''}"
    return compact(firmwares, header, words, "llll" + "rrr" * 5)


def _change(before: int | None, now: int | None) -> str:
    if before is None or now is None:
        return ""
    return f"{now - before:+,}" if now != before else "="


def fleet_text(rows: Sequence[FleetRow]) -> str:
    """For the console."""
    table = _table(rows)
    problems = [f"  {row.key} fails: {', '.join(row.problems)}" for row in rows if row.problems]
    return "\n".join([table.title, *columns(table.rows, table.align), *problems])


def fleet_page(rows: Sequence[FleetRow]) -> str:
    """As Markdown, for a pull request."""
    return f"# Fleet\n\n{page_table(_table(rows))}"
