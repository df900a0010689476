# SPDX-License-Identifier: Apache-2.0
"""The trade between RAM and calls, in a few lines."""

from __future__ import annotations

from collections.abc import Sequence

from sconnx.memory.meminfo import Mode
from sconnx.report.columns import columns

COUNTED = "`scons bench` counts the instructions of a mode"


def mode_lines(modes: Sequence[Mode]) -> list[str]:
    """A row per `optimize=`, a column per `input=`; without modes nothing."""
    if not modes:
        return []
    inputs = list(dict.fromkeys(mode.input for mode in modes))
    by_name = {(mode.optimize, mode.input): mode for mode in modes}
    rows = [("optimize=", *(f"input={name}" for name in inputs))]
    for optimize in dict.fromkeys(mode.optimize for mode in modes):
        rows.append((optimize, *(_cell(by_name[optimize, name]) for name in inputs)))
    return [
        "  Arena by mode: bytes, and how many nodes stream; * is this build, the others are quickly placed",
        *("  " + line for line in columns(rows, "l" + "r" * len(inputs))),
        f"  Nodes that stream ask whose turn it is before each row; {COUNTED}",
    ]


def _cell(mode: Mode) -> str:
    streaming = f", {mode.streaming_nodes} stream" if mode.streaming_nodes else ""
    return f"{'* ' if mode.is_current else ''}{mode.arena_bytes:,}{streaming}"
