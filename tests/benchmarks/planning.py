# SPDX-License-Identifier: Apache-2.0
"""How long scheduling, placing and checking take as networks grow.

    PYTHONPATH=site_scons .venv/bin/python -m tests.benchmarks.planning [NODES...]

The networks are chains of blocks as people have them: a row window, a depthwise-like window, a sum with the block's input;
every fourth block halves the height and doubles the channels, then the next ones go back, so that the peak moves about.
"""

from __future__ import annotations

import sys
import time
from itertools import pairwise

from sconnx.export.access import Access, Columns, Elementwise, Window
from sconnx.export.lowered import Choice, Lowered
from sconnx.graph.graph import Graph
from sconnx.graph.node import Node
from sconnx.graph.operator import Add, MaxPooling2D, Operator
from sconnx.graph.tensor import Computed, DType, GraphInput, Tensor
from sconnx.memory.check import check_plan
from sconnx.memory.planner import Memory, plan_memory
from sconnx.reference.rule import Rule
from sconnx.schedule.scheduler import ExportScheduler

SIZES = (100, 1_000, 5_000)
POINTWISE = Columns(kernel=1, stride=1, dilation=1, pad=0, reads_first=True)


class Blocks:
    """Grows a lowered graph node by node."""

    def __init__(self) -> None:
        self.tensors: list[Tensor] = [GraphInput(name="x", dtype=DType.INT8, dims=(1, 16, 16, 8))]
        self.nodes: list[Node] = []
        self.choices: list[Choice] = []

    def node(self, access: Access, dims: tuple[int, ...], *inputs: int) -> int:
        self.tensors.append(Computed(name=f"t{len(self.tensors)}", dtype=DType.INT8, dims=dims))
        output, number = len(self.tensors) - 1, len(self.nodes)
        operator: Operator = Add() if len(inputs) > 1 else MaxPooling2D(kernel_dims=(1, 1))
        self.nodes.append(
            Node(operator=operator, name=f"n{number}", source_index=number, inputs=inputs, outputs=(output,))
        )
        self.choices.append(
            Choice(
                lib="none",
                implementation="None",
                kernel="none",
                header="",
                params_type="",
                operands=tuple(range(len(inputs))),
                scratch_bytes=0,
                macs=0,
                access=access,
            )
        )
        return output

    def window(self, source: int, kernel: int, stride: int, channels: int) -> int:
        _, height, width, _ = self.tensors[source].dims
        pad = (kernel - 1) // 2 if stride == 1 else 0
        columns = Columns(kernel=kernel, stride=stride, dilation=1, pad=pad)
        access = Window(kernel=kernel, stride=stride, dilation=1, pad=pad, columns=columns)
        return self.node(access, (1, -(-height // stride), -(-width // stride), channels), source)

    def lowered(self, output: int) -> Lowered:
        graph = Graph(
            name="blocks",
            rule=Rule.TFLITE,
            tensors=tuple(self.tensors),
            nodes=tuple(self.nodes),
            inputs=(0,),
            outputs=(output,),
        )
        return Lowered(target="none", graph=graph, choices=tuple(self.choices))


def network(nodes: int) -> Lowered:
    """A chain of blocks with branches that rejoin."""
    blocks, last, number = Blocks(), 0, 0
    while len(blocks.nodes) < nodes:
        channels = (8, 12, 6, 16, 8, 10)[number % 6]
        wide = blocks.window(last, 1, 1, 2 * channels)
        slid = blocks.window(wide, 3, 1, 2 * channels)
        first = blocks.window(slid, 1, 1, channels)
        second = blocks.window(blocks.window(first, 3, 1, channels), 3, 1, channels)
        dims = blocks.tensors[first].dims
        access: Access = Window(kernel=1, stride=1, dilation=1, pad=0, columns=POINTWISE)
        last = blocks.node(access if number % 5 else Elementwise(), dims, first, second)
        number += 1
    return blocks.lowered(last)


def seconds(sizes: tuple[int, ...]) -> list[tuple[int, list[float], int, int, bool]]:
    """For each size: nodes, seconds of each stage, arena, lower bound, whether proven optimal."""
    rows = []
    for size in sizes:
        lowered = network(size)
        marks = [time.perf_counter()]
        schedule = ExportScheduler("clobber", "ram").schedule(lowered)
        marks.append(time.perf_counter())
        plan = plan_memory(schedule, [Memory(region="ram")])
        marks.append(time.perf_counter())
        check_plan(lowered, schedule, plan)
        marks.append(time.perf_counter())
        spent = [after - before for before, after in pairwise(marks)]
        (arena,) = plan.arenas
        rows.append((len(lowered.graph.nodes), spent, arena.size_bytes, arena.lower_bound_bytes, arena.is_optimal))
    return rows


def main(arguments: list[str]) -> None:
    sizes = tuple(map(int, arguments)) or SIZES
    print("nodes    order+segments   placement   check   arena   bound   (seconds, wall clock, one process)")
    for nodes, (schedule, place, check), arena, bound, is_optimal in seconds(sizes):
        print(
            f"{nodes:>5}    {schedule:>14.2f}   {place:>9.2f}   {check:>5.2f}   {arena:>5}   {bound:>5}"
            f"   {'proven' if is_optimal else ''}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
