# SPDX-License-Identifier: Apache-2.0
"""The table of edits of the built example, with the exact set of steps that each runs again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import numpy_helper

from tests.build.scons_checkout import Checkout

GENERATED = "build/cortex-m7/mnist"
SUPPORT = "site_scons/sconnx/target/support"
CPUS = "site_scons/sconnx/target/data/cpus.toml"
KERNEL = "kernels/arm_dsp/sx_fully_connected_packed_s8_onnx.c"
RULE = "export_rules/arm_dsp/fully_connected.py"
TOOLCHAINS = "site_scons/sconnx/target/data/toolchains.toml"
BOARD = "site_scons/sconnx/target/data/boards/mps2-an500.toml"
TEMPLATES = "site_scons/sconnx/codegen/templates"
KERNELS = [
    *(f"CC kernels/arm_dsp/sx_{name}.o" for name in ("conv2d_packed_s8_onnx", "depthwise_conv2d_3x3_s8_dsp_onnx")),
    *(f"CC kernels/arm_dsp/sx_{name}.o" for name in ("fully_connected_packed_s8_onnx", "max_pooling2d_s8_dsp_exact")),
    *(f"CC kernels/arm_dsp/static/sx_put_column_{rule}.o" for rule in ("onnx", "tflite")),
    *(f"CC kernels/arm_dsp/static/sx_requantize_any_{rule}.o" for rule in ("onnx", "tflite")),
]
"""The kernels that the example uses, and what comes with their lib: no build compiles others."""
LINKED = ["ARCHIVE mnist/libmnist.a", "LINK mnist/firmware.elf"]
JUDGED = ["INSPECT mnist/report.json", "BUDGET mnist/budget.json"]
OF_WEIGHTS = [
    "IMPORT mnist/graph.json",
    "PARAMS mnist/mnist_params.c",
    "CC mnist/mnist_params.o",
    *LINKED,
    *JUDGED[:1],
]
"""No figure of report.json changes with a weight, so that BUDGET has nothing new to look at."""
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
    "LINK mnist/firmware.elf",
    *JUDGED[:1],
]


def nothing(checkout: Checkout) -> None:
    pass


def appended(name: str, text: str) -> Callable[[Checkout], None]:
    return lambda checkout: checkout.append(name, text)


def replaced(name: str, old: str, new: str) -> Callable[[Checkout], None]:
    return lambda checkout: checkout.replace(name, old, new)


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


def with_fewer_classes(checkout: Checkout) -> None:
    """The last layer has nine outputs instead of ten."""
    path = checkout.path("examples/mnist/mnist.onnx")
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        if tensor.name.startswith("classify.") and tensor.dims:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor)[:9], tensor.name))
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 9
    onnx.save(model, path)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of the checkout, the arguments of the build after it, and the steps that this build must run, no others."""

    name: str
    apply: Callable[[Checkout], None]
    arguments: tuple[str, ...]
    steps: list[str]


EDITS = (
    Edit("nothing", nothing, (), []),
    Edit("times of files", touched, (), []),
    Edit(
        "weights",
        retrained,
        (),
        OF_WEIGHTS,
    ),
    Edit(
        "shape of a layer",
        with_fewer_classes,
        (),
        [
            "IMPORT mnist/graph.json",
            "LOWER mnist/lowered.json",
            *PLANNED,
            "PARAMS mnist/mnist_params.c",
            "FIRMWARE mnist/firmware/main.c",
            *OF_MODEL,
            "CC mnist/firmware/main.o",
            *LINKED,
            *JUDGED,
        ],
    ),
    Edit(
        "what a rule says of its layer",
        replaced(RULE, "return packed_bytes(*node.input(1).dims)", "return packed_bytes(*node.input(1).dims) + 4"),
        (),
        # The hash of the model, which is among its parameters, is of lowered.json, too.
        [
            "LOWER mnist/lowered.json",
            *PLANNED,
            "PARAMS mnist/mnist_params.c",
            "FIRMWARE mnist/firmware/main.c",
            *LINKED[:1],
            JUDGED[0],
        ],
    ),
    Edit(
        "what a rule packs",
        replaced(RULE, "Array(pack_weights(weights))", "Array(pack_weights(-weights))"),
        (),
        ["LOWER mnist/lowered.json", "PARAMS mnist/mnist_params.c", "CC mnist/mnist_params.o", *LINKED, *JUDGED[:1]],
    ),
    Edit(
        "comment in a rule",
        appended("export_rules/generic/convolution.py", "# a comment\n"),
        (),
        ["LOWER mnist/lowered.json", "PARAMS mnist/mnist_params.c"],
    ),
    Edit(
        "comment in a kernel",
        appended(KERNEL, "/* a comment */\n"),
        (),
        ["CC kernels/arm_dsp/sx_fully_connected_packed_s8_onnx.o"],
    ),
    Edit(
        "comment in a header of kernels",
        appended("kernels/arm_dsp/sx_matvec_s8_dsp.h", "/* a comment */\n"),
        (),
        [f"CC kernels/arm_dsp/static/sx_put_column_{rule}.o" for rule in ("onnx", "tflite")],
    ),
    Edit("comment in a kernel that no model uses", appended("kernels/generic/sx_softmax_s8_onnx.c", "/* */\n"), (), []),
    Edit(
        "comment in the status header",
        appended("kernels/include/sx_status.h", "/* a comment */\n"),
        (),
        ["CC mnist/mnist.o", "CC mnist/firmware/main.o"],
    ),
    Edit(
        "body of a kernel",
        replaced(KERNEL, "(p, rows, out, SX_RULE_ONNX);", "(p, rows, out, SX_RULE_TFLITE);"),
        (),
        ["CC kernels/arm_dsp/sx_fully_connected_packed_s8_onnx.o", *LINKED, *JUDGED],
    ),
    Edit(
        "a function that the linker leaves out of the firmware",
        appended(KERNEL, "void sx_another(void);\nvoid sx_another(void)\n{\n}\n"),
        (),
        ["CC kernels/arm_dsp/sx_fully_connected_packed_s8_onnx.o", *LINKED],
    ),
    Edit(
        "parameters in the header of a kernel",
        replaced(KERNEL.replace("_onnx.c", ".h"), "int32_t out_features;", "int32_t out_features, another;"),
        (),
        ["CC kernels/arm_dsp/sx_fully_connected_packed_s8_onnx.o", *OF_MODEL, *LINKED, *JUDGED],
    ),
    Edit("ram budget", nothing, ("ram=1M",), JUDGED),
    Edit("flash budget", nothing, ("flash=1M",), JUDGED),
    Edit(
        "optimize",
        nothing,
        ("optimize=ram",),
        [*PLANNED, "FIRMWARE mnist/firmware/main.c", "CC mnist/mnist.o", *RECOMPILED, *KERNELS, *LINKED, *JUDGED],
    ),
    Edit(
        "stack",
        nothing,
        ("stack=8K",),
        ["MEMORY mnist/meminfo.json", "FIRMWARE mnist/firmware/main.c", "LINK mnist/firmware.elf", *JUDGED],
    ),
    Edit(
        "input",
        nothing,
        ("input=clobber",),
        [*PLANNED, "FIRMWARE mnist/firmware/main.c", "CC mnist/mnist.o", "CC mnist/firmware/main.o", *LINKED, *JUDGED],
    ),
    Edit(
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
    Edit("meminfo.json deleted", deleted("meminfo.json"), (), ["MEMORY mnist/meminfo.json"]),
    Edit("mnist.h deleted", deleted("mnist.h"), (), ["GENERATE mnist/mnist.h"]),
    Edit("memory_trace.json deleted", deleted("memory_trace.json"), (), ["MEMORY mnist/meminfo.json"]),
    Edit("report.txt deleted", deleted("report.txt"), (), ["INSPECT mnist/report.json"]),
    Edit("report.html deleted", deleted("report.html"), (), ["INSPECT mnist/report.json"]),
    Edit("a file changed that a step wrote", appended(f"{GENERATED}/mnist.c", "\n"), (), ["GENERATE mnist/mnist.h"]),
    Edit("an object damaged", appended(f"{GENERATED}/mnist.o", "\n"), (), ["CC mnist/mnist.o"]),
    Edit("an object deleted", deleted("mnist.o"), (), ["CC mnist/mnist.o"]),
    Edit("firmware.elf deleted", deleted("firmware.elf"), (), ["LINK mnist/firmware.elf"]),
    Edit("an options file deleted", deleted("options/memory.json"), (), []),
    Edit(
        "comment in a template",
        appended("site_scons/sconnx/codegen/templates/model.c.j2", "{# a comment #}"),
        (),
        ["GENERATE mnist/mnist.h"],
    ),
    Edit(
        "comment that a template writes",
        appended(f"{TEMPLATES}/params.c.j2", "\n/* a comment */\n"),
        (),
        ["PARAMS mnist/mnist_params.c", "CC mnist/mnist_params.o"],
    ),
    Edit(
        "comment that the template of a header writes",
        appended(f"{TEMPLATES}/sections.h.j2", "\n/* a comment */\n"),
        (),
        ["GENERATE mnist/mnist.h", "CC mnist/mnist_params.o"],
    ),
    Edit(
        "rule in the style that the page's template includes",
        appended("site_scons/sconnx/report/templates/report.css", "\nmain { color: inherit }\n"),
        (),
        ["INSPECT mnist/report.json"],
    ),
    Edit(
        "comment in the template of the page",
        appended("site_scons/sconnx/report/templates/report.html.j2", "{# a comment #}"),
        (),
        ["INSPECT mnist/report.json"],
    ),
    Edit(
        "region of the board",
        replaced(BOARD, "origin = 0x20000000\nsize_bytes = 0x400000", "origin = 0x20000000\nsize_bytes = 0x200000"),
        (),
        [*CPU_READERS, "BUDGET mnist/budget.json"],
    ),
    Edit(
        "flags of the compiler",
        replaced(
            TOOLCHAINS, '"-ffreestanding", "-falign-loops=1",', '"-ffreestanding", "-fno-common", "-falign-loops=1",'
        ),
        (),
        [*CPU_READERS, *KERNELS, *OF_MODEL, *OF_FIRMWARE],
    ),
    Edit("comment in the CPUs", appended(CPUS, "# a comment\n"), (), CPU_READERS),
    Edit(
        "comment in the planner",
        appended("site_scons/sconnx/memory/planner.py", "# a comment\n"),
        (),
        ["MEMORY mnist/meminfo.json"],
    ),
    Edit(
        "comment in the start-up",
        appended(f"{SUPPORT}/startup.c", "/* a comment */\n"),
        (),
        ["CC mnist/firmware/startup.o"],
    ),
    Edit(
        "comment in the scheduler",
        appended("site_scons/sconnx/schedule/scheduler.py", "# a comment\n"),
        (),
        ["SCHEDULE mnist/schedule.json", "MEMORY mnist/meminfo.json"],
    ),
    Edit(
        "another planner",
        nothing,
        ("planner=exact", "limit=3"),
        ["MEMORY mnist/meminfo.json"],
    ),
    Edit(
        "outputs of the caller",
        nothing,
        ("output=caller",),
        [*PLANNED, "FIRMWARE mnist/firmware/main.c", "CC mnist/mnist.o", "CC mnist/firmware/main.o", *LINKED, *JUDGED],
    ),
    Edit(
        "comment in the reference",
        appended("site_scons/sconnx/reference/execute.py", "# a comment\n"),
        (),
        ["IMPORT mnist/graph.json"],
    ),
    Edit("vectors", nothing, ("vectors=examples/mnist/heldout.npz",), []),
)
