# SPDX-License-Identifier: Apache-2.0
"""Our libs on emulated cores: random nodes of every operator, bit for bit, where the assembly really runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sconnx.emulate.firmware import observe
from sconnx.emulate.vectors import seeded_vectors
from sconnx.errors import SconnxError
from sconnx.reference.rule import Rule
from sconnx.report.compare import verify
from tests.export.random_firmware import LinkedFirmware, random_model

LIBS = {"cortex-m0plus": ("generic",), "cortex-m7": ("arm_dsp", "generic"), "cortex-m33": ("arm_dsp", "generic")}


@pytest.mark.slow
@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
@pytest.mark.parametrize("target", LIBS)
def test_random_nodes_are_bit_exact(tmp_path: Path, target: str, toolchain: str) -> None:
    try:
        made = LinkedFirmware(tmp_path, target, toolchain, libs=LIBS[target])
    except SconnxError as error:
        pytest.skip(str(error))
    kernels: set[str] = set()
    for seed, rule in ((0, Rule.TFLITE), (1, Rule.ONNX), (2, Rule.TFLITE)):
        model = random_model(seed, rule, asymmetric=True)
        firmware = made.build(model)
        kernels.update(choice.kernel for choice in firmware.lowered.choices)
        vectors = seeded_vectors(firmware.interface)
        verdict = verify(firmware, model, vectors, observe(firmware, vectors, layers=True), "")
        assert (verdict["exact"], verdict["layers"]) == (True, len(model.graph.nodes))
    variants = ("_packed_s8", "_s8_dsp") if "arm_dsp" in LIBS[target] else ("_s8",)
    names = {f"{name}{variant}" for name in ("conv2d", "fully_connected") for variant in variants} | {f"add{variants[-1]}"}
    assert {f"sx_{name}_{rule}" for name in names for rule in Rule} <= kernels
