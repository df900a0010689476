# SPDX-License-Identifier: Apache-2.0
"""What each generated function may touch, as addresses: the places of the plan, the rows of a call, the stack, constants.

This follows from the graph, the accesses and the offsets alone, as in memory/check.py, but is about the linked firmware. What
works by rows may touch the rows of its call, anything else whole tensors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sconnx.codegen.interface import Interface
from sconnx.codegen.symbols import caller_symbol
from sconnx.elf.arena import find_arena
from sconnx.elf.image import ElfImage, Symbol
from sconnx.emulate.memory_watch import Span
from sconnx.export.access import Fold, Window
from sconnx.export.lowered import Lowered
from sconnx.graph.tensor import Constant
from sconnx.memory.meminfo import CALLER, MemInfo, MemoryPlan, scratch_key
from sconnx.schedule.schedule import Schedule
from sconnx.target.board import Board

VECTORS = ".isr_vector"
ROW_BITS = 16
"""An owner is a buffer's number and, of a ring, which row: modulo 65,535, and 0 for whole tensors."""


@dataclass(frozen=True, slots=True)
class Permit:
    """What may be loaded and stored, and what holds nothing yet when the function begins."""

    load: tuple[Span, ...]
    store: tuple[Span, ...]
    fresh: tuple[Span, ...] = ()


@dataclass(slots=True)
class Permits:
    """The permits of one firmware.

    Raises:
        SconnxError: E503, a symbol is not in the firmware.
    """

    lowered: Lowered
    schedule: Schedule
    plan: MemoryPlan
    interface: Interface
    image: ElfImage
    board: Board
    stack: Span = field(init=False)
    constants: tuple[Span, ...] = field(init=False)
    _places: dict[int, MemInfo] = field(init=False)
    _roots: dict[int, int] = field(init=False)
    _addresses: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        bottom, top = (self.image.symbol(f"sx_stack_{end}").address for end in ("bottom", "top"))
        self.stack = Span(bottom, top)
        # The vector table is no constant of a model, and where it lies at 0, a load from it is one through a null pointer.
        self.constants = tuple(
            Span(section.address, section.end)
            for section in self.image.sections
            if section.kind in ("code", "rodata") and section.name != VECTORS
        )
        self._places = self.plan.by_tensor()
        self._roots = {root: number for number, root in enumerate(sorted({self._root(key) for key in self._places}), 1)}
        self._addresses = {key: self._address(mem) for key, mem in self._places.items()}

    def areas(self) -> list[tuple[str, int, int]]:
        """(symbol, first byte, end) of what holds tensors: the arenas, and the caller's outputs."""
        found = [(self._arena(arena.region), arena.size_bytes) for arena in self.plan.arenas]
        if self.schedule.output_policy == "caller":
            found += [(self._caller(port.identifier), port.size_bytes) for port in self.interface.outputs]
        return [(symbol.name, symbol.address, symbol.address + size_bytes) for symbol, size_bytes in found]

    def between(self) -> Permit:
        """Of a function that calls others and computes nothing; the ctx is on the stack of main."""
        return Permit((self.stack, *self.constants), (self.stack,))

    def run(self) -> Permit:
        """Of the model's run, which copies outputs that were not computed where the caller wants them, and states."""
        copied = [self._whole(copy.next) for copy in self.schedule.state_copies]
        targets = [self._whole(copy.state) for copy in self.schedule.state_copies]
        for port in self.interface.outputs if self.schedule.output_policy == "caller" else ():
            mem = self._places.get(port.tensor)
            if mem is None or mem.region != CALLER:
                copied += [self._whole(port.tensor)] if mem else []
                first = self._caller(port.identifier).address
                targets.append(Span(first, first + port.size_bytes))
        return Permit((*copied, self.stack, *self.constants), (*targets, self.stack))

    def kernel(self, node: int, is_reversed: bool, call: int) -> Permit:
        """Of a node's kernel. Where an output lies over an input, the input counts: a kernel does not load there what it stored.

        Args:
            is_reversed: whether the rows go from the last to the first.
            call: how many calls of the kernel for this node came before in this inference.
        """
        choice, outputs = self.lowered.choices[node], self.lowered.graph.nodes[node].outputs
        if isinstance(choice.access, Window):
            y = self._height(outputs[0]) - 1 - call if is_reversed else call
            read = self._window_rows(node, choice.access, y)
            written = [row for tensor in outputs for row in self._rows(tensor, [y])]
        elif isinstance(choice.access, Fold):
            (source,) = self._operands(node, choice.operands)
            read = self._rows(source, [call])
            written = [self._whole(tensor) for tensor in outputs] if call == self._height(source) - 1 else []
        else:
            read = [self._whole(tensor) for tensor in self._operands(node, range(len(self._inputs(node))))]
            written = [self._whole(tensor) for tensor in outputs]
        key = scratch_key(node)
        scratch = [self._whole(key)] if key in self._places else []
        is_fresh = call == 0 or not isinstance(choice.access, Fold)
        return Permit(
            load=(*read, *_without(written, read), *scratch, self.stack, *self.constants),
            store=(*written, *scratch, self.stack),
            fresh=tuple(Span(span.first, span.end) for span in scratch) if is_fresh else (),
        )

    def inputs(self) -> list[Span]:
        """What the application has written when it calls run."""
        return [self._whole(port.tensor) for port in self.interface.inputs]

    def states(self) -> list[Span]:
        """What is left from the run before."""
        return [self._whole(update.state) for update in self.lowered.graph.states]

    def pushed(self, tensor: int, row: int) -> list[Span]:
        """What the application has written when it pushes a row."""
        return self._rows(tensor, [row])

    def owner_text(self, owner: int) -> str:
        """Whose value it is."""
        key = next(root for root, number in self._roots.items() if number == owner >> ROW_BITS)
        row = owner & ((1 << ROW_BITS) - 1)
        text = f"scratch of node {self._places[key].scratch_of}" if key < 0 else f"tensor {key}"
        return f"row {row - 1} of {text}" if row else text

    def buffers_at(self, address: int, step: int | None) -> list[MemInfo]:
        """The buffers that lie at an address, in a step those that are alive in it."""
        found = []
        for mem in self.plan.tensors:
            first = self._addresses[mem.tensor]
            is_alive = step is None or mem.first <= step < mem.last
            if is_alive and first <= address < first + mem.size_bytes:
                found.append(mem)
        return found

    def _inputs(self, node: int) -> tuple[int | None, ...]:
        return self.lowered.graph.nodes[node].inputs

    def _operands(self, node: int, positions: Sequence[int]) -> list[int]:
        """The inputs at some positions, without constants."""
        tensors = [self._inputs(node)[position] for position in positions]
        return [tensor for tensor in tensors if tensor is not None and not self._is_constant(tensor)]

    def _is_constant(self, tensor: int) -> bool:
        return isinstance(self.lowered.graph.tensors[tensor], Constant)

    def _height(self, tensor: int) -> int:
        return self.lowered.graph.tensors[tensor].height

    def _window_rows(self, node: int, window: Window, y: int) -> list[Span]:
        """Of the first operand the rows of the window, of the others row y."""
        operands, found = self.lowered.choices[node].operands, []
        for position in operands:
            for tensor in self._operands(node, [position]):
                rows = window.rows(y, self._height(tensor)) if position == operands[0] else [y]
                found += self._rows(tensor, rows)
        return found

    def _rows(self, tensor: int, rows: Sequence[int]) -> list[Span]:
        """Rows of a tensor; one that it does not have is no place."""
        mem, height = self._places[tensor], self._height(tensor)
        row_bytes = self.lowered.graph.tensors[tensor].size_bytes // height
        found = []
        for row in rows:
            if 0 <= row < height:
                slot = row if mem.ring_rows is None else row % mem.ring_rows
                first = self._addresses[tensor] + slot * row_bytes
                found.append(Span(first, first + row_bytes, self._owner(mem, row)))
        return found

    def _whole(self, key: int) -> Span:
        mem, first = self._places[key], self._addresses[key]
        return Span(first, first + mem.size_bytes, self._owner(mem, None))

    def _owner(self, mem: MemInfo, row: int | None) -> int:
        number = self._roots[self._root(mem.tensor)]
        is_ring = mem.ring_rows is not None and row is not None
        return number << ROW_BITS | (1 + (row or 0) % ((1 << ROW_BITS) - 1) if is_ring else 0)

    def _root(self, key: int) -> int:
        """The tensor that this one is an alias or a part of."""
        while (relation := self._places[key].relation) is not None and relation.kind in ("alias", "part"):
            key = relation.of
        return key

    def _arena(self, region: str) -> Symbol:
        return find_arena(self.image, self.lowered.graph.name, region, self.board.stack_region)

    def _caller(self, identifier: str) -> Symbol:
        return self.image.symbol(caller_symbol(self.lowered.graph.name, identifier))

    def _address(self, mem: MemInfo) -> int:
        if mem.region != CALLER:
            return self._arena(mem.region).address + mem.offset_bytes
        root = self._root(mem.tensor)
        port = next(port for port in self.interface.outputs if self._root(port.tensor) == root)
        return self._caller(port.identifier).address


def _without(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """What is in the spans and in no hole."""
    left = list(spans)
    for hole in holes:
        below = [Span(span.first, min(span.end, hole.first), span.owner) for span in left]
        above = [Span(max(span.first, hole.end), span.end, span.owner) for span in left]
        left = [span for span in (*below, *above) if span.first < span.end]
    return left
