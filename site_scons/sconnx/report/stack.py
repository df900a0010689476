# SPDX-License-Identifier: Apache-2.0
"""The stack in the report: the deepest calls of the firmware and of each model, beside what is reserved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.report.columns import columns
from sconnx.stack.call_graph import CallGraph
from sconnx.stack.worst import worst_case
from sconnx.target.board import Board

START = "Reset_Handler"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """A function on the deepest path, and what it has on the stack while the next one runs."""

    function: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRow:
    """A function with all that it calls.

    Args:
        unknown: why `size_bytes` may be too small: recursion, calls that cannot be followed; empty: it is a bound.
    """

    function: str
    size_bytes: int
    path: tuple[CallRow, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Without interrupts. `rows` begin with the whole firmware; `<model>_run` is what the caller's stack needs for a run."""

    reserved_bytes: int
    rows: tuple[StackRow, ...]


def stack_of(graph: CallGraph, models: Sequence[str], board: Board) -> Stack | None:
    """None for a process of the build machine, whose stack is not ours."""
    image = graph.image
    section = image.find_section(".stack")
    if not board.regions or section is None:
        return None
    functions = [START, *(f"{model}_{call}" for model in models for call in ("run", "push_row"))]
    return Stack(
        reserved_bytes=section.size_bytes,
        rows=tuple(_row(graph, function) for function in functions if image.find_symbol(function)),
    )


def _row(graph: CallGraph, function: str) -> StackRow:
    deepest = worst_case(graph, function)
    return StackRow(
        function=function,
        size_bytes=deepest.bytes,
        path=tuple(CallRow(function=name, size_bytes=size_bytes) for name, size_bytes in deepest.path),
        unknown=deepest.unknown,
    )


def stack_lines(stack: Stack) -> list[str]:
    """A line for each function: what it takes, and its deepest path."""
    lines = [f"  Stack by the deepest calls, interrupts not counted; reserved: {stack.reserved_bytes:,}"]
    rows = [(row.function, f"{row.size_bytes:,}", _path(row)) for row in stack.rows]
    lines += ["  " + line for line in columns(rows, "lrl")]
    lines += [f"    not counted: {reason}" for reason in dict.fromkeys(r for row in stack.rows for r in row.unknown)]
    return lines


def _path(row: StackRow) -> str:
    return " > ".join(f"{call.function} {call.size_bytes}" for call in row.path[1:])
