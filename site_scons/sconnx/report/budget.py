# SPDX-License-Identifier: Apache-2.0
"""Budgets: what is linked against what the user allows; what is missing, what takes most, and what would help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sconnx.memory.advice import Need, advice
from sconnx.memory.meminfo import Mode
from sconnx.project.budgets import Budget, Margin
from sconnx.report.contributions import Contribution
from sconnx.report.finding import Finding
from sconnx.report.stack import Stack

CONTRIBUTORS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """One of the largest that a budget is used up by."""

    what: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow:
    """One budget and what is used of it.

    Args:
        model, region: empty: all of them.
        margin_bytes: what has to stay free.
        missing_bytes: how much too small it is, the margin included; 0: it holds.
        largest: what takes most of it, at most five.
    """

    memory: str
    model: str
    region: str
    budget_bytes: int
    margin_bytes: int
    used_bytes: int
    missing_bytes: int
    largest: tuple[Contributor, ...]

    @property
    def budget(self) -> Budget:
        return Budget(memory=self.memory, model=self.model, region=self.region, size_bytes=self.budget_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Firmware:
    """What budgets are held against, and what the user might do.

    Args:
        name: for messages.
        arena_bytes: of all arenas, which the modes change.
        modes: of a single model.
        code_flash: the region of code.
        other_flash: regions that weights could move to, where some are in the region of code.
        optimize: the level that kernels are compiled at.
    """

    name: str
    contributions: tuple[Contribution, ...]
    stack: Stack | None
    arena_bytes: int
    modes: tuple[Mode, ...]
    code_flash: str = ""
    other_flash: tuple[str, ...] = ()
    optimize: str = "ram"


def with_regions(
    budgets: Sequence[Budget], sizes: Mapping[str, tuple[str, int]], margin: Margin | None
) -> tuple[Budget, ...]:
    """The budgets; with a margin also the size of every region of a kind that has none.

    Args:
        sizes: (kind, bytes) by region.
    """
    if margin is None:
        return tuple(budgets)
    limited = {budget.memory for budget in budgets if not budget.model}
    regions = [
        Budget(memory=kind, region=name, size_bytes=size) for name, (kind, size) in sizes.items() if kind not in limited
    ]
    return (*budgets, *regions)


def budget_row(firmware: Firmware, budget: Budget, margin: Margin | None) -> BudgetRow:
    """What of a budget is used."""
    found = _stack_of(firmware, budget) if budget.memory == "stack" else _sizes(firmware, budget)
    used_bytes = sum(found.values())
    margin_bytes = margin.of(budget.size_bytes) if margin else 0
    largest = sorted(((what, size) for what, size in found.items() if size), key=lambda each: (-each[1], each[0]))
    return BudgetRow(
        memory=budget.memory,
        model=budget.model,
        region=budget.region,
        budget_bytes=budget.size_bytes,
        margin_bytes=margin_bytes,
        used_bytes=used_bytes,
        missing_bytes=max(used_bytes + margin_bytes - budget.size_bytes, 0),
        largest=tuple(Contributor(what=what, size_bytes=size) for what, size in largest[:CONTRIBUTORS]),
    )


def _sizes(firmware: Firmware, budget: Budget) -> dict[str, int]:
    """Bytes by what they are for."""
    sizes: dict[str, int] = {}
    for one in firmware.contributions:
        if one.memory == budget.memory and budget.region in ("", one.region):
            size_bytes = one.by_model.get(budget.model, 0) if budget.model else one.size_bytes
            sizes[one.what] = sizes.get(one.what, 0) + size_bytes
    return sizes


def _stack_of(firmware: Firmware, budget: Budget) -> dict[str, int]:
    """Of the functions on the deepest path of a model's calls."""
    rows = firmware.stack.rows if firmware.stack else ()
    of_model = [row for row in rows if row.function in (f"{budget.model}_run", f"{budget.model}_push_row")]
    deepest = max(of_model, key=lambda row: row.size_bytes, default=None)
    return {call.function: call.size_bytes for call in deepest.path} if deepest else {}


def budget_finding(firmware: Firmware, row: BudgetRow) -> Finding | None:
    """E410 for a budget that does not hold."""
    if not row.missing_bytes:
        return None
    margin = f" and a margin of {row.margin_bytes:,}" if row.margin_bytes else ""
    parts = ", ".join(f"{part.what} {part.size_bytes:,}" for part in row.largest)
    raised = f"raise {row.budget.variable}, or see report.txt for what can go"
    return Finding(
        check=f"budget {row.budget}",
        code="E410",
        what=f"{row.memory} budget{row.budget.scope} exceeded: requested {row.used_bytes:,}{margin}, "
        f"available {row.budget_bytes:,}, missing {row.missing_bytes:,} bytes",
        where=firmware.name,
        why=f"largest: {parts}" if parts else "",
        help="; ".join(filter(None, (*_advice(firmware, row), raised))),
        model=row.model,
    )


def _advice(firmware: Firmware, row: BudgetRow) -> list[str]:
    """What would help, with figures where there are any."""
    if row.memory == "ram":
        return [_modes(firmware, row), _smaller_stack(firmware, row)]
    if row.memory == "flash":
        has_code, is_code = row.region in ("", firmware.code_flash), row.region == firmware.code_flash
        return [
            f"weights={firmware.other_flash[0]} moves weights there" if is_code and firmware.other_flash else "",
            "optimize=ram compiles kernels for size" if has_code and firmware.optimize != "ram" else "",
        ]
    return []


def _modes(firmware: Firmware, row: BudgetRow) -> str:
    """The modes whose arenas are small enough: the rest of the RAM is the same in all of them."""
    if row.region or not firmware.modes:
        return ""
    rest_bytes = row.used_bytes - firmware.arena_bytes
    totals = [(mode, rest_bytes + mode.arena_bytes) for mode in firmware.modes]
    return advice([Need(mode, total, total + row.margin_bytes - row.budget_bytes) for mode, total in totals])


def _smaller_stack(firmware: Firmware, row: BudgetRow) -> str:
    """Where more is reserved than the deepest calls take."""
    stack = firmware.stack
    if row.model or stack is None or not stack.rows or stack.rows[0].unknown:
        return ""
    if not any(part.what == "stack" for part in row.largest):
        return ""
    enough = stack.rows[0].size_bytes + -stack.rows[0].size_bytes % 8
    spare = stack.reserved_bytes - enough
    return f"stack={enough} and what interrupts need would spare up to {spare:,} bytes" if spare > 0 else ""


def stack_finding(firmware: Firmware) -> Finding | None:
    """E411 when the deepest calls take more than is reserved; calls that cannot be followed are not held against it."""
    stack = firmware.stack
    if stack is None or not stack.rows or stack.rows[0].size_bytes <= stack.reserved_bytes:
        return None
    deepest, reserved = stack.rows[0], stack.reserved_bytes
    path = ", ".join(f"{call.function} {call.size_bytes:,}" for call in deepest.path)
    enough = deepest.size_bytes + -deepest.size_bytes % 8
    return Finding(
        check="stack",
        code="E411",
        what=f"stack too small: requested {deepest.size_bytes:,}, available {reserved:,}, "
        f"missing {deepest.size_bytes - reserved:,} bytes",
        where=firmware.name,
        why=f"the deepest calls: {path}",
        help=f"reserve stack={enough} or more; interrupts come on top",
    )
