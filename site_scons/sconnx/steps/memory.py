# SPDX-License-Identifier: Apache-2.0
"""memory: lowered.json + schedule.json -> meminfo.json; the plan is checked before it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.export.lowered import read_lowered
from sconnx.graph.json_form import to_bytes
from sconnx.memory.check import check_plan
from sconnx.memory.memories import board_memories, pinned_tensors
from sconnx.memory.planner import Search, plan_memory
from sconnx.schedule.schedule import read_schedule
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    lowered, schedule = read_lowered(inputs[0]), read_schedule(inputs[1])
    board = load_board(options["board"], load_cpu(options["target"]))
    memories = board_memories(board, options["stack_bytes"], options["memories"])
    plan = plan_memory(
        schedule,
        memories,
        Search(planner=options["planner"], limit_seconds=options["limit_seconds"]),
        pins=pinned_tensors(lowered.graph, options["pins"], memories),
        outputs=lowered.graph.outputs,
    )
    check_plan(lowered, schedule, plan)
    return (to_bytes(plan.to_json()),)
