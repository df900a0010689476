# SPDX-License-Identifier: Apache-2.0
"""MobileNetV2 as an int8 .tflite file with seeded weights.

    python -m tests.networks.mobilenet_v2 ALPHA RESOLUTION MODEL.tflite [GOLDEN.npz]

Source of the structure: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, table 2.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.networks.golden import write_golden
from tests.networks.network import Activation, Network

# Expansion factor, channels, repeats, stride of the first.
BLOCKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
_SEED = 20180113
_DIVISOR = 8


def scaled_channels(channels: float) -> int:
    """The multiple of 8 nearest to a scaled number of channels, at least 8, and no more than a tenth below it."""
    nearest = max(_DIVISOR, int(channels + _DIVISOR / 2) // _DIVISOR * _DIVISOR)
    return nearest + _DIVISOR if nearest < 0.9 * channels else nearest


def mobilenet_v2(alpha: float, resolution: int, classes: int = 1000, last: int = 1280) -> bytes:
    """A .tflite file: input [1, resolution, resolution, 3] and output [1, classes], both int8; no softmax.

    Args:
        alpha: multiplies the channels of all layers but the last convolution.
        last: channels of the last convolution.
    """
    network = Network(_SEED, (resolution, resolution, 3))
    x = network.convolution(network.input, scaled_channels(32 * alpha), 3, 2, name="stem")
    number = 0
    for expansion, channels, repeats, first_stride in BLOCKS:
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            x = _block(network, x, expansion, scaled_channels(channels * alpha), stride, f"block{number}")
            number += 1
    x = network.convolution(x, last, name="last")
    return network.pack(network.dense(network.plane_average(x, "mean"), classes, "logits"))


def _block(network: Network, x: Activation, expansion: int, channels: int, stride: int, name: str) -> Activation:
    """Expand, filter, project without an activation; add the input where the dims are equal."""
    wide = x if expansion == 1 else network.convolution(x, expansion * x.dims[3], name=f"{name}/expand")
    filtered = network.depthwise(wide, 3, stride, name=f"{name}/filter")
    narrow = network.convolution(filtered, channels, activation="none", name=f"{name}/project")
    return network.add(x, narrow, name=f"{name}/add") if narrow.dims == x.dims else narrow


def main(arguments: list[str]) -> None:
    if len(arguments) not in (3, 4):
        sys.exit("usage: python -m tests.networks.mobilenet_v2 ALPHA RESOLUTION MODEL.tflite [GOLDEN.npz]")
    model = Path(arguments[2])
    model.write_bytes(mobilenet_v2(float(arguments[0]), int(arguments[1])))
    if arguments[3:]:
        write_golden(model, Path(arguments[3]))


if __name__ == "__main__":
    main(sys.argv[1:])
