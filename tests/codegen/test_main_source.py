# SPDX-License-Identifier: Apache-2.0
"""main.c of a firmware with one model and with several."""

from __future__ import annotations

import re

import pytest

from sconnx.codegen.interface import Interface
from sconnx.codegen.main_source import Program, main_text
from sconnx.memory.meminfo import MemoryPlan
from sconnx.memory.planner import Demand, Memory, plan_memory, plan_together
from sconnx.schedule.schedule import Schedule
from sconnx.schedule.scheduler import ExportScheduler
from sconnx.steps.import_model import interface_of
from tests.tiny_models import lowered_of, tiny_model

RAM = [Memory(region="ram")]


def schedule() -> Schedule:
    return ExportScheduler().schedule(lowered_of(tiny_model()))


def text(plans: dict[str, MemoryPlan], *, by_rows: bool = False, by_caller: bool = False) -> str:
    interface = interface_of(tiny_model())
    programs = [Program(name=name, interface=interface, plan=plan) for name, plan in plans.items()]
    return main_text(programs, "ram", by_rows=by_rows, by_caller=by_caller).decode()


def own_plan() -> MemoryPlan:
    return plan_memory(schedule(), RAM)


def test_one_model() -> None:
    main = text({"kws": own_plan()})
    assert main.startswith("/* Runs kws: reads the inputs from standard input, ")
    assert (
        "extern int8_t kws_arena[KWS_ARENA_BYTES];\nalignas(KWS_ARENA_ALIGN) int8_t kws_arena[KWS_ARENA_BYTES];\n"
        in main
    )
    assert "    kws_ctx ctx;\n\n    if (kws_init(&ctx, kws_arena, sizeof kws_arena) != SX_OK) {\n" in main
    assert "union" not in main


def test_models_that_share_an_arena() -> None:
    main = text({name: own_plan() for name in ("kws", "vad", "asr")})
    assert main.startswith("/* Runs kws, vad and asr: ")
    members = "".join(
        f"    alignas({name}_ARENA_ALIGN) int8_t {name.lower()}[{name}_ARENA_BYTES];\n"
        for name in ("KWS", "VAD", "ASR")
    )
    union = f"extern union sx_shared_arena {{\n{members}}} sx_shared_arena;\nunion sx_shared_arena sx_shared_arena;\n"
    assert union in main
    assert "if (vad_init(&ctx_vad, sx_shared_arena.vad, sizeof sx_shared_arena.vad) != SX_OK) {" in main
    assert "int8_t kws_arena" not in main


def test_models_that_may_run_at_the_same_time() -> None:
    names = ("kws", "vad")
    plans = plan_together([Demand(schedule=schedule(), model=name) for name in names], RAM)
    main = text(dict(zip(names, plans, strict=True)))
    assert "union" not in main
    for name in names:
        assert f"int8_t {name}_arena[{name.upper()}_ARENA_BYTES];\n" in main
        assert f"if ({name}_init(&ctx_{name}, {name}_arena, sizeof {name}_arena) != SX_OK) {{" in main


@pytest.mark.parametrize("by_rows", [False, True])
@pytest.mark.parametrize("by_caller", [False, True])
def test_a_model_has_written_its_outputs_before_the_next_reads(by_rows: bool, by_caller: bool) -> None:
    main = text({name: own_plan() for name in ("kws", "vad")}, by_rows=by_rows, by_caller=by_caller)
    loop = main[main.index("    for (;;) {") :]
    calls = re.findall(r"(sx_io_read|sx_io_write|kws_run|vad_run|kws_push_row|vad_push_row)\(", loop)
    pushes = {"kws": ["kws_push_row"] * by_rows, "vad": ["vad_push_row"] * by_rows}
    of_model = [["sx_io_read", *pushes[name], f"{name}_run", "sx_io_write", "sx_io_write"] for name in ("kws", "vad")]
    assert calls == of_model[0] + of_model[1]


def test_a_model_without_inputs_runs_once() -> None:
    program = Program(name="kws", interface=Interface(inputs=(), outputs=()), plan=own_plan())
    main = main_text([program], "ram", by_rows=False, by_caller=False).decode()
    assert main.startswith(
        "/* Runs kws: reads the inputs from standard input, writes the outputs to standard output, once. */"
    )
    assert "        return 0;\n    }\n}\n" in main
