# SPDX-License-Identifier: Apache-2.0
"""The C interface of models whose inputs and outputs are of any dtype, read by every compiler."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from test_hostile_names import compiles

from sconnx.codegen.main_source import Program, main_text
from sconnx.codegen.model_source import generate, generate_wrapper
from sconnx.errors import SconnxError
from sconnx.graph.model import Model, QuantValues
from sconnx.graph.operator import Add, Dequantize, Quantize
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType
from sconnx.memory.planner import Memory, plan_memory
from sconnx.schedule.scheduler import ExportScheduler
from sconnx.steps.import_model import interface_of
from tests.mixed_graphs import HEADER, KERNEL, PARAMS_TYPE, Mixed, made_up, mixed_graphs

PROTOTYPE = f"""#pragma once
#include <stdint.h>
typedef struct {{ int32_t size; }} {PARAMS_TYPE};
void {KERNEL}(const {PARAMS_TYPE} *p, const int8_t *const rows[], int8_t *out, ...);
"""


def sources(model: Model, policy: str = "keep", output: str = "arena") -> dict[str, bytes]:
    lowered = made_up(model.graph)
    schedule = ExportScheduler(policy, "ram", output).schedule(lowered)
    plan = plan_memory(schedule, [Memory(region="ram")], outputs=model.graph.outputs)
    interface = interface_of(model)
    header, source = generate(lowered, schedule, plan, interface)
    name = model.graph.name
    program = Program(name=name, interface=interface, plan=plan)
    main = main_text([program], "ram", by_rows=policy == "stream", by_caller=output == "caller")
    wrapper = generate_wrapper(lowered, schedule, plan, interface)
    files = {f"{name}.h": header, f"{name}.hpp": wrapper, f"{name}.c": source}
    return {HEADER: PROTOTYPE.encode(), **files, "main.c": main}


def text(model: Model, **policies: str) -> dict[str, str]:
    return {name: content.decode() for name, content in sources(model, **policies).items()}


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    graph=mixed_graphs(most_states=2),
    policy=st.sampled_from(("keep", "clobber", "stream")),
    output=st.sampled_from(("arena", "caller")),
)
def test_every_graph_compiles(tmp_path: Path, graph: object, policy: str, output: str) -> None:
    model = Model(graph, Params())  # type: ignore[arg-type]
    one = policy if len(model.graph.inputs) == 1 else "keep"
    try:
        files = sources(model, one, output)
    except SconnxError as error:
        assert error.code == "E304"
        assume(False)
    compiles(tmp_path, files, only="gcc")


def mixed_model() -> Model:
    """float32 in, int8 and float32 and int64 out; a float32 constant that is read as rows, and one that is an output."""
    mixed = Mixed()
    x = mixed.input(DType.FLOAT32, 1, 6, 2, 3)
    shift = mixed.builder.add_constant("shift", np.linspace(-1, 1, 36, dtype=np.float32).reshape(1, 6, 2, 3))
    fixed = mixed.builder.add_constant("fixed", np.array([0.5, np.inf], np.float32))
    total = mixed.node(Add(), x, shift)
    number = mixed.builder.add_node(
        Quantize(),
        (total,),
        name="q",
        source_index=9,
        output_name="q8",
        dtype=DType.INT8,
        quantization=QuantValues.of(0.25, 3),
    )
    back = mixed.node(Dequantize(), number)
    index = mixed.node(Quantize(), back, dtype=DType.INT64)
    return mixed.builder.build([number, total, index, fixed])


@pytest.mark.parametrize("output", ["arena", "caller"])
@pytest.mark.parametrize("policy", ["keep", "clobber", "stream"])
def test_every_compiler_takes_all_dtypes(tmp_path: Path, policy: str, output: str) -> None:
    compiles(tmp_path, sources(mixed_model(), policy, output))


def test_addresses_have_the_type_of_their_elements() -> None:
    header = text(mixed_model())["mixed.h"]
    for line in (
        "float *mixed_input_x0(const mixed_ctx *ctx);",
        "const int8_t *mixed_output_q8(const mixed_ctx *ctx);",
        "const float *mixed_output_t0_0(const mixed_ctx *ctx);",
        "const int64_t *mixed_output_t3_0(const mixed_ctx *ctx);",
        "const float *mixed_output_fixed(const mixed_ctx *ctx);",
        "#define MIXED_ARENA_ALIGN 8u",
        "#define MIXED_INPUT_X0_BYTES 144u",
        "#define MIXED_OUTPUT_T3_0_BYTES 288u",
    ):
        assert f"\n{line}\n" in header
    scales = [line for line in header.splitlines() if "_SCALE" in line or "_ZERO_POINT" in line]
    assert scales == ["#define MIXED_OUTPUT_Q8_SCALE 0.25f", "#define MIXED_OUTPUT_Q8_ZERO_POINT (3)"]


def test_outputs_of_the_caller_have_types() -> None:
    files = text(mixed_model(), output="caller")
    run = (
        "sx_status mixed_run(mixed_ctx *ctx, int8_t *output_q8, float *output_t0_0, int64_t *output_t3_0, "
        "float *output_fixed)"
    )
    assert f"\n{run};\n" in files["mixed.h"] and f"\n{run}\n" in files["mixed.c"]
    assert "    ctx->output_q8 = output_q8;\n" in files["mixed.c"]
    assert "    ctx->output_t3_0 = ((int8_t *)(void *)output_t3_0);\n" in files["mixed.c"]
    assert "\nint64_t mixed_caller_t3_0[MIXED_OUTPUT_T3_0_BYTES / sizeof(int64_t)];\n" in files["main.c"]
    assert "\nint8_t mixed_caller_q8[MIXED_OUTPUT_Q8_BYTES];\n" in files["main.c"]


def test_constants_have_their_own_type() -> None:
    source = text(mixed_model())["mixed.c"]
    assert "extern const float mixed_t1[36];\nextern const float mixed_t2[2];\n" in source
    assert "    rows[1] = (const int8_t *)mixed_t1;\n" in source
    assert "    return mixed_t2;\n" in source


def counting_model() -> Model:
    """A float32 sum over all runs, which is an output, and a bool that is true at first and becomes the input."""
    mixed = Mixed()
    x, flag = mixed.input(DType.FLOAT32, 1, 3), mixed.input(DType.BOOL, 2)
    builder = mixed.builder
    total = builder.add_state("total", DType.FLOAT32, (1, 3), initial=np.array([[0, 1.5, -np.inf]], np.float32))
    before = builder.add_state("before", DType.BOOL, (2,))
    y = mixed.node(Add(), x, total)
    builder.update_state(total, y)
    builder.update_state(before, flag)
    return builder.build([y, mixed.node(Add(), flag, before)])


@pytest.mark.parametrize("output", ["arena", "caller"])
def test_every_compiler_takes_states(tmp_path: Path, output: str) -> None:
    compiles(tmp_path, sources(counting_model(), "clobber", output))


def test_states_are_set_by_init_and_reset_and_copied_by_run() -> None:
    files = text(counting_model())
    assert "\nsx_status mixed_reset(const mixed_ctx *ctx);\n" in files["mixed.h"]
    assert (
        " What mixed_init or mixed_reset sets goes on from run to run, so its arenas are its own. Arithmetic rule"
        in files["mixed.h"]
    )
    source = files["mixed.c"]
    assert "    return mixed_reset(ctx);\n" in source
    assert "extern const float mixed_t2[3];\n" in source
    assert "[i] = ((const int8_t *)mixed_t2)[i];\n" in source
    assert source.count("for (int32_t i = 0; i < 12; ++i) {\n") == 2
    assert source.count("for (int32_t i = 0; i < 2; ++i) {\n") == 2
    assert source.count("[i] = 0;\n") == 1


def test_a_model_without_states_has_nothing_to_reset() -> None:
    assert "reset" not in "".join(text(mixed_model()).values())


def test_models_with_states_share_no_arena() -> None:
    models = {"counts": counting_model(), "a": mixed_model(), "b": mixed_model()}
    programs = []
    for name, model in models.items():
        schedule = ExportScheduler().schedule(made_up(model.graph))
        plan = plan_memory(schedule, [Memory(region="ram")], outputs=model.graph.outputs)
        programs.append(Program(name=name, interface=interface_of(model), plan=plan))
    main = main_text(programs, "ram", by_rows=False, by_caller=False).decode()
    assert "alignas(COUNTS_ARENA_ALIGN) int8_t counts_arena[COUNTS_ARENA_BYTES];\n" in main
    union = main[main.index("union sx_shared_arena {") : main.index("} sx_shared_arena;")]
    assert "int8_t a[" in union and "int8_t b[" in union and "counts" not in union
