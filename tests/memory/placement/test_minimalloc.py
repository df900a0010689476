# SPDX-License-Identifier: Apache-2.0
"""The challenging instances of MiniMalloc's benchmark: each fits 1,048,576 bytes, and simple orders need 10 to 40 % more."""

from __future__ import annotations

import pytest

from sconnx.memory.placement import fit, place, violations
from tests.memory.placement.tiny_problems import MINIMALLOC, read_csv

CAPACITY_BYTES = 1_048_576
pytestmark = pytest.mark.skipif(not MINIMALLOC.is_dir(), reason="needs ../shared/planner/minimalloc")


def test_the_example() -> None:
    found = place(read_csv(MINIMALLOC / "input.12.csv"))
    assert (found.peak_bytes, found.is_optimal) == (12, True)


@pytest.mark.slow
@pytest.mark.parametrize("name", list("BCEFGHIJK"))
def test_an_instance_fits(name: str) -> None:
    """A and D take half a minute each, so only tests/benchmarks/placement.py runs them."""
    problem = read_csv(MINIMALLOC / f"{name}.{CAPACITY_BYTES}.csv")
    found = fit(problem, CAPACITY_BYTES, limit_seconds=120)
    assert found is not None
    assert found.peak_bytes <= CAPACITY_BYTES
    assert violations(problem, found.offsets) == []
