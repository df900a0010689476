# SPDX-License-Identifier: Apache-2.0
"""Small int8 networks whose tensors live for different times: residuals, branches, chains of depthwise pairs.

python -m tests.networks.branches NAME MODEL.tflite [GOLDEN.npz]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tests.networks.golden import write_golden
from tests.networks.network import Activation, Network

_CLASSES = 10


def residual_net() -> bytes:
    """A ResNet of 24x24x3: two blocks with an identity, and one of stride 2 with a projection beside it."""
    network = Network(1, (24, 24, 3))
    x = network.convolution(network.input, 8, 3, activation="relu", name="stem")
    x = _residual(network, x, "first")
    x = _residual(network, x, "second")
    y = network.convolution(x, 16, 3, 2, activation="relu", name="third/a")
    y = network.convolution(y, 16, 3, activation="none", name="third/b")
    shortcut = network.convolution(x, 16, 1, 2, activation="none", name="third/shortcut")
    return _classify(network, network.add(y, shortcut, activation="relu", name="third/add"))


def two_branch_net() -> bytes:
    """24x24x4 with three modules of two branches each, which rejoin in an ADD of equal dims.

    One branch is a single convolution and the other is three layers deep; then max pooling beside average pooling,
    each before convolutions; then both poolings with stride 2 and nothing else.
    """
    network = Network(2, (24, 24, 4))
    x = network.convolution(network.input, 8, 3, name="stem")
    shallow = network.convolution(x, 12, name="deep/shallow")
    y = network.convolution(x, 16, name="deep/a")
    y = network.depthwise(y, name="deep/b")
    y = network.convolution(y, 12, 3, activation="none", name="deep/c")
    x = network.add(shallow, y, name="deep/add")
    strong = network.convolution(network.max_pool(x, 3, 1, "pools/max"), 12, activation="none", name="pools/a")
    mean = network.convolution(network.average_pool(x, 3, 1, "pools/average"), 8, name="pools/b")
    mean = network.convolution(mean, 12, 3, name="pools/c")
    x = network.add(strong, mean, activation="relu", name="pools/add")
    halves = network.max_pool(x, 2, 2, "halves/max"), network.average_pool(x, 3, 2, "halves/average")
    x = network.add(*halves, name="halves/add")
    return _classify(network, network.convolution(x, 16, name="top"))


def depthwise_pairs() -> bytes:
    """A chain of 16x16x4: depthwise filters of 3x3 and 5x5, each followed by a pointwise convolution."""
    network = Network(3, (16, 16, 4))
    x = network.input
    for number, (kernel, stride, channels) in enumerate(((3, 1, 8), (3, 2, 16), (5, 1, 16), (3, 1, 12), (5, 2, 16))):
        x = network.depthwise(x, kernel, stride, activation="relu", name=f"pair{number}/filter")
        x = network.convolution(x, channels, activation="relu", name=f"pair{number}/mix")
    return _classify(network, x)


def inception_net() -> bytes:
    """24x24x4 with two modules whose branches, two poolings and the identity, rejoin side by side."""
    network = Network(4, (24, 24, 4))
    x = network.convolution(network.input, 8, 3, activation="relu", name="stem")
    for name, channels in (("first", 12), ("second", 10)):
        strong = network.max_pool(x, 3, 1, f"{name}/max")
        mean = network.average_pool(network.max_pool(x, 3, 1, f"{name}/before"), 3, 1, f"{name}/average")
        joined = network.concat(x, strong, mean, name=f"{name}/concat")
        x = network.convolution(joined, channels, activation="relu", name=f"{name}/mix")
    return _classify(network, network.convolution(x, 16, 3, 2, name="top"))


NETWORKS: dict[str, Callable[[], bytes]] = {
    function.__name__: function for function in (residual_net, two_branch_net, depthwise_pairs, inception_net)
}


def _residual(network: Network, x: Activation, name: str) -> Activation:
    """Two 3x3 convolutions beside the identity."""
    y = network.convolution(x, x.dims[3], 3, activation="relu", name=f"{name}/a")
    y = network.convolution(y, x.dims[3], 3, activation="none", name=f"{name}/b")
    return network.add(x, y, activation="relu", name=f"{name}/add")


def _classify(network: Network, x: Activation) -> bytes:
    return network.pack(network.dense(network.plane_average(x, "mean"), _CLASSES, "logits"))


def main(arguments: list[str]) -> None:
    if len(arguments) not in (2, 3) or arguments[0] not in NETWORKS:
        sys.exit(f"usage: python -m tests.networks.branches {'|'.join(NETWORKS)} MODEL.tflite [GOLDEN.npz]")
    model = Path(arguments[1])
    model.write_bytes(NETWORKS[arguments[0]]())
    if arguments[2:]:
        write_golden(model, Path(arguments[2]))


if __name__ == "__main__":
    main(sys.argv[1:])
