# SPDX-License-Identifier: Apache-2.0
"""Lib `cmsis_nn` with CMSIS-NN: scratch sizes against its own, results against the reference, and whole builds.

The checkout is the folder in the environment variable SCONNX_CMSIS_NN, or `cmsis-nn` beside this project.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sconnx.elf.image import read_image
from sconnx.emulate.firmware import observe
from sconnx.emulate.vectors import seeded_vectors
from sconnx.export.lowered import read_lowered
from sconnx.export.node import ExportNode, export_node
from sconnx.graph.json_form import read_document
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Add, Softmax
from sconnx.memory.meminfo import read_plan
from sconnx.report.compare import verify
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import find_toolchain
from tests.build.scons_checkout import Checkout, new_checkout
from tests.export.cmsis_nodes import DSP, PLAIN, chosen, listed_sources
from tests.export.random_firmware import KERNELS, ROOT, LinkedFirmware, RandomModel, random_model

VARIABLE = "SCONNX_CMSIS_NN"
MODELS = ROOT.parent / "shared/models/mlperf_tiny"


@pytest.fixture(scope="session")
def cmsis() -> Path:
    """The checkout, or skip."""
    folder = Path(os.environ.get(VARIABLE) or ROOT.parent / "cmsis-nn")
    if not (folder / "Include/arm_nnfunctions.h").is_file():
        pytest.skip(f"no CMSIS-NN checkout: set {VARIABLE} to its folder")
    return folder


class Dims(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int32) for name in "nhwc"]


class Tile(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int32) for name in "wh"]


class ConvParams(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int32) for name in ("input_offset", "output_offset")),
        *((name, Tile) for name in ("stride", "padding", "dilation", "activation")),
    ]


class DepthwiseParams(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int32) for name in ("input_offset", "output_offset", "ch_mult")),
        *((name, Tile) for name in ("stride", "padding", "dilation", "activation")),
    ]


@pytest.fixture(scope="session")
def buffer_sizes(cmsis: Path, tmp_path_factory: pytest.TempPathFactory, zig_cache: Path) -> ctypes.CDLL:
    """CMSIS-NN's own answers, compiled for this machine: the plain C variant, and `_dsp` functions."""
    folder = tmp_path_factory.mktemp("sizes")
    toolchain = find_toolchain("zig", load_cpu("host"))
    sources = [cmsis / source for source in listed_sources() if "get_buffer_sizes" in source]
    sources.append(cmsis / "Source/FullyConnectedFunctions/arm_fully_connected_get_buffer_sizes_s8.c")
    flags = [*toolchain.compile_flags, *toolchain.shared_flags, "-w"]
    includes = [f"-I{path}" for path in (KERNELS / "cmsis_nn/include", cmsis / "Include")]
    command = [*toolchain.cc, *flags, *includes, *map(str, sources)]
    environment = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": str(zig_cache), "ZIG_LOCAL_CACHE_DIR": str(zig_cache)}
    subprocess.run([*command, "-o", str(folder / "sizes.so")], check=True, env=environment, capture_output=True)
    return ctypes.CDLL(str(folder / "sizes.so"))


def asked(sizes: ctypes.CDLL, node: ExportNode, suffix: str) -> int:
    """What CMSIS-NN says about a node; `suffix` is `` or `_dsp`."""
    x, y = node.input(0), node.output
    if node.type == "FullyConnected":
        filter = Dims(x.dims[-1], 1, 1, y.dims[-1])
        return int(sizes[f"arm_fully_connected_s8_get_buffer_size{suffix}"](ctypes.byref(filter)))
    if node.type == "AveragePooling2D":
        return int(sizes[f"arm_avgpool_s8_get_buffer_size{suffix}"](y.width, x.channels))
    operator: Any = node.operator
    arguments: list[ctypes.Structure]
    common = [Tile(*reversed(pair)) for pair in (operator.stride_dims, operator.padding[:2], operator.dilation_dims)]
    weights = node.input(1).dims
    if node.type == "Conv2D":
        function = "arm_convolve_wrapper_s8"
        arguments = [ConvParams(0, 0, *common), Dims(*x.dims), Dims(*weights), Dims(*y.dims)]
    else:
        function = "arm_depthwise_conv_wrapper_s8"
        params = DepthwiseParams(0, 0, operator.channel_multiplier, *common)
        arguments = [params, Dims(*x.dims), Dims(1, *weights), Dims(*y.dims)]
    return int(sizes[f"{function}_get_buffer_size{suffix}"](*map(ctypes.byref, arguments)))


@pytest.mark.parametrize("features", [DSP, PLAIN], ids=["dsp", "plain"])
def test_scratch_sizes_are_those_of_cmsis_nn(buffer_sizes: ctypes.CDLL, features: frozenset[str]) -> None:
    suffix = "_dsp" if "dsp" in features else ""
    sizes: dict[str, set[int]] = {}
    for seed in range(20):
        graph = random_model(seed).graph
        for index in range(len(graph.nodes)):
            node = export_node(graph, index)
            if node.type in ("Conv2D", "DepthwiseConv2D", "AveragePooling2D", "FullyConnected"):
                size = chosen(node, features).scratch_bytes(node)
                assert size == asked(buffer_sizes, node, suffix), (seed, node)
                sizes.setdefault(node.type, set()).add(size)
    assert {name for name, found in sizes.items() if len(found) > 10} == (
        {"Conv2D", "DepthwiseConv2D"} if suffix else {"Conv2D"}
    )


@pytest.mark.slow
@pytest.mark.parametrize("target", ["cortex-m4", "cortex-m0plus"])
def test_random_nodes_are_bit_exact(cmsis: Path, tmp_path: Path, target: str) -> None:
    """All paths, with and without DSP instructions; the kernels themselves compile under all warnings."""
    made = LinkedFirmware(tmp_path, target, libs=("cmsis_nn",), checkout=cmsis)
    for seed in range(3):
        model = random_model(seed)
        firmware = made.build(model)
        vectors = seeded_vectors(firmware.interface)
        verdict = verify(firmware, model, vectors, observe(firmware, vectors, layers=True), "")
        assert (verdict["exact"], verdict["layers"]) == (True, len(model.graph.nodes))


@pytest.mark.slow
def test_add_and_softmax_run_in_place(cmsis: Path, tmp_path: Path) -> None:
    """Sums over their left operand, then over their right one, and a softmax over its input."""
    made = RandomModel(1)
    quantization = QuantValues.of(0.1, 5)
    a, b = (made.input(1, 37, quantization=quantization) for _ in range(2))
    total = made.node(Add(), a, b, quantization=quantization)
    total = made.node(Add(), total, a, quantization=quantization)
    total = made.node(Add(), b, total, quantization=quantization)
    chance = made.node(Softmax(), total, quantization=QuantValues.of(1 / 256, -128))
    model = made.builder.build([chance])
    firmware = LinkedFirmware(tmp_path, "cortex-m4", libs=("cmsis_nn",), checkout=cmsis).build(model)
    assert [mem.relation.kind for mem in firmware.plan.tensors if mem.relation] == ["in_place"] * 3
    vectors = seeded_vectors(firmware.interface)
    assert verify(firmware, model, vectors, observe(firmware, vectors, layers=True), "")["exact"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, zig_cache: Path) -> Checkout:
    return new_checkout(tmp_path_factory.mktemp("cmsis") / "checkout", zig_cache)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["ad01_int8", "kws_ref_model"])
def test_build(project: Checkout, cmsis: Path, model: str) -> None:
    path = MODELS / f"{model}.tflite"
    if not path.is_file():
        pytest.skip("the MLPerf Tiny models are not beside this project")
    outcome = project.build(f"cmsis_nn={cmsis}", f"model={path}", f"vectors={path}.golden.npz", "verify")
    assert "bit-exact, rule tflite" in outcome.output and "golden outputs" in outcome.output
    folder = project.path(f"build/cortex-m7/{model}")
    lowered, plan = read_lowered(folder / "lowered.json"), read_plan(folder / "meminfo.json")
    libs = {node.type: choice.lib for node, choice in zip(lowered.graph.nodes, lowered.choices, strict=True)}
    assert set(libs.values()) <= {"cmsis_nn", "generic"}
    assert {name for name, lib in libs.items() if lib == "generic"} <= {"Reshape", "Relu"}
    wanted = {index: choice.scratch_bytes for index, choice in enumerate(lowered.choices) if choice.scratch_bytes}
    assert {mem.scratch_of: mem.size_bytes for mem in plan.tensors if mem.scratch_of is not None} == wanted
    assert bool(wanted) == (model == "kws_ref_model")
    board = load_board("", load_cpu("cortex-m7"))
    names = {symbol.name for symbol in read_image(folder / "firmware.elf", board.regions).symbols}
    assert "arm_fully_connected_wrapper_s8" in names
    assert not {name for name in names if "alloc" in name or name in ("free", "_sbrk")}


@pytest.mark.slow
def test_explain_an_onnx_model(project: Checkout, cmsis: Path) -> None:
    """The example's first convolution is not for CMSIS-NN, and its build has nothing of it."""
    outcome = project.build(f"cmsis_nn={cmsis}", "node=0", "explain")
    project.build(f"cmsis_nn={cmsis}", "library")
    why = "CMSIS-NN rounds twice; this model's rule is onnx"
    document = read_document(project.path("build/cortex-m7/mnist/explain.json"), "sconnx.explain/1")
    node = document["nodes"][0]
    assert node["taken"] == "arm_dsp.Conv2DPacked"
    assert node["candidates"][0] == {"implementation": "cmsis_nn.Conv2DWhole", "verdict": why}
    assert f" cmsis_nn.Conv2DWhole {why} " in " ".join(outcome.output.split())
    library = project.path("build/cortex-m7/mnist/libmnist.a").read_bytes()
    assert b"arm_convolve_s8" not in library


@pytest.mark.slow
def test_a_wrong_folder_is_one_line(project: Checkout, tmp_path: Path) -> None:
    outcome = project.scons(f"cmsis_nn={tmp_path}")
    assert outcome.status == 2
    assert len(outcome.output.splitlines()) == 1 and "error[E605]" in outcome.errors[0]
