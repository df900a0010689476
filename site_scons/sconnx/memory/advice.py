# SPDX-License-Identifier: Apache-2.0
"""What to say to someone whose model is too large: which modes would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.memory.meminfo import Mode


@dataclass(frozen=True, slots=True)
class Need:
    """What the model needs in one mode, and how much of that is missing; 0 or less: it fits."""

    mode: Mode
    size_bytes: int
    missing_bytes: int


def advice(needs: Sequence[Need]) -> str:
    """The modes that would fit, those with the fewest changes only; or by how much the smallest one is too large.

    Args:
        needs: of every mode; one of them is the current one.
    """
    current = next((need.mode for need in needs if need.mode.is_current), None)
    if current is None or len(needs) == 1:
        return ""
    fitting = [(_changes(need.mode, current), need.size_bytes) for need in needs if need.missing_bytes <= 0]
    if fitting:
        fewest = min(len(changes) for changes, _ in fitting)
        near = [(" ".join(changes), size_bytes) for changes, size_bytes in fitting if len(changes) == fewest]
        (name, size_bytes), *rest = near
        others = [f"{name} {size_bytes:,}" for name, size_bytes in rest]
        return ", ".join([f"{name} would need {size_bytes:,} bytes", *others])
    least = min(needs, key=lambda need: (need.missing_bytes, not need.mode.is_current))
    name = " ".join(_changes(least.mode, current)) or "this one"
    return f"no mode fits: the smallest, {name}, needs {least.size_bytes:,} bytes, {least.missing_bytes:,} too many"


def _changes(mode: Mode, current: Mode) -> list[str]:
    """The variables in which a mode differs from the current one, as a user would give them."""
    changed = [f"optimize={mode.optimize}"] if mode.optimize != current.optimize else []
    return changed + ([f"input={mode.input}"] if mode.input != current.input else [])
