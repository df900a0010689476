# SPDX-License-Identifier: Apache-2.0
"""The plan beside the ELF: rows of region, section and part, each with the cause of its difference, and what has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sconnx.report.extents import Extent
from sconnx.report.finding import Finding
from sconnx.report.parts import (
    CALLER_OUTPUTS,
    GAPS,
    HELPERS,
    IO,
    KERNELS,
    LIBRARY,
    LITERALS,
    MAIN,
    MODEL,
    PADDING,
    PARAMETERS,
    STACK,
    START,
    UNEXPLAINED,
    VECTORS,
)
from sconnx.report.planned import Planned

CHECK = "every byte"
CAUSES = {
    KERNELS: "code of the kernels",
    MODEL: "code that calls the kernels",
    PARAMETERS: "structs of parameters, as the compiler lays them out",
    START: "reset code, and the table of what it copies",
    MAIN: "main program of the board's firmware",
    IO: "input and output of the board's firmware",
    HELPERS: "what compilers call where the core has no instruction",
    LIBRARY: "library of the compiler",
    VECTORS: "vector table of the core",
    LITERALS: "constants of the compiler, without a name",
    PADDING: "alignment of functions and objects",
    GAPS: "alignment of sections",
}
"""Why bytes are there that no plan has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """Bytes of one part in one section of a region: planned, linked, and why they differ; an empty cause: they do not."""

    region: str
    section: str
    part: str
    plan_bytes: int
    elf_bytes: int
    difference_bytes: int
    cause: str


def reconcile(
    by_region: Mapping[str, Sequence[Extent]],
    planned: Mapping[str, Planned],
    stack_bytes: int,
    caller_bytes: int,
) -> tuple[Reconciled, ...]:
    """All rows; those of a region add up to what is in use there. Its last one is of unexplained bytes, 0 where all is well.

    Args:
        planned: by symbol.
        stack_bytes: reserved by the plan.
        caller_bytes: outputs that the board's firmware keeps for the caller.
    """
    rows: list[Reconciled] = []
    for region, found in by_region.items():
        groups: dict[tuple[str, str, str], list[Extent]] = {}
        for extent in found:
            wrong = extent.symbol.name if extent.symbol and not _is_as_planned(extent, planned) else ""
            groups.setdefault((extent.section, extent.part, wrong), []).append(extent)
        unexplained = 0
        for (section, part, wrong), group in groups.items():
            elf_bytes = sum(extent.size_bytes for extent in group)
            if part == UNEXPLAINED:
                unexplained += elf_bytes
                continue
            fixed = {STACK: stack_bytes, CALLER_OUTPUTS: caller_bytes}.get(part)
            plan_bytes = sum(_plan_bytes(extent, planned) for extent in group) if fixed is None else fixed
            cause = CAUSES.get(part, UNEXPLAINED) if not wrong and fixed is None else UNEXPLAINED
            rows.append(_of(region, section, part, plan_bytes, elf_bytes, cause))
        rows.append(_of(region, "", UNEXPLAINED, 0, unexplained, UNEXPLAINED))
    return tuple(rows)


def _plan_bytes(extent: Extent, planned: Mapping[str, Planned]) -> int:
    plan = planned.get(extent.symbol.name) if extent.symbol else None
    return 0 if plan is None else plan.size_bytes or 0


def _is_as_planned(extent: Extent, planned: Mapping[str, Planned]) -> bool:
    plan = planned.get(extent.symbol.name) if extent.symbol else None
    return plan is None or plan.size_bytes in (None, extent.size_bytes)


def _of(region: str, section: str, part: str, plan_bytes: int, elf_bytes: int, cause: str) -> Reconciled:
    return Reconciled(
        region=region,
        section=section,
        part=part,
        plan_bytes=plan_bytes,
        elf_bytes=elf_bytes,
        difference_bytes=elf_bytes - plan_bytes,
        cause="" if plan_bytes == elf_bytes else cause,
    )


def unexplained_bytes(rows: Sequence[Reconciled]) -> int:
    """Bytes without a cause, those that the ELF has too few included."""
    return sum(abs(row.difference_bytes) for row in rows if row.cause == UNEXPLAINED)


def check_unexplained(rows: Sequence[Reconciled], where: str) -> tuple[Finding, ...]:
    """E413 when bytes of a region have no cause."""
    wrong = [row for row in rows if row.cause == UNEXPLAINED]
    if not wrong:
        return ()
    found = ", ".join(
        f"{row.difference_bytes:+,} in {row.section or 'no section'} of {row.region} ({row.part})" for row in wrong
    )
    return (
        Finding(
            check=CHECK,
            code="E413",
            what=f"{unexplained_bytes(rows):,} bytes of the firmware have no cause",
            where=where,
            why=found,
            help="symbols need a type and a size: .type and .size in assembler files",
        ),
    )
