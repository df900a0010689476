# SPDX-License-Identifier: Apache-2.0
"""Random small networks of float32: images, sequences with state, volumes and batches; everything is drawn from one seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from sconnx.emulate.vectors import Vector
from sconnx.graph.model import Model
from sconnx.graph.operator import (
    SVDF,
    Activation,
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    Conv1D,
    Conv2D,
    Conv3D,
    DepthwiseConv2D,
    FullyConnected,
    Hardmax,
    L2Normalization,
    LayerNormalization,
    LocalResponseNormalization,
    LogSoftmax,
    LpPooling2D,
    MatMul,
    MaxPooling2D,
    MaxPooling3D,
    Operator,
    Reshape,
    SequenceGRU,
    SequenceLSTM,
    SequenceRNN,
    Softmax,
    TransposedConv1D,
    TransposedConv2D,
)
from sconnx.graph.tensor import DType
from tests.mixed_graphs import Mixed

FLOAT = DType.FLOAT32


class FloatNetwork(Mixed):
    """Nodes whose weights are drawn when they are added."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = np.random.default_rng(seed)

    def integer(self, low: int, high: int) -> int:
        """From low to high, both included."""
        return int(self.random.integers(low, high + 1))

    def activation(self) -> Activation:
        return list(Activation)[self.integer(0, 3)]

    def dims(self, tensor: int) -> tuple[int, ...]:
        return self.builder.tensors[tensor].dims

    def constant(self, *dims: int, fan_in: int = 1) -> int:
        values = self.random.standard_normal(dims) / np.sqrt(fan_in)
        return self.builder.add_constant("w", values.astype(np.float32))

    def window(self, x: int, largest: int = 3) -> dict[str, Any]:
        """A kernel that fits a tensor, with less padding than it is large."""
        kernel = tuple(min(self.integer(1, largest), size) for size in self.dims(x)[1:-1])
        return {
            "kernel_dims": kernel,
            "stride_dims": tuple(self.integer(1, 2) for _ in kernel),
            "padding": tuple(self.integer(0, size - 1) for size in kernel * 2),
        }

    def convolution(self, x: int, groups: int = 1) -> int:
        rank, channels = len(self.dims(x)) - 2, self.dims(x)[-1] // groups
        window, out = self.window(x), groups * self.integer(1, 7)
        kind = {1: Conv1D, 2: Conv2D, 3: Conv3D}[rank]
        fan_in = channels * int(np.prod(window["kernel_dims"]))
        weights = self.constant(out, *window["kernel_dims"], channels, fan_in=fan_in)
        operator = kind(**window, groups=groups, activation=self.activation())
        return self.node(operator, x, weights, self.constant(out))

    def depthwise(self, x: int, multiplier: int) -> int:
        window, out = self.window(x), self.dims(x)[-1] * multiplier
        weights = self.constant(*window["kernel_dims"], out, fan_in=int(np.prod(window["kernel_dims"])))
        return self.node(DepthwiseConv2D(**window, channel_multiplier=multiplier), x, weights)

    def transposed(self, x: int) -> int:
        rank, channels, out = len(self.dims(x)) - 2, self.dims(x)[-1], self.integer(1, 6)
        kernel = tuple(self.integer(2, 3) for _ in range(rank))
        kind = {1: TransposedConv1D, 2: TransposedConv2D}[rank]
        operator = kind(kernel_dims=kernel, stride_dims=(2,) * rank, padding=(1,) * rank + (0,) * rank)
        return self.node(operator, x, self.constant(out, *kernel, channels, fan_in=channels), self.constant(out))

    def dense(self, x: int, out: int) -> int:
        features = self.dims(x)[-1]
        operator = FullyConnected(activation=self.activation())
        return self.node(operator, x, self.constant(out, features, fan_in=features), self.constant(out))

    def recurrent(self, operator: Operator, gates: int, x: int, units: int) -> tuple[int, ...]:
        """With states that go on from run to run."""
        _, batch, inputs = self.dims(x)
        weights = [self.constant(gates * units, size, fan_in=size) for size in (inputs, units)]
        count = 2 if isinstance(operator, SequenceLSTM) else 1
        states = [self.state(FLOAT, batch, units) for _ in range(count)]
        bias = self.constant(2 * gates * units, fan_in=4)
        y, *lasts = self.nodes(operator, x, *weights, bias, *states, outputs=1 + count)
        for state, last in zip(states, lasts, strict=True):
            self.builder.update_state(state, last)
        return y, *lasts


def image_network(seed: int) -> Model:
    """Two branches of row kernels that become vectors, and a transposed convolution."""
    made = FloatNetwork(seed)
    x = made.input(FLOAT, 1, made.integer(9, 14), made.integer(9, 14), made.integer(1, 5))
    stem = made.convolution(x)
    y = made.depthwise(stem, made.integer(1, 5))
    y = made.node(LocalResponseNormalization(before=1, after=2, alpha=0.2, beta=0.75, bias=1.0), y)
    y = made.convolution(y, groups=made.dims(y)[-1])
    y = made.node(MaxPooling2D(**made.window(y)), y)
    upsampled = made.transposed(made.node(L2Normalization(), y))
    y = made.node(AveragePooling2D(kernel_dims=made.dims(y)[1:3]), y)
    z = made.node(LpPooling2D(**made.window(stem), p=made.integer(1, 3)), stem)
    z = made.node(LayerNormalization(), z, made.constant(made.dims(z)[-1]), made.constant(made.dims(z)[-1]))
    z = made.node(MaxPooling2D(kernel_dims=made.dims(z)[1:3]), z)
    outputs = [upsampled]
    for branch, last in ((y, Softmax(beta=1.5)), (z, LogSoftmax())):
        flat = made.node(Reshape(dims=(1, made.dims(branch)[-1])), branch)
        outputs.append(made.node(last, made.dense(flat, made.integer(1, 9))))
    return made.builder.build(outputs)


def sequence_network(seed: int) -> Model:
    """Recurrent cells of each kind, a product of two computed matrices, and a filter over the runs."""
    made = FloatNetwork(seed)
    batch, units = made.integer(1, 2), made.integer(2, 7)
    x = made.input(FLOAT, made.integer(2, 5), batch, made.integer(1, 6))
    y, *_ = made.recurrent(SequenceLSTM(), 4, x, units)
    y, *_ = made.recurrent(SequenceGRU(linear_before_reset=bool(seed % 2), reverse=True), 3, y, units)
    y, last = made.recurrent(SequenceRNN(clip=1.5), 1, y, units)
    attention = made.node(Softmax(), made.node(MatMul(transpose_b=True), y, y))
    mixed = made.node(MatMul(), attention, y)
    projected = made.node(MatMul(), mixed, made.constant(units, made.integer(1, 6), fan_in=units))
    filters, memory = 2 * made.integer(1, 4), made.integer(1, 5)
    state = made.state(FLOAT, batch, filters * memory)
    features, time = made.constant(filters, units, fan_in=units), made.constant(filters, memory, fan_in=memory)
    filtered, following = made.nodes(SVDF(rank=2), last, features, time, made.constant(filters // 2), state, outputs=2)
    made.builder.update_state(state, following)
    return made.builder.build([projected, filtered, made.node(Hardmax(), made.dense(last, 4))])


def volume_network(seed: int) -> Model:
    """Three spatial dimensions, and batches of sequences and images."""
    made = FloatNetwork(seed)
    x = made.convolution(made.input(FLOAT, 2, 5, 6, 4, made.integer(1, 4)))
    y = made.node(MaxPooling3D(kernel_dims=(1, 2, 1), padding=(0, 1, 0, 0, 0, 0)), x)
    y = made.node(AveragePooling3D(**made.window(y, 2)), y)
    batch, depth, height, width, channels = made.dims(y)
    images = made.node(Reshape(dims=(batch * depth, height, width, channels)), y)
    z = made.depthwise(made.convolution(images), 2)
    lines = made.node(Reshape(dims=(made.dims(z)[0], made.dims(z)[1] * made.dims(z)[2], made.dims(z)[3])), z)
    z = made.transposed(made.convolution(lines))
    averages = made.node(AveragePooling1D(kernel_dims=(1,), stride_dims=(2,)), z)
    return made.builder.build([y, averages])


def random_vectors(model: Model, count: int, seed: int) -> list[Vector]:
    random = np.random.default_rng(seed)
    dims = [model.graph.tensors[index].dims for index in model.graph.inputs]
    return [Vector(tuple(random.standard_normal(own).astype(np.float32) for own in dims)) for _ in range(count)]
