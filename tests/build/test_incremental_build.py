# SPDX-License-Identifier: Apache-2.0
"""What runs again after a change: exactly the steps whose inputs have other bytes."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import onnx
import pytest

from tests.build.edits import (
    CPUS,
    EDITS,
    JUDGED,
    KERNEL,
    KERNELS,
    OF_FIRMWARE,
    OF_MODEL,
    OF_WEIGHTS,
    Edit,
    retrained,
)
from tests.build.scons_checkout import ROOT, Checkout, clone

KWS = ROOT.parent / "shared/models/mlperf_tiny/kws_ref_model.tflite"
needs_gcc = pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="needs arm-none-eabi-gcc")


@pytest.fixture(scope="module")
def built_by_gcc(built: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """The checkout with the example as gcc makes it; not to be changed."""
    checkout = clone(built, tmp_path_factory.mktemp("gcc") / "checkout")
    checkout.build("toolchain=gcc")
    return checkout


@pytest.fixture
def gcc_checkout(built_by_gcc: Checkout, tmp_path: Path) -> Checkout:
    """A copy, to change at will."""
    return clone(built_by_gcc, tmp_path / "checkout")


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_edit(checkout: Checkout, edit: Edit) -> None:
    edit.apply(checkout)
    outcome = checkout.build(*edit.arguments)
    assert sorted(outcome.steps) == sorted(edit.steps)
    assert checkout.build(*edit.arguments).steps == []


@needs_gcc
def test_another_version_of_the_compiler(gcc_checkout: Checkout, tmp_path: Path) -> None:
    """It compiles all anew; as the objects come out as they were, nothing is collected again, but linked and told of."""
    folder = tmp_path / "bin"
    folder.mkdir()
    real = shutil.which("arm-none-eabi-gcc")
    script = f'#!/bin/sh\ncase "$*" in -dumpfullversion) echo 99.1.0 ;; *) exec "{real}" "$@" ;; esac\n'
    (folder / "arm-none-eabi-gcc").write_text(script)
    (folder / "arm-none-eabi-gcc").chmod(0o755)
    with_new = {"PATH": f"{folder}:{os.environ['PATH']}"}
    outcome = gcc_checkout.scons("toolchain=gcc", environment=with_new)
    assert outcome.status == 0, outcome.output
    assert sorted(outcome.steps) == sorted([*KERNELS, *OF_MODEL, *OF_FIRMWARE, "LINK mnist/firmware.elf", *JUDGED])
    assert "(gcc 99.1.0, " in outcome.output
    assert gcc_checkout.scons("toolchain=gcc", environment=with_new).steps == []


@needs_gcc
def test_a_checkout_that_is_renamed_is_up_to_date(gcc_checkout: Checkout) -> None:
    moved = Checkout(gcc_checkout.root.rename(gcc_checkout.root.with_name("änother näme")))
    assert moved.build("toolchain=gcc").steps == []
    retrained(moved)
    assert sorted(moved.build("toolchain=gcc").steps) == sorted(OF_WEIGHTS)


@needs_gcc
@pytest.mark.skipif(not KWS.is_file(), reason="needs ../shared/models")
def test_one_weight_of_kws(gcc_checkout: Checkout, tmp_path: Path) -> None:
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated")
    flatbuffers = pytest.importorskip("flatbuffers")
    path = tmp_path / "kws.tflite"
    path.write_bytes(KWS.read_bytes())
    arguments = (f"model={path}", "toolchain=gcc")
    gcc_checkout.build(*arguments)
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    graph = model.subgraphs[0]
    convolution = next(each for each in graph.operators if len(each.inputs) == 3)
    weights = model.buffers[graph.tensors[convolution.inputs[1]].buffer]
    weights.data = [weights.data[0] ^ 1, *weights.data[1:]]
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    assert sorted(gcc_checkout.build(*arguments).steps) == sorted(step.replace("mnist", "kws") for step in OF_WEIGHTS)


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
    assert re.search(r"\n  Stack +2,048  reserved", outcome.output)


def test_damaged_cpus_are_one_error(checkout: Checkout) -> None:
    before = checkout.built()
    checkout.append(CPUS, "[cpus.cortex-m7\n")
    outcome = checkout.scons()
    assert outcome.status == 2
    assert outcome.output.splitlines() == outcome.errors
    assert outcome.errors[0].startswith("cpus.toml: error[E702]: the file is not valid TOML: ")
    assert checkout.built() == before
