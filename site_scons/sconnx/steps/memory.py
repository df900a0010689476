# SPDX-License-Identifier: Apache-2.0
"""memory: lowered.json + schedule.json -> meminfo.json and a trace of it; the plan is checked before it is written.

What weights take of a RAM comes first; tensors get the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sconnx.export.lowered import Lowered, read_lowered
from sconnx.graph.json_form import to_bytes
from sconnx.memory.check import check_plan
from sconnx.memory.describe import described
from sconnx.memory.meminfo import ParameterPlace
from sconnx.memory.memories import board_memories, pinned_tensors
from sconnx.memory.modes import explained, mode_table
from sconnx.memory.parameters import place_parameters
from sconnx.memory.planner import Search, plan_memory
from sconnx.memory.shortfall import DoesNotFit
from sconnx.report.trace import memory_trace
from sconnx.schedule.schedule import Schedule, read_schedule
from sconnx.target.board import Board, load_board
from sconnx.target.cpu import load_cpu


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    lowered, schedule = read_lowered(inputs[0]), read_schedule(inputs[1])
    board = load_board(options["board"], load_cpu(options["target"]))
    parameters = place_parameters(lowered, board, options["weights"], options["stack_bytes"])
    taken = _taken_bytes(lowered, schedule, parameters, board)
    memories = board_memories(board, options["stack_bytes"], options["memories"], taken)
    search = Search(planner=options["planner"], limit_seconds=options["limit_seconds"])
    pins = pinned_tensors(lowered.graph, schedule, options["pins"], memories)
    try:
        plan = plan_memory(schedule, memories, search, pins=pins, outputs=lowered.graph.outputs)
    except DoesNotFit as error:
        raise explained(error, lowered, schedule, memories, search, pins) from None
    check_plan(lowered, schedule, plan)
    complete = replace(plan, modes=mode_table(lowered, schedule, plan), parameters=parameters)
    plan = described(complete, lowered, schedule)
    return to_bytes(plan.to_json()), to_bytes(memory_trace(plan))


def _taken_bytes(
    lowered: Lowered, schedule: Schedule, parameters: Sequence[ParameterPlace], board: Board
) -> Counter[str]:
    """What the firmware has in each region besides the arenas: weights, and beside the stack the caller's outputs."""
    taken: Counter[str] = Counter()
    for place in parameters:
        taken[place.region] += place.size_bytes
    if schedule.output_policy == "caller":
        sizes = [lowered.graph.tensors[tensor].size_bytes for tensor in lowered.graph.outputs]
        taken[board.stack_region] += sum(-(-size_bytes // 8) * 8 for size_bytes in sizes)
    return taken
