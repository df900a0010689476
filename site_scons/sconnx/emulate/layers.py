# SPDX-License-Identifier: Apache-2.0
"""What every node of a firmware wrote, read from the arenas at each return of its function.

A node alone in its step has written whole tensors when its function returns; one that streams has written a row, which lies in a
ring that later rows overwrite, so each row is read when it is new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sconnx.codegen.symbols import caller_symbol, step_name
from sconnx.elf.arena import find_arena
from sconnx.elf.image import ElfImage
from sconnx.emulate.run_result import ReadMemory
from sconnx.export.access import Fold
from sconnx.export.lowered import Lowered
from sconnx.memory.meminfo import CALLER, MemInfo, MemoryPlan
from sconnx.schedule.schedule import Schedule
from sconnx.target.board import Board


@dataclass(frozen=True, slots=True)
class Layer:
    """The values of a tensor that were observed.

    Args:
        values: the whole tensor; rows that were not made hold nothing.
        made: for each row whether it was: rows that nobody asks for are not made.
    """

    values: NDArray[np.generic]
    made: NDArray[np.bool_]

    def completed(self, want: NDArray[np.generic]) -> NDArray[np.generic]:
        """The values, and in rows that were not made those that are wanted."""
        rows = np.repeat(self.made, self.values.size // len(self.made)).reshape(self.values.shape)
        return np.where(rows, self.values, want)


@dataclass(slots=True)
class LayerReader:
    """Collects, for each inference, the layers by tensor.

    Args:
        outputs: identifiers of the graph's outputs, by tensor.

    Attributes:
        seen: one mapping per finished inference.
    """

    lowered: Lowered
    schedule: Schedule
    plan: MemoryPlan
    outputs: Mapping[int, str]
    image: ElfImage
    board: Board
    seen: list[dict[int, Layer]] = field(default_factory=list)
    _current: dict[int, Layer] = field(default_factory=dict)
    _calls: dict[int, int] = field(default_factory=dict)

    def callbacks(self) -> dict[str, Callable[[ReadMemory], None]]:
        """What to call when a function has returned, by its name."""
        model = self.lowered.graph.name
        found: dict[str, Callable[[ReadMemory], None]] = {}
        for step, segment in enumerate(self.schedule.segments):
            for node in segment.nodes:
                if self.schedule.calls(self.lowered, node):
                    is_reversed = step in self.plan.reversed_steps
                    found[step_name(model, node)] = self._reader(node, segment.streams, is_reversed)
        return {**found, f"{model}_run": self._finish}

    def _finish(self, memory: ReadMemory) -> None:
        self.seen.append(dict(self._current))
        self._current.clear()
        self._calls.clear()

    def _reader(self, node: int, streams: bool, is_reversed: bool) -> Callable[[ReadMemory], None]:
        graph = self.lowered.graph
        outputs = [tensor for tensor in graph.nodes[node].outputs if self._address(tensor) is not None]
        is_fold = isinstance(self.lowered.choices[node].access, Fold)

        def read(memory: ReadMemory) -> None:
            call = self._calls.get(node, 0)
            self._calls[node] = call + 1
            for tensor in outputs:
                height = graph.tensors[tensor].height
                if not streams:
                    self._read_rows(memory, tensor, range(height))
                elif not is_fold:
                    self._read_rows(memory, tensor, [height - 1 - call if is_reversed else call])
                elif call == graph.tensors[graph.nodes[node].inputs[0] or 0].height - 1:
                    self._read_rows(memory, tensor, range(height))

        return read

    def _address(self, tensor: int) -> int | None:
        """Where a tensor begins; None for an alias of an output of the caller."""
        model, mem = self.lowered.graph.name, self.plan.by_tensor()[tensor]
        if mem.region != CALLER:
            arena = find_arena(self.image, model, mem.region, self.board.stack_region)
            return arena.address + mem.offset_bytes
        identifier = self.outputs.get(tensor)
        return self.image.symbol(caller_symbol(model, identifier)).address if identifier else None

    def _read_rows(self, memory: ReadMemory, tensor: int, rows: range | list[int]) -> None:
        what, mem = self.lowered.graph.tensors[tensor], self.plan.by_tensor()[tensor]
        layer = self._current.get(tensor)
        if layer is None:
            layer = Layer(np.zeros(what.dims, what.dtype.value), np.zeros(what.height, np.bool_))
            self._current[tensor] = layer
        start = self._address(tensor)
        assert start is not None
        row_bytes = what.size_bytes // what.height
        flat = layer.values.reshape(what.height, -1)
        for row in rows:
            content = memory(start + _slot(mem, row) * row_bytes, row_bytes)
            flat[row] = np.frombuffer(content, what.dtype.value)
            layer.made[row] = True


def _slot(mem: MemInfo, row: int) -> int:
    return row if mem.ring_rows is None else row % mem.ring_rows
