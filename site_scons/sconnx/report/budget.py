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


def _stack(report: Mapping[str, Any]) -> SconnxError | None:
    """E411 when the deepest calls take more than is reserved; calls that cannot be followed are not held against it."""
    stack = report["stack"]
    if stack is None or not stack["rows"]:
        return None
    deepest, reserved = stack["rows"][0], stack["reserved_bytes"]
    if deepest["size_bytes"] <= reserved:
        return None
    path = ", ".join(f"{call['function']} {call['size_bytes']:,}" for call in deepest["path"])
    enough = deepest["size_bytes"] + -deepest["size_bytes"] % 8
    return SconnxError(
        "E411",
        f"stack too small: requested {deepest['size_bytes']:,}, available {reserved:,}, "
        f"missing {deepest['size_bytes'] - reserved:,} bytes",
        where=report["build"]["model"],
        why=f"the deepest calls: {path}",
        help=f"reserve stack={enough} or more; interrupts come on top",
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
    """The verdict as JSON data. Raises one SconnxError E410 per budget that is exceeded, None being no budget, and E411."""
    errors = [_over(report, memory, budget) for memory, budget in budgets.items() if budget is not None]
    errors.append(_stack(report))
    raise_all([error for error in errors if error is not None])
    return {"schema": SCHEMA, "budgets": dict(budgets), "summary": report["summary"]}
