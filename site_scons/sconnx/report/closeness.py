# SPDX-License-Identifier: Apache-2.0
"""When two values are the same: integers where they are equal, float32 where they are close; docs/numerics.md has the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.graph import Graph
from sconnx.reference.exact import computes_float

TOLERANCE = 1e-3
"""The largest error that a float32 value may have."""
FLOOR = 1e-2
"""An error counts against the value's magnitude, but against at least this much of the largest magnitude in its tensor."""

EXACT = "bit-exact"

Array = NDArray[np.generic]


def numerics_text(graphs: Sequence[Graph]) -> str:
    """What is promised of the values of a firmware's models; docs/numerics.md has the details."""
    nodes = [(graph, node) for graph in graphs for node in graph.nodes]
    count = sum(computes_float(graph, node) for graph, node in nodes)
    if not count:
        return EXACT
    return f"integers bit-exact, float32 (in {count} of {len(nodes)} layers) within {TOLERANCE:g}"


def errors(want: NDArray[np.float32], have: NDArray[np.float32]) -> NDArray[np.float64]:
    """For each value |have - want| / (|want| + FLOOR * the largest finite |want|).

    0 where both are equal or no numbers; infinite where only one is finite.
    """
    wanted, had = want.astype(np.float64), have.astype(np.float64)
    finite = np.isfinite(wanted)
    largest = np.abs(wanted[finite]).max(initial=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = np.asarray(np.abs(had - wanted) / (np.abs(wanted) + FLOOR * largest))
    found[~finite | ~np.isfinite(had) | np.isnan(found)] = np.inf
    found[(wanted == had) | (np.isnan(wanted) & np.isnan(had))] = 0.0
    return found


def largest_error(want: Array, have: Array) -> float:
    """Of float32 values as `errors` has it; of integers 0 or infinite."""
    if want.dtype == np.float32 and want.size:
        return float(errors(_floats(want), _floats(have)).max())
    return np.inf if differs(want, have).any() else 0.0


def differs(want: Array, have: Array) -> NDArray[np.bool_]:
    """Where values are not equal; a value that is no number equals another one."""
    wrong: NDArray[np.bool_] = want != have
    if want.dtype == np.float32:
        wrong &= ~(np.isnan(_floats(want)) & np.isnan(_floats(have)))
    return wrong


def is_beyond(want: Array, have: Array, *, exact: bool) -> NDArray[np.bool_]:
    """Where values are not the same: float32 ones that need not be exact may have an error."""
    if exact or want.dtype != np.float32:
        return differs(want, have)
    beyond: NDArray[np.bool_] = errors(_floats(want), _floats(have)) > TOLERANCE
    return beyond


def _floats(values: NDArray[Any]) -> NDArray[np.float32]:
    return values.astype(np.float32, copy=False)
