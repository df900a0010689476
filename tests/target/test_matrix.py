# SPDX-License-Identifier: Apache-2.0
"""Compilers by CPUs: a model with convolution, pooling, addition, and softmax, every layer held against the reference."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sconnx.target.cpu import load_cpu
from tests.emulate.firmware_build import CORTEX_M
from tests.tiny_pipeline import build_pipeline

BUILDS = [
    *(("clang", cpu) for cpu in CORTEX_M),
    *(("gcc", cpu) for cpu in CORTEX_M[0::2]),
    *(("zig", cpu) for cpu in CORTEX_M[1::2]),
]
"""Every CPU by two compilers; whole reference models by all of them."""


@pytest.mark.parametrize(("toolchain", "cpu"), BUILDS)
def test_every_layer_is_exact(tmp_path: Path, toolchain: str, cpu: str) -> None:
    if not load_cpu(cpu).unicorn_model and shutil.which("qemu-system-arm") is None:
        pytest.skip("qemu-system-arm is not installed")
    (content,) = build_pipeline(tmp_path, toolchain, cpu).run("verify")
    verdict = json.loads(content)
    assert (verdict["exact"], verdict["vectors"]) == (True, 3)
    assert verdict["layers"] >= 5
