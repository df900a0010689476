# SPDX-License-Identifier: Apache-2.0
"""generate: lowered, schedule, meminfo and interface -> <name>.h and <name>.c."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.codegen.interface import read_interface
from sconnx.codegen.model_source import generate
from sconnx.export.lowered import read_lowered
from sconnx.memory.meminfo import read_plan
from sconnx.schedule.schedule import read_schedule


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    lowered, schedule, plan, interface = inputs
    return generate(read_lowered(lowered), read_schedule(schedule), read_plan(plan), read_interface(interface))
