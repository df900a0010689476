# SPDX-License-Identifier: Apache-2.0
"""memory: lowered.json + schedule.json -> meminfo.json and a trace of it; the plan is checked before it is written.

With the files of several models, these are planned together, because they may run at the same time. What weights take of a RAM
comes first; tensors get the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sconnx.export.lowered import Lowered, read_lowered
from sconnx.graph.json_form import to_bytes
from sconnx.memory.check import check_plan
from sconnx.memory.describe import described
from sconnx.memory.free import caller_bytes
from sconnx.memory.meminfo import MemoryPlan, ParameterPlace
from sconnx.memory.memories import board_memories, pinned_tensors
from sconnx.memory.modes import explained, mode_table
from sconnx.memory.parameters import place_parameters
from sconnx.memory.planner import Demand, Memory, Search, plan_together
from sconnx.memory.shortfall import DoesNotFit
from sconnx.report.trace import memory_trace
from sconnx.schedule.schedule import Schedule, read_schedule
from sconnx.target.board import Board, load_board
from sconnx.target.cpu import load_cpu


@dataclass(frozen=True, slots=True)
class _Model:
    """What is planned of one model."""

    lowered: Lowered
    schedule: Schedule
    pins: Sequence[tuple[str, str]]
    parameters: tuple[ParameterPlace, ...]


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    board = load_board(options["board"], load_cpu(options["target"]))
    models = _models(options, inputs, board)
    taken = sum((_taken_bytes(model, board) for model in models), Counter[str]())
    memories = board_memories(board, options["stack_bytes"], options["memories"], taken)
    search = Search(planner=options["planner"], limit_seconds=options["limit_seconds"])
    outputs = []
    for model, plan in zip(models, _plans(models, memories, search), strict=True):
        check_plan(model.lowered, model.schedule, plan)
        modes = () if plan.together else mode_table(model.lowered, model.schedule, plan)
        complete = replace(plan, modes=modes, parameters=model.parameters)
        shown = described(complete, model.lowered, model.schedule)
        outputs += [to_bytes(shown.to_json()), to_bytes(memory_trace(shown))]
    return tuple(outputs)


def _models(options: Mapping[str, Any], inputs: Sequence[Path], board: Board) -> list[_Model]:
    pairs = [(read_lowered(a), read_schedule(b)) for a, b in zip(inputs[0::2], inputs[1::2], strict=True)]
    pins = options["pins"] if len(pairs) > 1 else [options["pins"]]
    return [
        _Model(lowered, schedule, own, place_parameters(lowered, board, options["weights"], options["stack_bytes"]))
        for (lowered, schedule), own in zip(pairs, pins, strict=True)
    ]


def _plans(models: Sequence[_Model], memories: Sequence[Memory], search: Search) -> tuple[MemoryPlan, ...]:
    def demand(model: _Model) -> Demand:
        graph = model.lowered.graph
        where = graph.name if len(models) > 1 else ""
        return Demand(
            schedule=model.schedule,
            model=graph.name,
            pins=pinned_tensors(graph, model.schedule, model.pins, memories, where),
            outputs=graph.outputs,
        )

    demands = [demand(model) for model in models]
    try:
        return plan_together(demands, memories, search)
    except DoesNotFit as error:
        (model,) = models
        raise explained(error, model.lowered, model.schedule, memories, search, demands[0].pins) from None


def _taken_bytes(model: _Model, board: Board) -> Counter[str]:
    """What the firmware has in each region besides the arenas: weights, and beside the stack the caller's outputs."""
    taken: Counter[str] = Counter()
    for place in model.parameters:
        taken[place.region] += place.size_bytes
    if model.schedule.output_policy == "caller":
        graph = model.lowered.graph
        taken[board.stack_region] += caller_bytes(graph.tensors[tensor].size_bytes for tensor in graph.outputs)
    return taken
