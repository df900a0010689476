# SPDX-License-Identifier: Apache-2.0
"""Why no implementation takes a node: the reasons of those that come nearest, each said once; the others are counted."""

from __future__ import annotations

from collections.abc import Sequence

from sconnx.export.selection import Verdict

REASONS = 2
"""How many are told; `explain` has them all."""


def refusal(found: Sequence[Verdict]) -> str:
    """The reasons against the candidates of a node. Equally near ones are in the order in which they were tried."""
    by_reason: dict[str, list[str]] = {}
    for verdict in sorted(found, key=lambda verdict: verdict.distance):
        names = by_reason.setdefault(verdict.reason, [])
        if verdict.name not in names:  # one that is registered for several kinds of operands
            names.append(verdict.name)
    reasons = list(by_reason.items())
    texts = [f"{', '.join(names)}: {reason}" for reason, names in reasons[:REASONS]]
    count = len({name for _, names in reasons[REASONS:] for name in names})
    if count:
        texts.append(f"{count} other{'s fit' if count > 1 else ' fits'} less")
    return "; ".join(texts)
