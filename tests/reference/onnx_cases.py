# SPDX-License-Identifier: Apache-2.0
"""Random single-operator int8 QDQ models (NHWC arrays and quantisation); only numpy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tflite_cases import ALL_CODES, Generator, codes, output_scale, scale, zero_point


@dataclass(frozen=True)
class Tensor:
    """An int8 array (int32 for a bias) and its quantisation; `values` is empty for an output."""

    scale: NDArray[np.float32]
    zero_point: NDArray[np.int8]
    values: NDArray[Any]


@dataclass(frozen=True)
class Case:
    """DequantizeLinear of every input and constant, the operator (and Relu), QuantizeLinear.

    Images are NHWC, convolution weights OHWI, Gemm weights [O, I]; the model transposes.
    """

    operator: str
    inputs: tuple[Tensor, ...]
    output: Tensor
    constants: tuple[Tensor, ...] = ()
    attributes: dict[str, Any] = field(default_factory=dict)
    relu: bool = False


def tensor(values: NDArray[Any], scales: float | list[float], zero_points: int | list[int] = 0) -> Tensor:
    return Tensor(np.asarray(scales, np.float32), np.asarray(zero_points, np.int8), values)


def output(scales: float, zero_points: int) -> Tensor:
    return tensor(np.zeros(0, np.int8), scales, zero_points)


def weights_and_bias(
    rng: Generator, shape: tuple[int, ...], s_in: float, per_channel: bool, asymmetric: bool
) -> tuple[Tensor, Tensor]:
    middle, count = scale(rng, 0.002, 0.02), shape[0] if per_channel else 1
    scales = [scale(rng, middle / 3, middle * 3) for _ in range(count)]
    zeros = [int(rng.integers(-20, 20)) if asymmetric else 0 for _ in range(count)]
    bias = rng.integers(-10000, 10000, shape[0]).astype(np.int32)
    bias_scales = [float(np.float32(s_in) * np.float32(s)) for s in scales]
    values = codes(rng, shape, False)
    if per_channel:
        return tensor(values, scales, zeros), Tensor(
            np.asarray(bias_scales, np.float32), np.zeros(count, np.int8), bias
        )
    return tensor(values, scales[0], zeros[0]), tensor(bias, bias_scales[0])


def convolutions(rng: Generator) -> Iterator[Case]:
    for index in range(60):
        groups = int(rng.choice([1, 1, 2, 3]))
        depth, per_group = int(rng.integers(1, 7)), int(rng.integers(1, 5))
        if index % 5 == 0:
            groups, depth = int(rng.integers(2, 9)), 1
        kernel = rng.integers(1, 5, 2)
        dilation = rng.integers(1, 4, 2) if index % 3 == 0 else np.ones(2, np.int64)
        stride = rng.integers(1, 4, 2)
        pads = [int(rng.integers(0, k)) for k in (*kernel, *kernel)]
        size = (kernel - 1) * dilation + 1 + rng.integers(0, 10, 2)
        s_in = scale(rng, 0.005, 0.1)
        weights, bias = weights_and_bias(
            rng, (groups * per_group, *map(int, kernel), depth), s_in, index % 4 != 0, index % 7 == 0
        )
        fan_in = int(kernel.prod()) * depth
        s_out = output_scale(rng, s_in * float(np.median(weights.scale)), fan_in)
        x = codes(rng, (1, *map(int, size), groups * depth), False)
        yield Case(
            "Conv",
            (tensor(x, s_in, zero_point(rng)),),
            output(s_out, zero_point(rng)),
            (weights, bias),
            {"strides": stride.tolist(), "dilations": dilation.tolist(), "pads": pads, "group": groups},
            index % 2 == 1,
        )


def products(rng: Generator, operator: str) -> Iterator[Case]:
    """Gemm with a bias, or MatMul of rank 3 without."""
    for index in range(60):
        rows, depth, outputs = int(rng.integers(1, 9)), int(rng.integers(1, 129)), int(rng.integers(1, 33))
        s_in = scale(rng, 0.005, 0.1)
        weights, bias = weights_and_bias(rng, (outputs, depth), s_in, index % 2 == 0, index % 5 == 0)
        s_out = output_scale(rng, s_in * float(np.median(weights.scale)), depth)
        shape = (rows, depth) if operator == "Gemm" else (1, rows, depth)
        yield Case(
            operator,
            (tensor(codes(rng, shape, False), s_in, zero_point(rng)),),
            output(s_out, zero_point(rng)),
            (weights, bias) if operator == "Gemm" else (weights,),
            relu=index % 3 == 0,
        )


def elementwise(rng: Generator, operator: str) -> Iterator[Case]:
    """Add, Sub or Mul of all pairs of codes."""
    a, b = (axis.reshape(1, -1) for axis in np.meshgrid(ALL_CODES, ALL_CODES))
    for index in range(40):
        left, right = scale(rng, 1e-3, 1.0), scale(rng, 1e-3, 1.0)
        if index % 8 == 0:
            right = left
        spread = 74 * left * right if operator == "Mul" else left + right
        s_out = float(np.float32(spread * rng.choice([0.3, 0.5, 0.7, 1.0])))
        yield Case(
            operator,
            (tensor(a, left, zero_point(rng)), tensor(b, right, zero_point(rng))),
            output(s_out, zero_point(rng)),
            relu=index % 3 == 0,
        )


def pairs(rng: Generator, operator: str) -> Iterator[Case]:
    """An operator of two tensors: all pairs of codes, then dims that broadcast."""
    a, b = (axis.reshape(1, -1) for axis in np.meshgrid(ALL_CODES, ALL_CODES))
    for index in range(30):
        left, right = scale(rng, 1e-3, 1.0), scale(rng, 1e-3, 1.0)
        if index % 3 == 0:
            right = left
        spread = {"Div": left / right, "PRelu": left + 74 * left * right}.get(operator, left + right)
        s_out = float(np.float32(spread * rng.choice([0.1, 0.3, 0.7, 1.0])))
        x, y = a, b
        if index % 2:
            dims = rng.integers(1, 6, 4)
            shapes = [np.where(rng.integers(0, 3, 4) == 0, 1, dims) for _ in range(2)]
            x, y = (codes(rng, tuple(map(int, shape)), False) for shape in shapes)
            if operator == "PRelu":
                x = codes(rng, tuple(map(int, dims)), False)
        zeros = [zero_point(rng) for _ in range(3)]
        yield Case(operator, (tensor(x, left, zeros[0]), tensor(y, right, zeros[1])), output(s_out, zeros[2]))


def paddings(rng: Generator) -> Iterator[Case]:
    for _ in range(40):
        s, zero = scale(rng, 0.01, 0.1), zero_point(rng)
        x = codes(rng, (1, *map(int, rng.integers(1, 9, 2)), int(rng.integers(1, 9))), False)
        pads = rng.integers(0, 5, 4).tolist()
        yield Case("Pad", (tensor(x, s, zero),), output(s, zero), (), {"pads": pads})


def poolings(rng: Generator, operator: str) -> Iterator[Case]:
    for index in range(60):
        kernel, stride = rng.integers(1, 5, 2), rng.integers(1, 4, 2)
        pads = [int(rng.integers(0, k)) for k in (*kernel, *kernel)]
        size = kernel + rng.integers(0, 8, 2)
        attributes: dict[str, Any] = {
            "kernel_shape": kernel.tolist(),
            "strides": stride.tolist(),
            "pads": pads,
        }
        if operator == "AveragePool":
            attributes["count_include_pad"] = index % 2
        s_in, zero = scale(rng, 0.01, 0.1), zero_point(rng)
        s_out, zero_out = s_in, zero
        if operator == "AveragePool" and index % 4:
            s_out, zero_out = scale(rng, s_in / 3, s_in), zero_point(rng)
        x = codes(rng, (1, *map(int, size), int(rng.integers(1, 9))), False)
        yield Case(operator, (tensor(x, s_in, zero),), output(s_out, zero_out), (), attributes)


def global_poolings(rng: Generator) -> Iterator[Case]:
    for index in range(60):
        size = rng.integers(1, 11, 2)
        s_in, zero = scale(rng, 0.01, 0.1), zero_point(rng)
        s_out, zero_out = (scale(rng, s_in / 6, s_in), zero_point(rng)) if index % 4 else (s_in, zero)
        x = codes(rng, (1, *map(int, size), 32), False)
        yield Case("GlobalAveragePool", (tensor(x, s_in, zero),), output(s_out, zero_out))


def reductions(rng: Generator, operator: str) -> Iterator[Case]:
    for index in range(40):
        dims = rng.integers(1, 9, int(rng.integers(1, 5))).tolist()
        axes = np.flatnonzero(rng.integers(0, 2, len(dims))).tolist() or [0]
        count = int(np.prod([dims[axis] for axis in axes])) if operator == "ReduceSum" else 1
        s_in, x = scale(rng, 0.01, 0.1), codes(rng, tuple(dims), False)
        s_out = scale(rng, s_in * 0.3, s_in * 2) * count
        attributes = {"axes": axes, "keepdims": index % 2}
        yield Case(operator, (tensor(x, s_in, zero_point(rng)),), output(s_out, zero_point(rng)), (), attributes)


def softmaxes(rng: Generator) -> Iterator[Case]:
    for index in range(60):
        classes = int(rng.choice([1, 2, 3, 10, 12, 100]))
        x = codes(rng, (200, classes), False)
        x[6:100] = np.clip(x[6:100].astype(np.int64) // 16 + 100, -128, 127)
        s_out, zero_out = (1 / 256, -128) if index % 3 else (scale(rng, 1 / 256, 1 / 100), zero_point(rng))
        yield Case("Softmax", (tensor(x, scale(rng, 1e-3, 1.0), zero_point(rng)),), output(s_out, zero_out))


def unaries(rng: Generator, operator: str) -> Iterator[Case]:
    """All 256 codes; Identity only changes the quantisation."""
    for index in range(100):
        s_in, zero = scale(rng, 1e-3, 0.3), zero_point(rng)
        s_out, zero_out = scale(rng, s_in / 5, s_in * 10), zero_point(rng)
        if operator in ("Sigmoid", "Tanh"):
            s_out, zero_out = (scale(rng, 1 / 256, 1 / 100), zero_point(rng))
        elif index % 4 == 0:
            s_out, zero_out = s_in, zero
        x = ALL_CODES.reshape(1, 256)
        attributes = {name: float(np.float32(value)) for name, value in UNARIES.get(operator, {}).items()}
        if operator in POSITIVE:
            zero = -128
        elif operator in WITHIN_ONE:
            s_in = scale(rng, 1e-4, 0.01)
        if operator in UNARIES:
            real = np.abs((np.arange(-128, 128) - zero) * s_in)
            s_out = scale(rng, 0.002, max(0.004, float(np.minimum(real.max(), 20)) / 50))
        yield Case(operator, (tensor(x, s_in, zero),), output(s_out, zero_out), (), attributes)


UNARIES: dict[str, dict[str, float]] = {
    "LeakyRelu": {"alpha": 0.1},
    "ThresholdedRelu": {"alpha": 0.7},
    "Elu": {"alpha": 1.3},
    "Selu": {"alpha": 1.67, "gamma": 1.05},
    "Celu": {"alpha": 1.4},
    "HardSigmoid": {"alpha": 0.15, "beta": 0.45},
    "Shrink": {"lambd": 0.6, "bias": 0.1},
    **{
        name: {}
        for name in (
            *("Abs", "Acos", "Asin", "Atan", "Asinh", "Ceil", "Cos", "Cosh", "Erf", "Exp", "Floor", "HardSwish", "Log"),
            *("Mish", "Neg", "Reciprocal", "Round", "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Tan"),
        )
    },
}
"""Functions with their attributes, by the names of ONNX."""
POSITIVE = ("Log", "Sqrt", "Reciprocal")
WITHIN_ONE = ("Acos", "Asin", "Exp", "Sinh", "Cosh")
COMPARISONS = ("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")
REDUCTIONS = ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin")
PAIRS = ("Div", "PRelu", "Min", "Max", *COMPARISONS)

OPERATORS: dict[str, Callable[[Generator], Iterator[Case]]] = {
    "Conv": convolutions,
    "Gemm": lambda rng: products(rng, "Gemm"),
    "MatMul": lambda rng: products(rng, "MatMul"),
    "Add": lambda rng: elementwise(rng, "Add"),
    "Sub": lambda rng: elementwise(rng, "Sub"),
    "Mul": lambda rng: elementwise(rng, "Mul"),
    "Pad": paddings,
    "AveragePool": lambda rng: poolings(rng, "AveragePool"),
    "GlobalAveragePool": global_poolings,
    "MaxPool": lambda rng: poolings(rng, "MaxPool"),
    "Softmax": softmaxes,
    "Relu": lambda rng: unaries(rng, "Relu"),
    "Clip": lambda rng: unaries(rng, "Clip"),
    "Identity": lambda rng: unaries(rng, "Identity"),
    "Sigmoid": lambda rng: unaries(rng, "Sigmoid"),
    "Tanh": lambda rng: unaries(rng, "Tanh"),
    **{operator: partial(unaries, operator=operator) for operator in UNARIES},
    **{operator: partial(pairs, operator=operator) for operator in PAIRS},
    **{operator: partial(reductions, operator=operator) for operator in REDUCTIONS},
}


def cases(operator: str, seed: int = 1) -> list[Case]:
    """All models of one operator; the same in every process."""
    return list(OPERATORS[operator](np.random.default_rng([seed, *operator.encode()])))
