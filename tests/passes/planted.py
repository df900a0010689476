# SPDX-License-Identifier: Apache-2.0
"""Random networks in which dead channels are planted, and inputs that reach far."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import (
    Activation,
    Add,
    AveragePooling2D,
    Concat,
    Conv2D,
    DepthwiseConv2D,
    FullyConnected,
    MaxPooling2D,
    Mul,
    Operator,
    Relu,
    Reshape,
    Split,
    Sub,
)
from sconnx.graph.tensor import DType
from sconnx.reference.rule import Rule

BLOCKS = ("conv", "depthwise", "add", "sub", "mul", "concat", "split", "max", "average", "relu")
Channels = tuple[int, ...]


class Planted:
    """A network in the making; at least `planted` channels of its layers with weights are dead."""

    def __init__(self, rule: Rule, seed: int, dims: tuple[int, ...]) -> None:
        self.random = np.random.default_rng(seed)
        self.builder = ModelBuilder("planted", rule)
        self.quant = QuantValues.of(0.05, int(self.random.integers(-128, 100)))
        self.last = self.builder.add_input("x", DType.INT8, dims, self.quant)
        self.planted = 0

    def build(self) -> Model:
        return self.builder.build([self.last])

    def dims(self, tensor: int) -> tuple[int, ...]:
        return self.builder.tensors[tensor].dims

    def node(self, operator: Operator, *inputs: int) -> int:
        return self.nodes(operator, 1, *inputs)[0]

    def nodes(self, operator: Operator, outputs: int, *inputs: int) -> tuple[int, ...]:
        count = len(self.builder.nodes)
        names = [f"t{count}_{output}" for output in range(outputs)]
        return self.builder.add_node_of_many(
            operator, inputs, name=f"n{count}", source_index=count, output_names=names, quantization=self.quant
        )

    def _constants(
        self, weights: NDArray[np.int8], channel_axis: int, dead: Channels, has_scale_each: bool = True
    ) -> tuple[int, int]:
        """Weights and a bias, which keeps the channels in `dead` far below 0."""
        outputs = weights.shape[channel_axis]
        fan_in = weights.size // outputs
        scale = 0.01 / np.sqrt(fan_in) * self.random.uniform(0.5, 2, outputs if has_scale_each else 1)
        bias = self.random.integers(-3000, 3000, outputs).astype(np.int32)
        bias[list(dead)] = -(10**7)
        quant = QuantValues.of(scale, 0, channel_axis)
        unit = QuantValues.of(0.05 * scale, 0, 0)
        return self.builder.add_constant("w", weights, quant), self.builder.add_constant("b", bias, unit)

    def _integers(self, *dims: int) -> NDArray[np.int8]:
        return self.random.integers(-127, 128, dims).astype(np.int8)

    def conv(self, outputs: int, kernel: int, unread: Channels, dead: Channels, x: int | None = None) -> int:
        """A convolution that keeps height and width, with Relu; of its input it does not read the channels in `unread`."""
        x = self.last if x is None else x
        weights = self._integers(outputs, kernel, kernel, self.dims(x)[-1])
        weights[..., list(unread)] = 0
        operator = Conv2D(kernel_dims=(kernel, kernel), padding=(kernel // 2,) * 4, activation=Activation.RELU)
        self.planted += len(dead)
        return self.node(operator, x, *self._constants(weights, 0, dead))

    def depthwise(self, x: int, multiplier: int, dead: Channels) -> int:
        weights = self._integers(3, 3, self.dims(x)[-1] * multiplier)
        operator = DepthwiseConv2D(
            kernel_dims=(3, 3), padding=(1, 1, 1, 1), channel_multiplier=multiplier, activation=Activation.RELU
        )
        copies = tuple(channel * multiplier + m for channel in dead for m in range(multiplier))
        self.planted += len(copies)
        return self.node(operator, x, *self._constants(weights, 2, copies))

    def dense(
        self, outputs: int, dead: Channels, has_scale_each: bool, activation: Activation = Activation.RELU
    ) -> int:
        weights = self._integers(outputs, self.dims(self.last)[-1])
        self.planted += len(dead)
        constants = self._constants(weights, 0, dead, has_scale_each)
        return self.node(FullyConnected(activation=activation), self.last, *constants)


@st.composite
def planted(draw: st.DrawFn) -> Planted:
    """A network by either rule, ready to be built."""
    dims = (1, draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 5)))
    net = Planted(draw(st.sampled_from(Rule)), draw(st.integers(0, 2**16)), dims)
    for block in draw(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=4)):
        _block(draw, net, block)
    flat = int(np.prod(net.dims(net.last)))
    net.last = net.node(Reshape(dims=(1, flat)), net.last)
    net.last = net.dense(5, draw(_some(5, 3)), draw(st.booleans()))
    net.last = net.dense(4, (), draw(st.booleans()), Activation.NONE)
    return net


def _some(count: int, most: int) -> st.SearchStrategy[Channels]:
    """Some of so many channels."""
    return st.lists(st.integers(0, count - 1), max_size=max(most, 0), unique=True).map(tuple)


def _block(draw: st.DrawFn, net: Planted, block: str) -> None:
    """One or two convolutions of the last tensor, then what brings their channels to the next block."""
    channels = draw(st.integers(2, 6))
    dead = draw(_some(channels, channels - 1))
    if block == "split":  # no tensor is without channels: one stays in each part
        dead = tuple(channel for channel in dead if 0 < channel < channels - 1)
    kernel = draw(st.sampled_from((1, 3)))
    # A channel of the last tensor may be dead already, and the input's channels have to stay.
    unread = draw(_some(net.dims(net.last)[-1], 2))
    source = net.last
    x = net.conv(channels, kernel, unread, dead, source)
    if block == "depthwise":
        x = net.depthwise(x, draw(st.integers(1, 2)), dead)
    elif block in ("add", "sub", "mul"):
        operator = {"add": Add(), "sub": Sub(), "mul": Mul()}[block]
        x = net.node(operator, x, net.conv(channels, 1, unread, dead, source))
    elif block == "concat":
        others = draw(st.integers(2, 4))
        x = net.node(Concat(axis=3), x, net.conv(others, 1, unread, draw(_some(others, others - 1)), source))
    elif block == "split":
        first = draw(st.integers(1, channels - 1))
        parts = net.nodes(Split(axis=3, sizes=(first, channels - first)), 2, x)
        x = net.node(Concat(axis=3), *reversed(parts))
    elif block == "max":
        x = net.node(MaxPooling2D(kernel_dims=(2, 2), padding=(1, 1, 0, 0)), x)
    elif block == "average":
        x = net.node(AveragePooling2D(kernel_dims=(2, 2), padding=(0, 0, 1, 1)), x)
    elif block == "relu":
        x = net.node(Relu(), x)
    net.last = x


def inputs_of(model: Model, seed: int = 0) -> Iterator[list[NDArray[np.generic]]]:
    """Extremes, halves of extremes, noise."""
    random = np.random.default_rng(seed)
    dims = [model.graph.tensors[index].dims for index in model.graph.inputs]
    yield [np.full(each, -128, np.int8) for each in dims]
    yield [np.full(each, 127, np.int8) for each in dims]
    yield [np.where(random.random(each) < 0.5, -128, 127).astype(np.int8) for each in dims]
    for _ in range(3):
        yield [random.integers(-128, 128, each).astype(np.int8) for each in dims]
