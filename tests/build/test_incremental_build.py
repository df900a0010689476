# SPDX-License-Identifier: Apache-2.0
"""What runs again after a change: exactly the steps whose inputs have other bytes."""

from __future__ import annotations

import os
import re

import onnx
import pytest

from tests.build.edits import CPUS, EDITS, KERNEL, Edit
from tests.build.scons_checkout import Checkout


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_edit(checkout: Checkout, edit: Edit) -> None:
    edit.apply(checkout)
    outcome = checkout.build(*edit.arguments)
    assert sorted(outcome.steps) == sorted(edit.steps)
    assert checkout.build(*edit.arguments).steps == []


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
