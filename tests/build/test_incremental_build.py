# SPDX-License-Identifier: Apache-2.0
"""What runs again after a change: exactly the steps whose inputs have other bytes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from tests.build.scons_checkout import Checkout

GENERATED = "build/cortex-m7/mnist"
SUPPORT = "site_scons/sconnx/target/support"
CPUS = "site_scons/sconnx/target/data/cpus.toml"
KERNEL = "kernels/arm_dsp/sx_fully_connected_packed_s8_onnx.c"
KERNELS = [
    *(f"CC kernels/arm_dsp/sx_{name}.o" for name in ("conv2d_packed_s8_onnx", "depthwise_conv2d_3x3_s8_dsp_onnx")),
    *(f"CC kernels/arm_dsp/sx_{name}.o" for name in ("fully_connected_packed_s8_onnx", "max_pooling2d_s8_dsp_exact")),
    *(f"CC kernels/arm_dsp/static/sx_put_column_{rule}.o" for rule in ("onnx", "tflite")),
    *(f"CC kernels/arm_dsp/static/sx_requantize_any_{rule}.o" for rule in ("onnx", "tflite")),
]
"""The kernels that the example uses, and what comes with their lib: no build compiles others."""
LINKED = ["ARCHIVE mnist/libmnist.a", "LINK mnist/firmware.elf"]
JUDGED = ["INSPECT mnist/report.json", "BUDGET mnist/budget.json"]
OF_LAYERS = ["GENERATE mnist/mnist.h", "PARAMS mnist/mnist_params.c"]
OF_MODEL = ["CC mnist/mnist.o", "CC mnist/mnist_params.o"]
OF_FIRMWARE = [f"CC mnist/firmware/{name}.o" for name in ("main", "startup", "runtime", "float32", "semihosting")]
RECOMPILED = [f"CC mnist/firmware/{name}.o" for name in ("main", "runtime", "float32")]
"""What another level of optimisation changes: main.c has another arena, start-up and semihosting are small at each level."""
PLANNED = ["SCHEDULE mnist/schedule.json", "MEMORY mnist/meminfo.json", "GENERATE mnist/mnist.h"]
CPU_READERS = [
    "LOWER mnist/lowered.json",
    "MEMORY mnist/meminfo.json",
    "ARCHIVE mnist/libmnist.a",
    "FIRMWARE mnist/firmware/main.c",
    "INSPECT mnist/report.json",
]


def nothing(checkout: Checkout) -> None:
    pass


def appended(name: str, text: str) -> Callable[[Checkout], None]:
    return lambda checkout: checkout.append(name, text)


def deleted(name: str) -> Callable[[Checkout], None]:
    return lambda checkout: checkout.path(f"{GENERATED}/{name}").unlink()


def touched(checkout: Checkout) -> None:
    for name in ("examples/mnist/mnist.onnx", KERNEL, "kernels/include/sx_rows.h"):
        checkout.path(name).touch()


def retrained(checkout: Checkout) -> None:
    """Another value for one int8 weight of the first convolution."""
    path = checkout.path("examples/mnist/mnist.onnx")
    model = onnx.load(path)
    weights = next(t for t in model.graph.initializer if t.data_type == onnx.TensorProto.INT8 and len(t.dims) == 4)
    values = numpy_helper.to_array(weights).copy()
    values.flat[0] = np.int8(1) if values.flat[0] != 1 else np.int8(2)
    weights.CopyFrom(numpy_helper.from_array(values, weights.name))
    onnx.save(model, path)


@dataclass(frozen=True, slots=True)
class Change:
    """A change, the arguments of the build after it, and the steps that this build must run."""

    name: str
    edit: Callable[[Checkout], None]
    arguments: tuple[str, ...]
    steps: list[str]


CHANGES = [
    Change("nothing", nothing, (), []),
    Change("times of files", touched, (), []),
    Change(
        "weights",
        retrained,
        (),
        ["IMPORT mnist/graph.json", "PARAMS mnist/mnist_params.c", "CC mnist/mnist_params.o", *LINKED, JUDGED[0]],
    ),
    Change(
        "comment in a rule",
        appended("export_rules/generic/convolution.py", "# a comment\n"),
        (),
        ["LOWER mnist/lowered.json", "PARAMS mnist/mnist_params.c"],
    ),
    Change(
        "comment in a kernel",
        appended(KERNEL, "/* a comment */\n"),
        (),
        ["CC kernels/arm_dsp/sx_fully_connected_packed_s8_onnx.o"],
    ),
    Change(
        "comment in a header of kernels",
        appended("kernels/arm_dsp/sx_matvec_s8_dsp.h", "/* a comment */\n"),
        (),
        [f"CC kernels/arm_dsp/static/sx_put_column_{rule}.o" for rule in ("onnx", "tflite")],
    ),
    Change(
        "comment in a kernel that no model uses", appended("kernels/generic/sx_softmax_s8_onnx.c", "/* */\n"), (), []
    ),
    Change(
        "comment in the status header",
        appended("kernels/include/sx_status.h", "/* a comment */\n"),
        (),
        ["CC mnist/mnist.o", "CC mnist/firmware/main.o"],
    ),
    Change("ram budget", nothing, ("ram=1M",), ["BUDGET mnist/budget.json"]),
    Change("flash budget", nothing, ("flash=1M",), ["BUDGET mnist/budget.json"]),
    Change(
        "optimize",
        nothing,
        ("optimize=ram",),
        [*PLANNED, "FIRMWARE mnist/firmware/main.c", "CC mnist/mnist.o", *RECOMPILED, *KERNELS, *LINKED, *JUDGED],
    ),
    Change(
        "stack",
        nothing,
        ("stack=8K",),
        ["MEMORY mnist/meminfo.json", "FIRMWARE mnist/firmware/main.c", "LINK mnist/firmware.elf", *JUDGED],
    ),
    Change(
        "input",
        nothing,
        ("input=clobber",),
        [*PLANNED, "FIRMWARE mnist/firmware/main.c", "CC mnist/mnist.o", "CC mnist/firmware/main.o", *LINKED, *JUDGED],
    ),
    Change(
        "weights in RAM",
        nothing,
        ("weights=ram:8K",),
        [
            "MEMORY mnist/meminfo.json",
            "GENERATE mnist/mnist.h",
            "CC mnist/mnist_params.o",
            "FIRMWARE mnist/firmware/main.c",
            *LINKED,
            *JUDGED,
        ],
    ),
    Change("meminfo.json deleted", deleted("meminfo.json"), (), ["MEMORY mnist/meminfo.json"]),
    Change("mnist.h deleted", deleted("mnist.h"), (), ["GENERATE mnist/mnist.h"]),
    Change("memory_trace.json deleted", deleted("memory_trace.json"), (), ["MEMORY mnist/meminfo.json"]),
    Change("report.txt deleted", deleted("report.txt"), (), ["INSPECT mnist/report.json"]),
    Change("report.html deleted", deleted("report.html"), (), ["INSPECT mnist/report.json"]),
    Change("an object deleted", deleted("mnist.o"), (), ["CC mnist/mnist.o"]),
    Change("firmware.elf deleted", deleted("firmware.elf"), (), ["LINK mnist/firmware.elf"]),
    Change("an options file deleted", deleted("options/memory.json"), (), []),
    Change(
        "comment in a template",
        appended("site_scons/sconnx/codegen/templates/model.c.j2", "{# a comment #}"),
        (),
        ["GENERATE mnist/mnist.h"],
    ),
    Change(
        "comment in the template of the page",
        appended("site_scons/sconnx/report/templates/report.html.j2", "{# a comment #}"),
        (),
        ["INSPECT mnist/report.json"],
    ),
    Change("comment in the CPUs", appended(CPUS, "# a comment\n"), (), CPU_READERS),
    Change(
        "comment in the planner",
        appended("site_scons/sconnx/memory/planner.py", "# a comment\n"),
        (),
        ["MEMORY mnist/meminfo.json"],
    ),
    Change(
        "comment in the start-up",
        appended(f"{SUPPORT}/startup.c", "/* a comment */\n"),
        (),
        ["CC mnist/firmware/startup.o"],
    ),
    Change(
        "comment in the scheduler",
        appended("site_scons/sconnx/schedule/scheduler.py", "# a comment\n"),
        (),
        ["SCHEDULE mnist/schedule.json", "MEMORY mnist/meminfo.json"],
    ),
    Change(
        "another planner",
        nothing,
        ("planner=exact", "limit=3"),
        ["MEMORY mnist/meminfo.json"],
    ),
    Change(
        "outputs of the caller",
        nothing,
        ("output=caller",),
        [*PLANNED, "FIRMWARE mnist/firmware/main.c", "CC mnist/mnist.o", "CC mnist/firmware/main.o", *LINKED, *JUDGED],
    ),
    Change(
        "comment in the reference",
        appended("site_scons/sconnx/reference/execute.py", "# a comment\n"),
        (),
        ["IMPORT mnist/graph.json"],
    ),
    Change("vectors", nothing, ("vectors=examples/mnist/heldout.npz",), []),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_change(checkout: Checkout, change: Change) -> None:
    change.edit(checkout)
    outcome = checkout.build(*change.arguments)
    assert sorted(outcome.steps) == sorted(change.steps)
    assert checkout.build(*change.arguments).steps == []


@pytest.mark.parametrize("location", ["weights.bin", "w" * 200])
def test_external_data_is_noticed(checkout: Checkout, location: str) -> None:
    path = checkout.path("examples/mnist/mnist.onnx")
    model = onnx.load(path)
    onnx.save(model, path, save_as_external_data=True, location=location, size_threshold=1000)
    data = path.with_name(location)
    assert checkout.build().steps == ["IMPORT mnist/graph.json"]
    content = data.read_bytes()
    data.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    assert checkout.build().steps[:2] == ["IMPORT mnist/graph.json", "PARAMS mnist/mnist_params.c"]
    data.unlink()
    outcome = checkout.scons()
    assert outcome.status == 2
    assert outcome.errors[0].startswith("mnist.onnx: error[E")


def test_a_change_within_the_same_second_is_noticed(checkout: Checkout) -> None:
    time = checkout.path(KERNEL).stat().st_mtime_ns
    checkout.append(KERNEL, "/* a comment */\n")
    os.utime(checkout.path(KERNEL), ns=(time, time))
    assert checkout.build().steps == ["CC kernels/arm_dsp/sx_fully_connected_packed_s8_onnx.o"]


def test_there_and_back(checkout: Checkout) -> None:
    """Another target has files of its own; another value of the same target does not, and costs what it costs."""
    assert checkout.build("target=cortex-m3").steps
    assert checkout.build().steps == []
    assert checkout.build("target=cortex-m3").steps == []
    before = checkout.built("build/cortex-m7")
    checkout.build("ram=1M", "stack=8K")
    checkout.build()
    assert checkout.built("build/cortex-m7") == before


def test_a_broken_kernel_and_back(checkout: Checkout) -> None:
    """A failed build leaves what it did not reach, and nothing that looks newer than it is."""
    before = checkout.built()
    checkout.append(KERNEL, "#error broken\n")
    assert checkout.scons().status != 0
    text = checkout.path(KERNEL).read_text()
    checkout.path(KERNEL).write_text(text.removesuffix("#error broken\n"))
    assert checkout.build().steps == ["CC kernels/arm_dsp/sx_fully_connected_packed_s8_onnx.o"]
    assert checkout.built() == before


def test_a_new_board_file_is_noticed(checkout: Checkout) -> None:
    board = "site_scons/sconnx/target/data/boards/mps2-an500.toml"
    checkout.path("my board.toml").write_text(checkout.path(board).read_text())
    checkout.build("board=my board.toml")
    text = checkout.path("my board.toml").read_text()
    checkout.path("my board.toml").write_text(text.replace("stack_bytes = 4096", "stack_bytes = 2048"))
    assert checkout.path("my board.toml").read_text() != text
    outcome = checkout.build("board=my board.toml")
    assert "LINK mnist/firmware.elf" in outcome.steps
    assert re.search(r"\n    stack +2,048\n", outcome.output)


def test_damaged_cpus_are_one_error(checkout: Checkout) -> None:
    before = checkout.built()
    checkout.append(CPUS, "[cpus.cortex-m7\n")
    outcome = checkout.scons()
    assert outcome.status == 2
    assert outcome.output.splitlines() == outcome.errors
    assert outcome.errors[0].startswith("cpus.toml: error[E702]: the file is not valid TOML: ")
    assert checkout.built() == before
