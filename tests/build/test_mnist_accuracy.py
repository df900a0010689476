# SPDX-License-Identifier: Apache-2.0
"""The example's firmware on held-out images: ONNX Runtime's answers, image by image, and QEMU's."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sconnx.codegen.interface import read_interface
from sconnx.emulate.qemu_machine import run_qemu
from sconnx.emulate.unicorn_machine import run_firmware
from sconnx.emulate.vectors import to_source
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from tests.build.scons_checkout import Checkout

HERE = Path(__file__).parent
EXAMPLE = "examples/mnist"
ELF = "build/cortex-m7/mnist/firmware.elf"
CPU = load_cpu("cortex-m7")
BOARD = load_board("", CPU)
QEMU_IMAGES = 100

Array = NDArray[np.generic]


@pytest.fixture(scope="module")
def heldout(built: Checkout) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """400 images and their labels."""
    with np.load(built.path(f"{EXAMPLE}/heldout.npz")) as arrays:
        return arrays["images"], arrays["labels"]


def pixels(images: NDArray[np.uint8]) -> bytes:
    """What the firmware reads: the pixels less 128, as the example's README says."""
    return (images.astype(np.int16) - 128).astype(np.int8).tobytes()


@pytest.fixture(scope="module")
def firmware_logits(built: Checkout, heldout: tuple[NDArray[np.uint8], Array]) -> NDArray[np.int8]:
    """int8 [400, 10] of the emulated firmware."""
    result = run_firmware(built.path(ELF), CPU, BOARD, pixels(heldout[0]))
    assert result.exit_status == 0
    return np.frombuffer(result.stdout, np.int8).reshape(-1, 10)


def test_firmware_equals_onnxruntime(
    built: Checkout, firmware_logits: NDArray[np.int8], heldout: tuple[Array, NDArray[np.uint8]], tmp_path: Path
) -> None:
    if importlib.util.find_spec("onnxruntime") is None:
        pytest.skip("needs onnxruntime")
    files = [built.path(f"{EXAMPLE}/mnist.onnx"), built.path(f"{EXAMPLE}/heldout.npz"), tmp_path / "logits.npy"]
    command = [sys.executable, str(HERE / "run_mnist_onnxruntime.py"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    expected = np.load(files[-1])
    port = read_interface(built.path("build/cortex-m7/mnist/interface.json")).outputs[0]
    have = np.stack([to_source(port, row[None], expected.dtype)[0] for row in firmware_logits])
    assert len(heldout[1]) >= 100
    assert np.array_equal(have.argmax(axis=1), expected.argmax(axis=1)), "other predictions"
    wrong = np.argwhere(have != expected)
    assert wrong.size == 0, f"{len(wrong)} logits differ, first at {wrong[0]}"


def test_accuracy_is_the_documented_one(
    built: Checkout, firmware_logits: NDArray[np.int8], heldout: tuple[Array, NDArray[np.uint8]]
) -> None:
    readme = built.path(f"{EXAMPLE}/README.md").read_text()
    stated = re.search(r"^\| int8, `mnist.onnx` .*\| ([\d.]+) % \((\d+)\) \|$", readme, re.MULTILINE)
    assert stated is not None
    right = int((firmware_logits.argmax(axis=1) == heldout[1]).sum())
    assert right == int(stated[2])
    assert f"{100 * right / len(heldout[1]):.1f}" == stated[1]


def test_qemu_gives_the_same_logits(
    built: Checkout, firmware_logits: NDArray[np.int8], heldout: tuple[NDArray[np.uint8], Array]
) -> None:
    if shutil.which("qemu-system-arm") is None:
        pytest.skip("needs qemu-system-arm")
    result = run_qemu(built.path(ELF), BOARD, pixels(heldout[0][:QEMU_IMAGES]))
    assert result.exit_status == 0
    assert result.stdout == firmware_logits[:QEMU_IMAGES].tobytes()
