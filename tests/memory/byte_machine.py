# SPDX-License-Identifier: Apache-2.0
"""Runs a graph on bytes, with made-up arithmetic: once in an arena as planned, once with room for every tensor.

What a node computes depends on every byte it reads, so a byte that was overwritten too early shows in the outputs. It
knows the operators alone, no rule's access: pooling reads rows and writes a row, whole-tensor operators first fill their
output with rubbish, elementwise ones go element by element, Reshape does nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

from sconnx.graph.graph import Graph, Node
from sconnx.graph.operator import Add, MaxPooling2D, Relu, Reshape, Softmax
from sconnx.graph.tensor import Constant

Place = tuple[bytearray, int]
ELEMENTWISE = (Add, Relu, Softmax)


def pattern(seed: bytes, size: int) -> bytes:
    """Bytes that look random and depend on every byte of the seed."""
    words = ((zlib.crc32(seed) * 2654435761 + 40503 * i) & 0xFFFFFFFF for i in range(size))
    return bytes((word ^ word >> 11 ^ word >> 23) & 0xFF for word in words)


def run_in_arena(graph: Graph, order: Sequence[int], offsets: Mapping[int, int], arena_bytes: int) -> dict[int, bytes]:
    """What the application finds afterwards in the places of inputs and outputs."""
    arena = bytearray(b"\xee" * arena_bytes)
    return _run(graph, order, {tensor: (arena, offset) for tensor, offset in offsets.items()}, copy_alias=False)


def run_apart(graph: Graph) -> dict[int, bytes]:
    """The same when no two tensors share a byte."""
    places = {index: (bytearray(tensor.size_bytes), 0) for index, tensor in enumerate(graph.tensors)}
    return _run(graph, range(len(graph.nodes)), places, copy_alias=True)


def _run(graph: Graph, order: Sequence[int], places: Mapping[int, Place], copy_alias: bool) -> dict[int, bytes]:
    constants = {
        index: (bytearray(pattern(b"c%d" % index, tensor.size_bytes)), 0)
        for index, tensor in enumerate(graph.tensors)
        if isinstance(tensor, Constant)
    }
    machine = _Machine(graph, {**places, **constants})
    for number, index in enumerate(graph.inputs):
        machine.write(index, 0, pattern(b"x%d" % number, graph.tensors[index].size_bytes))
    for index in order:
        machine.step(graph.nodes[index], index, copy_alias)
    return {index: machine.read(index) for index in {*graph.inputs, *graph.outputs}}


class _Machine:
    def __init__(self, graph: Graph, places: Mapping[int, Place]) -> None:
        self.graph = graph
        self.places = places

    def read(self, tensor: int, start: int = 0, size: int | None = None) -> bytes:
        memory, offset = self.places[tensor]
        size = self.graph.tensors[tensor].size_bytes if size is None else size
        return bytes(memory[offset + start : offset + start + size])

    def write(self, tensor: int, start: int, content: bytes) -> None:
        memory, offset = self.places[tensor]
        assert offset + start + len(content) <= len(memory), "beyond the arena"
        memory[offset + start : offset + start + len(content)] = content

    def step(self, node: Node, index: int, copy_alias: bool) -> None:
        (output,) = node.outputs
        size = self.graph.tensors[output].size_bytes
        if isinstance(node.operator, Reshape):
            if copy_alias:
                self.write(output, 0, self.read(node.reads[0]))
        elif isinstance(node.operator, ELEMENTWISE):
            for i in range(size):
                operands = [self.read(tensor, i, 1) for tensor in node.reads]
                self.write(output, i, pattern(b"%d" % index + b"".join(operands), 1))
        elif isinstance(node.operator, MaxPooling2D):
            self._rows(node.operator, node.reads[0], output)
        else:
            self.write(output, 0, b"\xaa" * size)
            self.write(output, 0, pattern(b"%d" % index + b"".join(map(self.read, node.reads)), size))

    def _rows(self, window: MaxPooling2D, source: int, output: int) -> None:
        height, out_height = self.graph.tensors[source].height, self.graph.tensors[output].height
        row_bytes = self.graph.tensors[source].size_bytes // height
        out_row_bytes = self.graph.tensors[output].size_bytes // out_height
        for y in range(out_height):
            seen = b"%d" % y
            for tap in range(window.kernel_dims[0]):
                row = y * window.stride_dims[0] - window.padding[0] + tap * window.dilation_dims[0]
                if 0 <= row < height:
                    seen += self.read(source, row * row_bytes, row_bytes)
            self.write(output, y * out_row_bytes, pattern(seen, out_row_bytes))
