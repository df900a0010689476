# SPDX-License-Identifier: Apache-2.0
"""generate: lowered, schedule, meminfo and interface -> <name>.h, <name>.c and <name>_sections.h."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.codegen.interface import read_interface
from sconnx.codegen.model_source import generate
from sconnx.codegen.sections_source import sections_text
from sconnx.export.lowered import read_lowered
from sconnx.memory.meminfo import read_plan
from sconnx.schedule.schedule import read_schedule


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    lowered, plan = read_lowered(inputs[0]), read_plan(inputs[2])
    header, source = generate(lowered, read_schedule(inputs[1]), plan, read_interface(inputs[3]))
    return header, source, sections_text(lowered, plan)
