# SPDX-License-Identifier: Apache-2.0
"""schedule: lowered.json -> schedule.json: segments in their order, lifetimes, and what may share bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.export.lowered import read_lowered
from sconnx.graph.json_form import to_bytes
from sconnx.schedule.scheduler import ExportScheduler


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    scheduler = ExportScheduler(options["input"], options["optimize"], options["output"])
    schedule = scheduler.schedule(read_lowered(inputs[0]))
    return (to_bytes(schedule.to_json()),)
