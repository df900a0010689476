# SPDX-License-Identifier: Apache-2.0
"""memory: lowered.json + schedule.json -> meminfo.json; the plan is checked before it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.export.lowered import read_lowered
from sconnx.graph.json_form import to_bytes
from sconnx.memory.check import check_plan
from sconnx.memory.planner import plan_memory
from sconnx.schedule.schedule import read_schedule
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu

HOST_REGION = "ram"


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    lowered, schedule = read_lowered(inputs[0]), read_schedule(inputs[1])
    cpu = load_cpu(options["target"])
    region = HOST_REGION if cpu.is_host else load_board(options["board"], cpu).ram.name
    plan = plan_memory(schedule, region)
    check_plan(lowered, schedule, plan)
    return (to_bytes(plan.to_json()),)
