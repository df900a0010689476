# SPDX-License-Identifier: Apache-2.0
"""generate: lowered, schedule, meminfo and interface -> <name>.h, <name>.c, <name>_sections.h and <name>.hpp."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.codegen.interface import read_interface
from sconnx.codegen.model_source import generate, generate_wrapper
from sconnx.codegen.sections_source import sections_text
from sconnx.export.lowered import read_lowered
from sconnx.memory.meminfo import read_plan
from sconnx.schedule.schedule import read_schedule


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    lowered, plan = read_lowered(inputs[0]), read_plan(inputs[2])
    schedule, interface = read_schedule(inputs[1]), read_interface(inputs[3])
    header, source = generate(lowered, schedule, plan, interface)
    return header, source, sections_text(lowered, plan), generate_wrapper(lowered, schedule, plan, interface)
