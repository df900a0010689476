# SPDX-License-Identifier: Apache-2.0
"""A new tensor that may run into one that dies; schedule/distance.py and schedule/stream.py say how far."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """A tensor that may lie partly over one that dies while it is written.

    Args:
        source, target: the dying tensor and the new one.
        forward_bytes: with rows in ascending order, offset(source) - offset(target) must be at least this.
        reversed_bytes: with rows in descending order, end(target) - end(source) must be at least this; None: no such order.
    """

    source: int
    target: int
    forward_bytes: int
    reversed_bytes: int | None = None
