# SPDX-License-Identifier: Apache-2.0
"""The two committed lists: the cases that execute and pass, and why the others are left out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.conformance.outcome import PASS, Outcome

HERE = Path(__file__).parent
EXECUTED = HERE / "executed.txt"
LEFT_OUT = HERE / "left_out.txt"
_HOW = "# Written by `python -m tests.conformance accept`."


def executed_text(outcomes: Iterable[Outcome]) -> str:
    """One name a line."""
    names = [outcome.name for outcome in outcomes if outcome.kind == PASS]
    return "\n".join([f"{_HOW} These must execute and pass.", *names]) + "\n"


def left_out_text(outcomes: Iterable[Outcome]) -> str:
    """A name, a tab and the kind of the outcome a line."""
    lines = [f"{outcome.name}\t{outcome.kind}" for outcome in outcomes if outcome.kind != PASS]
    return "\n".join([f"{_HOW} These do not pass, and why.", *lines]) + "\n"


def read_executed() -> frozenset[str]:
    return frozenset(line for line in EXECUTED.read_text().splitlines() if not line.startswith("#"))


def read_left_out() -> dict[str, str]:
    """The kind of outcome by name."""
    lines = [line for line in LEFT_OUT.read_text().splitlines() if not line.startswith("#")]
    return dict(line.split("\t") for line in lines)
