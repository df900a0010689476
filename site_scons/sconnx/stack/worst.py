# SPDX-License-Identifier: Apache-2.0
"""The worst case over all calls: the deepest path from a function, and what stands against saying so."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.elf.image import Symbol
from sconnx.stack.call_graph import CallGraph
from sconnx.stack.frame import Frame


@dataclass(frozen=True, slots=True)
class Deepest:
    """The most that a function and all below it take.

    Args:
        path: the functions from the first to the last, with what each takes of the stack while the next one runs.
        unknown: recursion, calls that cannot be followed; empty: `bytes` is a bound.
    """

    bytes: int
    path: tuple[tuple[str, int], ...]
    unknown: tuple[str, ...]


def worst_case(graph: CallGraph, function: str) -> Deepest:
    """Raises SconnxError E503 when the firmware has no such function."""
    return _Search(graph).below(graph.image.symbol(function), ())


class _Search:
    def __init__(self, graph: CallGraph) -> None:
        self.graph = graph
        self.known: dict[int, Deepest] = {}

    def below(self, function: Symbol, above: tuple[Symbol, ...]) -> Deepest:
        at = next((at for at, caller in enumerate(above) if caller.address == function.address), None)
        if at is not None:
            cycle = " > ".join(each.name for each in (*above[at:], function))
            return Deepest(0, (), (f"recursion {cycle}",))
        if function.address not in self.known:
            self.known[function.address] = self._deepest(self.graph.frame(function), (*above, function))
        return self.known[function.address]

    def _deepest(self, own: Frame, above: tuple[Symbol, ...]) -> Deepest:
        best = Deepest(own.bytes, ((own.function, own.bytes),), ())
        unknown = dict.fromkeys(own.unknown)
        for call in own.calls:
            callee = self.graph.image.function_at(call.target)
            if callee is None:
                unknown[f"a call of 0x{call.target:08x} in {own.function}"] = None
                continue
            found = self.below(callee, above)
            unknown.update(dict.fromkeys(found.unknown))
            if call.depth_bytes + found.bytes > best.bytes:
                path = ((own.function, call.depth_bytes), *found.path)
                best = Deepest(call.depth_bytes + found.bytes, path, ())
        return Deepest(best.bytes, best.path, tuple(unknown))
