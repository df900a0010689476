# SPDX-License-Identifier: Apache-2.0
"""The worst case over all calls: the deepest path from a function, and what stands against saying so."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.elf.image import ElfImage, Symbol
from sconnx.stack.frame import Frame, frame


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


def worst_case(image: ElfImage, function: str) -> Deepest:
    """Raises SconnxError E503 when the firmware has no such function."""
    return _Search(image).below(image.symbol(function), ())


class _Search:
    def __init__(self, image: ElfImage) -> None:
        self.image = image
        self.known: dict[str, Deepest] = {}

    def below(self, function: Symbol, above: tuple[str, ...]) -> Deepest:
        if function.name in above:
            cycle = " > ".join((*above[above.index(function.name) :], function.name))
            return Deepest(0, (), (f"recursion {cycle}",))
        if function.name not in self.known:
            self.known[function.name] = self._deepest(frame(self.image, function), (*above, function.name))
        return self.known[function.name]

    def _deepest(self, own: Frame, above: tuple[str, ...]) -> Deepest:
        best = Deepest(own.bytes, ((own.function, own.bytes),), ())
        unknown = dict.fromkeys(own.unknown)
        for call in own.calls:
            callee = self.image.function_at(call.target)
            if callee is None:
                unknown[f"a call of 0x{call.target:08x} in {own.function}"] = None
                continue
            found = self.below(callee, above)
            unknown.update(dict.fromkeys(found.unknown))
            if call.depth_bytes + found.bytes > best.bytes:
                path = ((own.function, call.depth_bytes), *found.path)
                best = Deepest(call.depth_bytes + found.bytes, path, ())
        return Deepest(best.bytes, best.path, tuple(unknown))
