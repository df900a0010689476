# SPDX-License-Identifier: Apache-2.0
"""Who calls whom in a firmware, from its machine code; each function is decoded once."""

from __future__ import annotations

from sconnx.elf.image import ElfImage, Symbol
from sconnx.stack.frame import Frame, frame


class CallGraph:
    """The calls of a firmware; functions are told apart by their addresses, for static ones may share a name."""

    def __init__(self, image: ElfImage) -> None:
        self.image = image
        self._frames: dict[int, Frame] = {}

    def frame(self, function: Symbol) -> Frame:
        if function.address not in self._frames:
            self._frames[function.address] = frame(self.image, function)
        return self._frames[function.address]

    def reached(self, function: Symbol) -> tuple[Symbol, ...]:
        """The function and all that it calls, directly or not, by address; calls that cannot be followed lead nowhere."""
        found: dict[int, Symbol] = {}
        pending = [function]
        while pending:
            here = pending.pop()
            if here.address in found:
                continue
            found[here.address] = here
            callees = (self.image.function_at(call.target) for call in self.frame(here).calls)
            pending += [callee for callee in callees if callee is not None]
        return tuple(found[address] for address in sorted(found))
