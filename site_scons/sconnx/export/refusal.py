# SPDX-License-Identifier: Apache-2.0
"""Why no implementation takes a node: every candidate with its reason, those that come nearest first, each reason once."""

from __future__ import annotations

from collections.abc import Sequence

from sconnx.export.selection import Verdict


def refusal(found: Sequence[Verdict]) -> str:
    """The reasons against the candidates of a node. Equally near ones are in the order in which they were tried."""
    by_reason: dict[str, list[str]] = {}
    for verdict in sorted(found, key=lambda verdict: verdict.distance):
        names = by_reason.setdefault(verdict.reason, [])
        if verdict.name not in names:  # one that is registered for several kinds of operands
            names.append(verdict.name)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in by_reason.items())
