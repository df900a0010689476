# SPDX-License-Identifier: Apache-2.0
"""The depthwise convolutions of lib `arm_dsp` on emulated cores, where their assembly runs, bit for bit."""

from __future__ import annotations

from pathlib import Path

import pytest

from sconnx.emulate.firmware import observe
from sconnx.emulate.vectors import seeded_vectors
from sconnx.errors import SconnxError
from sconnx.graph.model import Model, QuantValues
from sconnx.graph.operator import Activation, DepthwiseConv2D
from sconnx.reference.rule import Rule
from sconnx.report.compare import verify
from tests.export.random_firmware import LinkedFirmware, RandomModel


class RandomDepthwise(RandomModel):
    """Depthwise convolutions of all forms of requantisation, at sizes that fill blocks, and some, and groups of channels."""

    def depthwise(self, kernel: tuple[int, int], most_width: int, multiplier: int = 1, most_dilation: int = 1) -> None:
        channels, width = self.integer(1, 13), self.integer(kernel[1] * most_dilation, most_width)
        x = self.input(1, kernel[0] + self.integer(0, 3), width, channels, quantization=self.quantization())
        operator = DepthwiseConv2D(
            kernel_dims=kernel,
            stride_dims=(self.integer(1, 2), self.integer(1, 2)),
            dilation_dims=(1, self.integer(1, most_dilation)),
            padding=tuple(self.integer(0, min(size - 1, 2)) for size in kernel * 2),  # type: ignore[arg-type]
            channel_multiplier=multiplier,
            activation=self.activation() if self.integer(0, 1) else Activation.NONE,
        )
        weights = self.weights(*kernel, channels * multiplier, axis=2)
        zero_point = -128 if self.integer(0, 2) == 0 else self.integer(-128, 127)
        quantization = QuantValues.of(0.05 * 2.0 ** -self.integer(0, 5), zero_point)
        self.node(operator, x, weights, self.bias(channels * multiplier), quantization=quantization)


def random_depthwise(seed: int, rule: Rule) -> Model:
    made = RandomDepthwise(seed, rule)
    for most_width in (36, 36, 5):
        for _ in range(10):
            made.depthwise((3, 3), most_width)
    for _ in range(12):
        kernel = (made.integer(1, 6), made.integer(1, 6))
        made.depthwise(kernel, 30, multiplier=made.integer(1, 4) ** made.integer(0, 1), most_dilation=3)
    return made.build()


@pytest.mark.slow
@pytest.mark.parametrize(("target", "toolchain"), [("cortex-m4", "gcc"), ("cortex-m33", "zig"), ("cortex-m7", "gcc")])
def test_random_depthwise_convolutions(tmp_path: Path, target: str, toolchain: str) -> None:
    try:
        made = LinkedFirmware(tmp_path, target, toolchain, libs=("arm_dsp", "generic"))
    except SconnxError as error:
        pytest.skip(str(error))
    for rule in Rule:
        model = random_depthwise(3, rule)
        firmware = made.build(model)
        vectors = seeded_vectors(firmware.interface)
        verdict = verify(firmware, model, vectors, observe(firmware, vectors, layers=True), "")
        assert (verdict["exact"], verdict["layers"]) == (True, len(model.graph.nodes))
        kernels = {choice.kernel for choice in firmware.lowered.choices}
        assert kernels == {f"sx_depthwise_conv2d_{window}s8_dsp_{rule.value}" for window in ("", "3x3_")}
