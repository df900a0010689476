# SPDX-License-Identifier: Apache-2.0
"""Budgets: the linked RAM and flash against what the user allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sconnx.errors import SconnxError, raise_all
from sconnx.memory.advice import Need, advice
from sconnx.memory.meminfo import Mode

SCHEMA = "sconnx.budget/1"
CONTRIBUTORS = 5


def _over(report: Mapping[str, Any], memory: str, budget_bytes: int) -> SconnxError | None:
    used = report["summary"][f"total_{memory}_bytes"]
    if used <= budget_bytes:
        return None
    largest = sorted(report[memory], key=lambda part: (-part["size_bytes"], part["part"]))[:CONTRIBUTORS]
    parts = ", ".join(f"{part['part']} {part['size_bytes']:,}" for part in largest if part["size_bytes"])
    return SconnxError(
        "E410",
        f"{memory} budget exceeded: requested {used:,}, available {budget_bytes:,}, missing {used - budget_bytes:,} bytes",
        where=report["build"]["model"],
        why=f"largest: {parts}",
        help="; ".join(
            filter(None, (_modes(report, memory, budget_bytes), f"raise {memory}=, or see report.txt for what can go"))
        ),
    )


def _modes(report: Mapping[str, Any], memory: str, budget_bytes: int) -> str:
    """The modes whose arena is small enough: the rest of the RAM is the same in all of them."""
    if memory != "ram":
        return ""
    rest_bytes = report["summary"]["total_ram_bytes"] - report["plan_arena_bytes"]
    modes = [Mode(**mode) for mode in report["modes"]]
    totals = [(mode, rest_bytes + mode.arena_bytes) for mode in modes]
    return advice([Need(mode, total, total - budget_bytes) for mode, total in totals])


def check_budgets(report: Mapping[str, Any], budgets: Mapping[str, int | None]) -> dict[str, Any]:
    """The verdict as JSON data. Raises one SconnxError E410 per budget that is exceeded; None is no budget."""
    errors = [_over(report, memory, budget) for memory, budget in budgets.items() if budget is not None]
    raise_all([error for error in errors if error is not None])
    return {"schema": SCHEMA, "budgets": dict(budgets), "summary": report["summary"]}
