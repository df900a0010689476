# SPDX-License-Identifier: Apache-2.0
"""Our libs on emulated cores: random nodes of every operator, bit for bit, where the assembly really runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sconnx.emulate.firmware import observe
from sconnx.emulate.vectors import seeded_vectors
from sconnx.errors import SconnxError
from sconnx.graph.model import Model
from sconnx.graph.operator import AveragePooling2D, MaxPooling2D, Mul, Sub
from sconnx.reference.rule import Rule
from sconnx.report.compare import verify
from tests.export.random_firmware import LinkedFirmware, random_nodes

LIBS = {
    "cortex-m0plus": ("generic",),
    "cortex-m7": ("arm_dsp", "generic"),
    "cortex-m33": ("arm_dsp", "generic"),
    "cortex-m55": ("arm_mve", "generic"),
}
TWO_RULES = ("add", "sub", "conv2d", "fully_connected", "average_pooling2d", "average_pooling2d_fold")
OF_MVE = ("conv2d_s8_mve", "pointwise_s8_mve", "depthwise_conv2d_s8_mve", "add_s8_mve", "average_pooling2d_s8_mve")


def our_nodes(seed: int, rule: Rule) -> Model:
    """With what CMSIS-NN has no function for."""
    made = random_nodes(seed, rule)
    made.conv2d(zero_point=7)
    for _ in range(3):
        made.binary(Sub)
        made.binary(Mul)
        for kind in (AveragePooling2D, MaxPooling2D):
            height = made.integer(6, 9)
            made.pooling(kind, height=height, kernel_dims=(height, made.integer(1, 6)), padding=(0, 0, 0, 0))
    return made.build()


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
        model = our_nodes(seed, rule)
        firmware = made.build(model)
        kernels.update(choice.kernel for choice in firmware.lowered.choices)
        vectors = seeded_vectors(firmware.interface)
        verdict = verify(firmware, model, vectors, observe(firmware, vectors, layers=True), "")
        assert (verdict["exact"], verdict["layers"]) == (True, len(model.graph.nodes))
    lib = LIBS[target][0]
    variant = "_dsp" if lib == "arm_dsp" else ""
    names = {f"{name}_s8{variant}" for name in TWO_RULES} if lib != "arm_mve" else set(OF_MVE)
    names |= {f"{name}_packed_s8" for name in ("conv2d", "fully_connected") if lib == "arm_dsp"}
    wanted = {f"sx_{name}_{rule}" for name in names for rule in Rule}
    if lib != "arm_mve":
        wanted |= {f"sx_{name}_s8{variant}_exact" for name in ("max_pooling2d", "max_pooling2d_fold")}
        wanted |= {f"sx_mul_s8{variant}_tflite", "sx_mul_s8_onnx"}
    assert wanted <= kernels
