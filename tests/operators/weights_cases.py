# SPDX-License-Identifier: Apache-2.0
"""Cases of convolutions, products of matrices and pooling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.operators.case import Case, Operand, codes, computed, constant, given, scale, zero_point

Generator = np.random.Generator
Pair = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """Geometry of a convolution or pooling, heights first."""

    size: Pair
    kernel: Pair
    stride: Pair
    dilation: Pair
    same: bool

    @property
    def output(self) -> Pair:
        """TensorFlow's rule: SAME gives ceil(size / stride), VALID only windows within the image."""
        if self.same:
            return -(-self.size[0] // self.stride[0]), -(-self.size[1] // self.stride[1])
        reach = [(self.kernel[i] - 1) * self.dilation[i] + 1 for i in (0, 1)]
        rows, columns = ((self.size[i] - reach[i]) // self.stride[i] + 1 for i in (0, 1))
        return rows, columns

    @property
    def fields(self) -> dict[str, int]:
        return {"strideH": self.stride[0], "strideW": self.stride[1], "padding": 0 if self.same else 1}

    @property
    def dilations(self) -> dict[str, int]:
        return {"dilationHFactor": self.dilation[0], "dilationWFactor": self.dilation[1]}


def _pair(rng: Generator, low: int, high: int) -> Pair:
    return int(rng.integers(low, high)), int(rng.integers(low, high))


def window(rng: Generator, dilated: bool) -> Window:
    kernel = _pair(rng, 1, 5)
    dilation = _pair(rng, 1, 4) if dilated else (1, 1)
    more = _pair(rng, 0, 10)
    size = (kernel[0] - 1) * dilation[0] + 1 + more[0], (kernel[1] - 1) * dilation[1] + 1 + more[1]
    return Window(size, kernel, _pair(rng, 1, 4), dilation, bool(rng.integers(2)))


def _output_scale(rng: Generator, product: float, fan_in: int, dtype: str) -> float:
    """A scale that spreads the outputs of random codes over the range, or saturates, or leaves them near zero."""
    width = 74.0 if dtype == "int8" else 18900.0
    deviation = product * width * 74.0 * np.sqrt(fan_in)
    return float(np.float32(deviation / width * 74 / rng.choice([2.0, 100000.0] + [30.0, 60.0, 60.0, 100.0] * 4)))


def _weights_and_bias(
    rng: Generator, dims: tuple[int, ...], axis: int, per_channel: bool, s_in: float, extreme: bool, dtype: str
) -> tuple[Operand, Operand]:
    channels = dims[axis]
    middle = scale(rng, 0.002, 0.02)
    scales = tuple(scale(rng, middle / 3, middle * 3) for _ in range(channels if per_channel else 1))
    values = np.maximum(codes(rng, dims, "int8", extreme), -127).astype(np.int8)
    limit = int(rng.choice([1 << 24] + [10, 10000, 10000] * 4))
    bias = rng.integers(-limit, limit, channels).astype(np.int64 if dtype == "int16" else np.int32)
    bias_scales = tuple(float(np.float32(s_in) * np.float32(s)) for s in scales)
    return constant(values, scales, axis=axis), constant(bias, bias_scales)


def convolution(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """CONV_2D (grouped, too, and without bias) or DEPTHWISE_CONV_2D, of which tflite-micro dies without one."""
    depthwise = operator == "DEPTHWISE_CONV_2D"
    for index in range(48):
        geometry = window(rng, dilated=index % 3 == 0)
        extreme, multiplier = index % 8 == 0, 1 + index % 2
        groups = 1 if depthwise or index % 5 else 2
        channels = int(rng.integers(1, 10)) * groups
        outputs = channels * multiplier if depthwise else int(rng.integers(1, 10)) * groups
        dims = (1, *geometry.kernel, outputs) if depthwise else (outputs, *geometry.kernel, channels // groups)
        s_in = scale(rng, 0.005, 0.1)
        per_channel = index % 4 != 0 or dtype == "int16"
        weights, bias = _weights_and_bias(rng, dims, 3 if depthwise else 0, per_channel, s_in, extreme, dtype)
        fan_in = geometry.kernel[0] * geometry.kernel[1] * (1 if depthwise else channels)
        s_out = _output_scale(rng, s_in * float(np.median(weights.scale)), fan_in, dtype)
        fields = {**geometry.fields, **geometry.dilations, "fusedActivationFunction": index % 4}
        x = codes(rng, (1 + index % 2, *geometry.size, channels), dtype, extreme)
        yield Case(
            operator,
            (given(x, s_in, zero_point(rng, dtype)), weights, bias if index % 7 or depthwise else None),
            (computed((x.shape[0], *geometry.output, outputs), s_out, zero_point(rng, dtype), dtype),),
            "DepthwiseConv2DOptions" if depthwise else "Conv2DOptions",
            fields | ({"depthMultiplier": multiplier} if depthwise else {}),
        )


def transposed_convolution(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(30):
        kernel, stride, size = _pair(rng, 1, 5), _pair(rng, 1, 4), _pair(rng, 1, 7)
        same, channels, outputs = bool(index % 2), int(rng.integers(1, 9)), int(rng.integers(1, 9))
        shape = tuple(
            size[i] * stride[i] if same else (size[i] - 1) * stride[i] + max(kernel[i], stride[i]) for i in (0, 1)
        )
        s_in = scale(rng, 0.005, 0.1)
        weights, bias = _weights_and_bias(rng, (outputs, *kernel, channels), 0, True, s_in, index % 8 == 0, dtype)
        fan_in = max(kernel[0] * kernel[1] * channels // (stride[0] * stride[1]), 1)
        s_out = _output_scale(rng, s_in * float(np.median(weights.scale)), fan_in, dtype)
        x = codes(rng, (1, *size, channels), dtype, index % 8 == 0)
        dims = (1, *shape, outputs)
        inputs = (constant(np.array(dims, np.int32)), weights, given(x, s_in, zero_point(rng, dtype)))
        yield Case(
            operator,
            (*inputs, bias) if index % 3 else inputs,
            (computed(dims, s_out, zero_point(rng, dtype), dtype),),
            "TransposeConvOptions",
            {"strideH": stride[0], "strideW": stride[1], "padding": 0 if same else 1},
        )


def fully_connected(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(48):
        rows, depth, outputs = int(rng.integers(1, 9)), int(rng.integers(1, 257)), int(rng.integers(1, 33))
        s_in, extreme = scale(rng, 0.005, 0.1), index % 5 == 0
        per_channel = index % 2 == 0
        weights, bias = _weights_and_bias(rng, (outputs, depth), 0, per_channel, s_in, extreme, dtype)
        s_out = _output_scale(rng, s_in * float(np.median(weights.scale)), depth, dtype)
        x = codes(rng, (rows, depth), dtype, extreme)
        yield Case(
            operator,
            (given(x, s_in, zero_point(rng, dtype)), weights, bias if index % 7 else None),
            (computed((rows, outputs), s_out, zero_point(rng, dtype), dtype),),
            "FullyConnectedOptions",
            {"fusedActivationFunction": index % 4},
        )


def batch_matmul(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(40):
        rows, depth, columns = (int(n) for n in rng.integers(1, 9, 3))
        batch = tuple(int(n) for n in rng.integers(1, 4, index % 3))
        adj_x, adj_y = bool(index & 1), bool(index & 2)
        a = codes(rng, (*batch, *((depth, rows) if adj_x else (rows, depth))), dtype)
        b = codes(rng, (*batch, *((columns, depth) if adj_y else (depth, columns))), dtype)
        s_a, s_b = scale(rng, 0.005, 0.1), scale(rng, 0.005, 0.1)
        width = 74.0 if dtype == "int8" else 18900.0
        s_out = float(np.float32(s_a * s_b * width * np.sqrt(depth) * rng.choice([0.1, 1.0, 1.0, 2.0])))
        zero_b = zero_point(rng, dtype)
        right = constant(b, s_b, zero_b) if index % 5 == 4 else given(b, s_b, zero_b)
        yield Case(
            operator,
            (given(a, s_a, zero_point(rng, dtype)), right),
            (computed((*batch, rows, columns), s_out, zero_point(rng, dtype), dtype),),
            "BatchMatMulOptions",
            {"adjX": adj_x, "adjY": adj_y},
        )


def pooling(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(40):
        geometry = window(rng, dilated=False)
        channels, s, zero = int(rng.integers(1, 9)), scale(rng, 0.01, 0.1), zero_point(rng, dtype)
        x = codes(rng, (1 + index % 2, *geometry.size, channels), dtype, index % 5 == 0)
        fields = {**geometry.fields, "filterHeight": geometry.kernel[0], "filterWidth": geometry.kernel[1]}
        yield Case(
            operator,
            (given(x, s, zero),),
            (computed((x.shape[0], *geometry.output, channels), s, zero, dtype),),
            "Pool2DOptions",
            fields | {"fusedActivationFunction": index % 4},
        )


def with_int4(
    family: Callable[[Generator, str, str], Iterator[Case]],
) -> Callable[[Generator, str, str], Iterator[Case]]:
    """The cases of a family in int8 with weights in int4, of which tflite-micro wants one scale in fully connected layers."""

    def cases(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
        for case in family(rng, operator, "int8"):
            x, weights, bias = case.inputs
            assert weights is not None and weights.value is not None
            if operator != "FULLY_CONNECTED" or len(weights.scale) == 1:
                short = _of_scale(weights, 16.0, value=weights.value >> 4, dtype="int4")
                yield replace(case, inputs=(x, short, None if bias is None else _of_scale(bias, 16.0)))

    return cases


def _of_scale(operand: Operand, factor: float, **changes: Any) -> Operand:
    return replace(operand, scale=tuple(one * factor for one in operand.scale), **changes)
