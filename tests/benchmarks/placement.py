# SPDX-License-Identifier: Apache-2.0
"""How the placement solver does on MiniMalloc's challenging instances, in ../shared/planner/minimalloc, and on long chains.

PYTHONPATH=site_scons .venv/bin/python -m tests.benchmarks.placement [BEGINNING OF A NAME...]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from sconnx.memory.placement import Placement, Problem, fit, place, violations
from sconnx.memory.placement.bounds import lower_bound_bytes
from sconnx.memory.placement.cells import to_cells
from tests.memory.placement.chains import chain
from tests.memory.placement.tiny_problems import MINIMALLOC, read_csv

LIMIT_SECONDS = 120
HEADER = f"{'instance':>16} {'blocks':>6} {'bound':>9} {'peak':>9} {'proven':>6} {'nodes':>7} {'seconds':>8}  method"


def cases() -> Iterator[tuple[str, Problem, int | None]]:
    """Name, problem, and the capacity to be met; None where the peak is to be lowered."""
    for path in sorted(MINIMALLOC.glob("*.csv")):
        name, capacity = path.name.split(".")[:2]
        yield f"{name}.{capacity}", read_csv(path), int(capacity)
    for count in (100, 1_000, 5_000):
        yield f"chain {count}", chain(count, seed=count), None
        yield f"chain {count} gaps", chain(count, seed=count, gaps=True), None


def row(name: str, problem: Problem, found: Placement | None, seconds: float) -> str:
    """One line of the table."""
    if found is None:
        bound = lower_bound_bytes(to_cells(problem))
        return f"{name:>16} {len(problem.blocks):>6} {bound:>9} {'-':>9} {'no':>6} {'-':>7} {seconds:>8.2f}  not found"
    assert violations(problem, found.offsets) == []
    proven = "yes" if found.is_optimal else "no"
    return (
        f"{name:>16} {len(problem.blocks):>6} {found.lower_bound_bytes:>9} {found.peak_bytes:>9} {proven:>6} "
        f"{found.nodes:>7} {seconds:>8.2f}  {found.method}"
    )


def main() -> None:
    """Print the table; arguments are the beginnings of the names to run, all by default."""
    print(HEADER)
    for name, problem, capacity in cases():
        if name.startswith(tuple(sys.argv[1:]) or ("",)):
            start = time.perf_counter()
            found = place(problem) if capacity is None else fit(problem, capacity, LIMIT_SECONDS)
            print(row(name, problem, found, time.perf_counter() - start), flush=True)


if __name__ == "__main__":
    main()
