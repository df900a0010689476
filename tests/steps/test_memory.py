# SPDX-License-Identifier: Apache-2.0
"""The step memory: its two files, and the error when the tensors do not fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sconnx.errors import SconnxError
from sconnx.graph.json_form import to_bytes
from sconnx.memory.meminfo import read_plan
from sconnx.schedule.scheduler import ExportScheduler
from sconnx.steps import memory
from tests.memory.plans import pools
from tests.tiny_models import PLANNING, lowered_of

OPTIONS: dict[str, Any] = {**PLANNING, "target": "cortex-m3", "board": "", "stack_bytes": None}


@pytest.fixture
def inputs(tmp_path: Path) -> list[Path]:
    lowered = lowered_of(pools())
    documents = {"lowered.json": lowered.to_json(), "schedule.json": ExportScheduler().schedule(lowered).to_json()}
    for name, document in documents.items():
        (tmp_path / name).write_bytes(to_bytes(document))
    return [tmp_path / name for name in documents]


def test_the_plan_has_names_steps_and_modes(inputs: list[Path], tmp_path: Path) -> None:
    plan_bytes, trace_bytes = memory.run(OPTIONS, inputs)
    (tmp_path / "meminfo.json").write_bytes(plan_bytes)
    plan = read_plan(tmp_path / "meminfo.json")
    assert {mem.name for mem in plan.tensors} == {"image", "a", "b", "c", "d"}
    assert [node.name for step in plan.steps for node in step.nodes] == ["first", "second", "third", "last"]
    assert plan.steps[-1].nodes == () and max(step.live_bytes[0] for step in plan.steps) <= plan.arena_bytes
    assert [mode.arena_bytes for mode in plan.modes if mode.is_current] == [plan.arena_bytes]
    assert json.loads(trace_bytes)["traceEvents"]
    assert memory.run(OPTIONS, inputs) == (plan_bytes, trace_bytes)


def test_what_does_not_fit_is_told_with_names(inputs: list[Path]) -> None:
    with pytest.raises(SconnxError) as caught:
        memory.run({**OPTIONS, "memories": [("ram", 300)]}, inputs)
    assert caught.value.code == "E310"
    assert "tensor 0 'image' 256" in caught.value.why
    assert "input=clobber would need " in caught.value.help
