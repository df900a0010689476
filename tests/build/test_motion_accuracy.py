# SPDX-License-Identifier: Apache-2.0
"""The motion example's firmware on the windows that are set aside: as often right as its README says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from sconnx.emulate.unicorn_machine import run_firmware
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from tests.build.scons_checkout import Checkout, clone

EXAMPLE = "examples/motion"
CPU = load_cpu("cortex-m7")

pytestmark = pytest.mark.slow


def test_accuracy_is_the_documented_one(built: Checkout, tmp_path: Path) -> None:
    checkout = clone(built, tmp_path / "checkout")
    checkout.build(f"model={EXAMPLE}/models/motion.onnx")
    with np.load(checkout.path(f"{EXAMPLE}/heldout.npz")) as arrays:
        windows, labels = arrays["windows"], arrays["labels"]
    elf = checkout.path("build/cortex-m7/motion/firmware.elf")
    result = run_firmware(elf, CPU, load_board("", CPU), windows.tobytes())
    assert result.exit_status == 0
    scores = np.frombuffer(result.stdout, np.int8).reshape(len(labels), -1)
    stated = re.search(
        r"\| int8, `motion.onnx` .*\| ([\d.]+) % \((\d+)\) \|$", checkout.path(f"{EXAMPLE}/README.md").read_text(), re.M
    )
    assert stated is not None
    right = int((scores.argmax(axis=1) == labels).sum())
    assert (right, f"{right / len(labels):.1%}") == (int(stated[2]), f"{stated[1]}%")
