# SPDX-License-Identifier: Apache-2.0
"""Runs a graph on bytes, with made-up arithmetic: once in arenas as planned, once with room for every tensor.

What a node computes depends on every byte it reads, so a byte that was overwritten too early shows in the outputs. It
knows the operators alone, no rule's access: pooling makes a row pixel by pixel, elementwise operators go byte by byte,
conversions to another dtype element by element, whole-tensor operators first fill their output with rubbish, Reshape does
nothing, nor do concatenations and splits along the first dimension that is not 1, where their parts are in place. Segments
run by recursion: who needs a row has it made.
"""

from __future__ import annotations

import zlib

from sconnx.graph.graph import Graph, Node
from sconnx.graph.operator import Add, Concat, Dequantize, MaxPooling2D, Quantize, Relu, Reshape, Softmax, Split
from sconnx.graph.tensor import Constant
from sconnx.memory.meminfo import MemInfo, MemoryPlan
from sconnx.schedule.schedule import Schedule, Segment

ELEMENTWISE = (Add, Relu, Softmax)
CONVERSIONS = (Quantize, Dequantize)


def pattern(seed: bytes, size: int) -> bytes:
    """Bytes that look random and depend on every byte of the seed."""
    words = ((zlib.crc32(seed) * 2654435761 + 40503 * i) & 0xFFFFFFFF for i in range(size))
    return bytes((word ^ word >> 11 ^ word >> 23) & 0xFF for word in words)


def image(graph: Graph, index: int, run: int = 0) -> bytes:
    """What the application writes to an input, or what a state has before the first run."""
    seed = b"s%d" % index if index not in graph.inputs else b"x%d" % graph.inputs.index(index)
    return pattern(seed + b"r%d" % run if run else seed, graph.tensors[index].size_bytes)


class Tensors:
    """Where tensors are: in arenas as planned, or each in a memory of its own."""

    def __init__(self, graph: Graph, plan: MemoryPlan | None) -> None:
        self.graph, self.plan, self.run = graph, plan, 0
        self.places: dict[int, MemInfo] = plan.by_tensor() if plan else {}
        self.arenas = {arena.region: bytearray(b"\xee" * arena.size_bytes) for arena in plan.arenas} if plan else {}
        self.apart = {
            index: bytearray(pattern(b"c%d" % index, tensor.size_bytes))
            for index, tensor in enumerate(graph.tensors)
            if plan is None or isinstance(tensor, Constant)
        }

    def _bytes(self, tensor: int, row: int, start: int, size: int) -> tuple[bytearray, int]:
        row_bytes = self.row_bytes(tensor)
        assert start >= 0 and start + size <= row_bytes
        if tensor in self.apart:
            return self.apart[tensor], row * row_bytes + start
        mem = self.places[tensor]
        slot = row % mem.ring_rows if mem.ring_rows else row
        at = mem.offset_bytes + slot * row_bytes + start
        arena = self.arenas[mem.region]
        assert at + size <= len(arena), "beyond the arena"
        return arena, at

    def row_bytes(self, tensor: int) -> int:
        return self.graph.tensors[tensor].size_bytes // self.graph.tensors[tensor].height

    def read(self, tensor: int, row: int, start: int, size: int) -> bytes:
        memory, at = self._bytes(tensor, row, start, size)
        return bytes(memory[at : at + size])

    def write(self, tensor: int, row: int, start: int, content: bytes) -> None:
        memory, at = self._bytes(tensor, row, start, len(content))
        memory[at : at + len(content)] = content

    def whole(self, tensor: int) -> bytes:
        rows = range(self.graph.tensors[tensor].height)
        return b"".join(self.read(tensor, row, 0, self.row_bytes(tensor)) for row in rows)

    def write_whole(self, tensor: int, content: bytes) -> None:
        size = self.row_bytes(tensor)
        for row in range(self.graph.tensors[tensor].height):
            self.write(tensor, row, 0, content[row * size : (row + 1) * size])


def run_as_planned(graph: Graph, schedule: Schedule, plan: MemoryPlan, runs: int = 1) -> dict[int, bytes]:
    """What the application finds after the last run in the places of the outputs, and of the inputs that are kept."""
    tensors = Tensors(graph, plan)
    for update in graph.states:
        tensors.write_whole(update.state, image(graph, update.state))
    for run in range(runs):
        found = _run_once(tensors, schedule, run)
        for copy in schedule.state_copies:
            tensors.write_whole(copy.state, tensors.whole(copy.next))
        # The application finds outputs after the states have been updated, and uses everything but states for itself.
        found = {index: tensors.whole(index) for index in found}
        states = {update.state: tensors.whole(update.state) for update in graph.states}
        for arena in tensors.arenas.values():
            arena[:] = b"\xee" * len(arena)
        for state, content in states.items():
            tensors.write_whole(state, content)
    return found


def _run_once(tensors: Tensors, schedule: Schedule, run: int) -> set[int]:
    """One inference; what the application may read afterwards."""
    graph, plan = tensors.graph, tensors.plan
    assert plan is not None
    tensors.run = run
    if schedule.input_policy != "stream":
        for index in graph.inputs:
            tensors.write_whole(index, image(graph, index, run))
    for step, segment in enumerate(schedule.segments):
        if segment.nodes and set(segment.nodes) <= set(schedule.without_call):
            continue
        _Segment(tensors, segment, step in plan.reversed_steps).run()
    return {*graph.outputs, *(graph.inputs if schedule.input_policy == "keep" else ())}


def run_apart(graph: Graph, runs: int = 1) -> dict[int, bytes]:
    """The same when no two tensors share a byte, node by node, and all states become at once what they become."""
    tensors = Tensors(graph, None)
    for update in graph.states:
        tensors.write_whole(update.state, image(graph, update.state))
    found: dict[int, bytes] = {}
    for run in range(runs):
        _run_apart_once(tensors, run)
        found = {index: tensors.whole(index) for index in {*graph.inputs, *graph.outputs}}
        for state, content in [(update.state, tensors.whole(update.next)) for update in graph.states]:
            tensors.write_whole(state, content)
    return found


def _run_apart_once(tensors: Tensors, run: int) -> None:
    graph = tensors.graph
    for index in graph.inputs:
        tensors.write_whole(index, image(graph, index, run))
    for index, node in enumerate(graph.nodes):
        if isinstance(node.operator, Reshape):
            tensors.write_whole(node.outputs[0], tensors.whole(node.reads[0]))
        elif isinstance(node.operator, Concat | Split):
            _copy_parts(tensors, node, rubbish_first=False)
        else:
            _Segment(tensors, Segment(nodes=(index,)), False).run()


def _copy_parts(tensors: Tensors, node: Node, *, rubbish_first: bool) -> None:
    sizes = [tensors.graph.tensors[tensor].size_bytes for tensor in node.outputs]
    for tensor, size in zip(node.outputs, sizes, strict=True):
        if rubbish_first:
            tensors.write_whole(tensor, b"\xaa" * size)
    content = b"".join(map(tensors.whole, node.reads))
    for tensor, size in zip(node.outputs, sizes, strict=True):
        tensors.write_whole(tensor, content[:size])
        content = content[size:]


class _Segment:
    """Nodes that run together; rows are counted from the side that comes first."""

    def __init__(self, tensors: Tensors, segment: Segment, is_reversed: bool) -> None:
        self.tensors, self.graph = tensors, tensors.graph
        self.nodes, self.pushed, self.is_reversed = segment.nodes, segment.pushed, is_reversed
        self.maker = {tensor: node for node in self.nodes for tensor in self.graph.nodes[node].outputs}
        self.made = dict.fromkeys(self.maker, 0)
        if self.pushed is not None:
            self.made[self.pushed] = 0

    def run(self) -> None:
        for node in reversed(self.nodes):
            output = self.graph.nodes[node].outputs[0]
            if node == self.nodes[-1] or self._is_needed_later(output):
                self._make(output, self._height(output))
        if self.pushed is not None and self._is_needed_later(self.pushed):
            self._make(self.pushed, self._height(self.pushed))

    def _is_needed_later(self, tensor: int) -> bool:
        mem = self.tensors.places.get(tensor)
        return mem is None or mem.last > mem.first + 1 or not self.nodes

    def _height(self, tensor: int) -> int:
        return self.graph.tensors[tensor].height

    def _row(self, tensor: int, number: int) -> int:
        return self._height(tensor) - 1 - number if self.is_reversed else number

    def _make(self, tensor: int, count: int) -> None:
        """Have the first `count` rows of a tensor made."""
        while tensor in self.made and self.made[tensor] < min(count, self._height(tensor)):
            row = self._row(tensor, self.made[tensor])
            if tensor == self.pushed:
                size = self.tensors.row_bytes(tensor)
                content = image(self.graph, self.graph.inputs[0], self.tensors.run)[row * size : (row + 1) * size]
                self.tensors.write(tensor, row, 0, content)
                self.made[tensor] += 1
            else:
                node = self.graph.nodes[self.maker[tensor]]
                self.made[tensor] += self._compute(node, self.maker[tensor], tensor, row)

    def _compute(self, node: Node, index: int, output: int, row: int) -> int:
        """One row of a node's output, or all; returns how many."""
        if isinstance(node.operator, Reshape):
            return self._height(output)
        if isinstance(node.operator, ELEMENTWISE):
            return self._elementwise(node, index, output, row)
        if isinstance(node.operator, CONVERSIONS):
            self._convert(node, index, output)
            return self._height(output)
        if isinstance(node.operator, Concat | Split):
            _copy_parts(self.tensors, node, rubbish_first=True)
            return self._height(output)
        if isinstance(node.operator, MaxPooling2D):
            self._pool(node.operator, node.reads[0], output, row)
            return 1
        size = self.graph.tensors[output].size_bytes
        self.tensors.write_whole(output, b"\xaa" * size)
        read = b"".join(map(self.tensors.whole, node.reads))
        self.tensors.write_whole(output, pattern(b"%d" % index + read, size))
        return self._height(output)

    def _elementwise(self, node: Node, index: int, output: int, row: int) -> int:
        for tensor in node.reads:
            self._make(tensor, self.made[output] + 1)
        for i in range(self.tensors.row_bytes(output)):
            operands = [self.tensors.read(tensor, row, i, 1) for tensor in node.reads]
            self.tensors.write(output, row, i, pattern(b"%d" % index + b"".join(operands), 1))
        return 1

    def _convert(self, node: Node, index: int, output: int) -> None:
        source = node.reads[0]
        self._make(source, self._height(source))
        units = [self.graph.tensors[tensor].dtype.size_bytes for tensor in (source, output)]
        in_row, out_row = (
            self.tensors.row_bytes(tensor) // unit for tensor, unit in zip((source, output), units, strict=True)
        )
        for i in range(self.graph.tensors[output].size):
            element = self.tensors.read(source, i // in_row, i % in_row * units[0], units[0])
            self.tensors.write(output, i // out_row, i % out_row * units[1], pattern(b"%d" % index + element, units[1]))

    def _fold(self, source: int, output: int) -> None:
        """A pooling over the whole height takes its rows as they come, and is done with them when it writes."""
        seen = b""
        for row in range(self._height(source)):
            self._make(source, row + 1)
            seen += self.tensors.read(source, row, 0, self.tensors.row_bytes(source))
        self.tensors.write(output, 0, 0, pattern(seen, self.tensors.row_bytes(output)))

    def _pool(self, window: MaxPooling2D, source: int, output: int, y: int) -> None:
        if self._height(output) == 1 and window.kernel_dims[0] == self._height(source) > 1:
            self._fold(source, output)
            return
        first = y * window.stride_dims[0] - window.padding[0]
        taps = range(first, first + window.kernel_dims[0] * window.dilation_dims[0], window.dilation_dims[0])
        rows = [row for row in taps if 0 <= row < self._height(source)]
        if rows:
            self._make(source, self._height(source) - rows[0] if self.is_reversed else rows[-1] + 1)
        width = self.graph.tensors[source].width
        pixel = self.tensors.row_bytes(source) // width
        for x in range(self.graph.tensors[output].width):
            columns = range(
                x * window.stride_dims[1] - window.padding[1],
                x * window.stride_dims[1] - window.padding[1] + window.kernel_dims[1] * window.dilation_dims[1],
                window.dilation_dims[1],
            )
            inside = [column for column in columns if 0 <= column < width]
            for byte in range(pixel):
                seen = b"%d" % byte + b"".join(
                    self.tensors.read(source, row, column * pixel, pixel) for row in rows for column in inside
                )
                self.tensors.write(output, y, x * pixel + byte, pattern(seen, 1))
