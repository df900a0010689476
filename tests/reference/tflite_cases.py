# SPDX-License-Identifier: Apache-2.0
"""Random single-operator int8 TFLite models with their inputs. Only numpy: every process can make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Generator = np.random.Generator
ACTIVATIONS = ("none", "relu", "relu_n1_to_1", "relu6")
"""In the order of the schema's ActivationFunctionType."""
ALL_CODES = np.arange(-128, 128).astype(np.int8)


@dataclass(frozen=True)
class Operand:
    """A tensor: its values when it is an input or a constant, its shape and dtype when it is the output."""

    shape: tuple[int, ...]
    scale: tuple[float, ...]
    zero_point: int = 0
    axis: int = 0
    values: NDArray[Any] | None = None
    dtype: type[np.generic] = np.int8

    @property
    def data(self) -> NDArray[Any]:
        assert self.values is not None
        return self.values


@dataclass(frozen=True)
class Case:
    """One model: runtime inputs, constants, outputs, and options by their names in the schema."""

    operator: str
    inputs: tuple[Operand, ...]
    output: Operand
    constants: tuple[Operand, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    further_outputs: tuple[Operand, ...] = ()


def codes(rng: Generator, shape: tuple[int, ...], extreme: bool) -> NDArray[np.int8]:
    """Uniform int8 values, or only the two ends of the range."""
    if extreme:
        return rng.choice(np.array([-128, 127], np.int8), shape)
    return rng.integers(-128, 128, shape).astype(np.int8)


def scale(rng: Generator, low: float = 1e-3, high: float = 1.0) -> float:
    """A float32 scale, log-uniform."""
    return float(np.float32(np.exp(rng.uniform(np.log(low), np.log(high)))))


def zero_point(rng: Generator) -> int:
    """Mostly within the range, sometimes one of its ends."""
    return int(rng.choice([-128, 127, *rng.integers(-60, 60, 6)]))


def same_padding(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Padding before and after of SAME."""
    total = max((-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


@dataclass(frozen=True)
class Window:
    """Geometry of a convolution or pooling, heights first."""

    size: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    same: bool

    @property
    def padding(self) -> tuple[int, int, int, int]:
        if not self.same:
            return (0, 0, 0, 0)
        sides = [same_padding(*axis) for axis in zip(self.size, self.kernel, self.stride, self.dilation, strict=True)]
        return sides[0][0], sides[1][0], sides[0][1], sides[1][1]

    @property
    def output(self) -> tuple[int, int]:
        pads = self.padding
        rows, columns = (
            (self.size[i] + pads[i] + pads[i + 2] - (self.kernel[i] - 1) * self.dilation[i] - 1) // self.stride[i] + 1
            for i in (0, 1)
        )
        return rows, columns


def window(rng: Generator, dilated: bool) -> Window:
    kernel = (int(rng.integers(1, 5)), int(rng.integers(1, 5)))
    dilation = (int(rng.integers(1, 4)), int(rng.integers(1, 4))) if dilated else (1, 1)
    span = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    size = (span[0] + int(rng.integers(0, 14)), span[1] + int(rng.integers(0, 14)))
    stride = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    return Window(size, kernel, stride, dilation, bool(rng.integers(2)))


def output_scale(rng: Generator, product: float, fan_in: int) -> float:
    """A scale that spreads the outputs of random codes over int8, or saturates, or leaves them near zero."""
    deviation = product * 74.0 * 74.0 * np.sqrt(fan_in)
    return float(np.float32(deviation / rng.choice([2.0, 100000.0] + [30.0, 60.0, 60.0, 100.0] * 4)))


def weights_and_bias(
    rng: Generator, shape: tuple[int, ...], axis: int, per_channel: bool, input_scale: float, extreme: bool
) -> tuple[Operand, Operand]:
    channels = shape[axis]
    middle = scale(rng, 0.002, 0.02)
    scales = tuple(scale(rng, middle / 3, middle * 3) for _ in range(channels if per_channel else 1))
    weights = Operand(shape, scales, 0, axis, np.maximum(codes(rng, shape, extreme), -127))
    limit = int(rng.choice([1 << 24] + [10, 10000, 10000] * 4))
    bias_scale = tuple(float(np.float32(input_scale) * np.float32(s)) for s in scales)
    bias = rng.integers(-limit, limit, channels).astype(np.int32)
    return weights, Operand((channels,), bias_scale, 0, 0, bias)


def convolutions(rng: Generator, operator: str) -> Iterator[Case]:
    """CONV_2D or DEPTHWISE_CONV_2D: stride, dilation, padding, per channel, activation."""
    depthwise = operator == "DEPTHWISE_CONV_2D"
    for index in range(60):
        geometry = window(rng, dilated=index % 3 == 0)
        channels, extreme = int(rng.integers(1, 17)), index % 8 == 0
        multiplier = 1 + index % 2
        outputs = channels * multiplier if depthwise else int(rng.integers(1, 17))
        shape = (1, *geometry.kernel, outputs) if depthwise else (outputs, *geometry.kernel, channels)
        s_in = scale(rng, 0.005, 0.1)
        weights, bias = weights_and_bias(rng, shape, 3 if depthwise else 0, index % 4 != 0, s_in, extreme)
        fan_in = geometry.kernel[0] * geometry.kernel[1] * (1 if depthwise else channels)
        s_out = output_scale(rng, s_in * float(np.median(weights.scale)), fan_in)
        options = {
            "strideH": geometry.stride[0],
            "strideW": geometry.stride[1],
            "dilationHFactor": geometry.dilation[0],
            "dilationWFactor": geometry.dilation[1],
            "padding": 0 if geometry.same else 1,
            "fusedActivationFunction": index % 4,
        }
        if depthwise:
            options["depthMultiplier"] = multiplier
        x = codes(rng, (1, *geometry.size, channels), extreme)
        yield Case(
            operator,
            (Operand(x.shape, (s_in,), zero_point(rng), 0, x),),
            Operand((1, *geometry.output, outputs), (s_out,), zero_point(rng)),
            (weights, bias),
            options,
        )


def fully_connected(rng: Generator) -> Iterator[Case]:
    for index in range(60):
        rows, depth, outputs = int(rng.integers(1, 9)), int(rng.integers(1, 257)), int(rng.integers(1, 33))
        s_in, extreme = scale(rng, 0.005, 0.1), index % 5 == 0
        weights, bias = weights_and_bias(rng, (outputs, depth), 0, index % 2 == 0, s_in, extreme)
        s_out = output_scale(rng, s_in * float(np.median(weights.scale)), depth)
        x = codes(rng, (rows, depth), extreme)
        yield Case(
            "FULLY_CONNECTED",
            (Operand(x.shape, (s_in,), zero_point(rng), 0, x),),
            Operand((rows, outputs), (s_out,), zero_point(rng)),
            (weights, bias),
            {"fusedActivationFunction": index % 4},
        )


def elementwise(rng: Generator, operator: str) -> Iterator[Case]:
    """ADD, SUB or MUL of all pairs of codes, and of dims that broadcast."""
    yield from pairs(rng, operator)
    a, b = (axis.reshape(-1) for axis in np.meshgrid(ALL_CODES, ALL_CODES))
    for index in range(40):
        left, right = scale(rng, 1e-3, 1.0), scale(rng, 1e-3, 1.0)
        spread = 74 * left * right if operator == "MUL" else left + right
        s_out = float(np.float32(spread * rng.choice([0.01, 0.3, 0.7, 1.0, 2.0])))
        yield Case(
            operator,
            (
                Operand((1, a.size), (left,), zero_point(rng), 0, a.reshape(1, -1)),
                Operand((1, b.size), (right,), zero_point(rng), 0, b.reshape(1, -1)),
            ),
            Operand((1, a.size), (s_out,), zero_point(rng)),
            (),
            {"fusedActivationFunction": index % 4},
        )


def pairs(rng: Generator, operator: str) -> Iterator[Case]:
    """An operator of two tensors: all pairs of codes, then dims that broadcast."""
    compares = operator in COMPARISONS
    alike = operator in ("MINIMUM", "MAXIMUM")
    a, b = (axis.reshape(1, -1) for axis in np.meshgrid(ALL_CODES, ALL_CODES))
    for index in range(30):
        left, right = scale(rng, 1e-3, 0.9), scale(rng, 1e-3, 0.9)
        if index % 3 == 0 or alike:
            right = left
        spread = {
            "DIV": left / right / 70,
            "SQUARED_DIFFERENCE": (left + right) ** 2 * 74,
            "PRELU": left + 74 * left * right,
        }
        s_out = float(np.float32(spread.get(operator, left + right) * rng.choice([0.1, 0.3, 0.7, 1.0])))
        zeros = [zero_point(rng) for _ in range(3)]
        if alike:
            s_out, zeros = left, [zeros[0]] * 3
        x, y = a, b
        if index % 2:
            dims = rng.integers(1, 6, 4)
            shapes = [np.where(rng.integers(0, 3, 4) == 0, 1, dims) for _ in range(2)]
            x, y = (codes(rng, tuple(map(int, shape)), False) for shape in shapes)
            if operator == "PRELU":
                x = codes(rng, tuple(map(int, dims)), False)
        if operator == "DIV":  # tflite-micro stops at a divisor of 0, and shifts by 32 where scales are large
            y = np.where(y == zeros[1], zeros[1] - 1 if zeros[1] > 0 else zeros[1] + 1, y).astype(np.int8)
        dtype = np.bool_ if compares else np.int8
        output = Operand(np.broadcast_shapes(x.shape, y.shape), () if compares else (s_out,), zeros[2], dtype=dtype)
        inputs = Operand(x.shape, (left,), zeros[0], 0, x), Operand(y.shape, (right,), zeros[1], 0, y)
        options = {"fusedActivationFunction": index % 4} if operator in ("ADD", "SUB", "MUL") else {}
        yield Case(operator, inputs, output, (), options)


def paddings(rng: Generator, operator: str) -> Iterator[Case]:
    """PAD, or PADV2 with the zero point as its value."""
    for _ in range(40):
        channels, s, zero = int(rng.integers(1, 9)), scale(rng, 0.01, 0.1), zero_point(rng)
        x = codes(rng, (1, *map(int, rng.integers(1, 9, 2)), channels), False)
        sides = np.zeros((4, 2), np.int32)
        sides[1:3] = rng.integers(0, 5, (2, 2))
        constants = [Operand(sides.shape, (), 0, 0, sides)]
        if operator == "PADV2":
            constants.append(Operand((), (s,), zero, 0, np.array(zero, np.int8)))
        shape = tuple(int(n) for n in np.array(x.shape) + sides.sum(axis=1))
        yield Case(operator, (Operand(x.shape, (s,), zero, 0, x),), Operand(shape, (s,), zero), tuple(constants))


def poolings(rng: Generator, operator: str) -> Iterator[Case]:
    for index in range(40):
        geometry = window(rng, dilated=False)
        channels, s = int(rng.integers(1, 9)), scale(rng, 0.01, 0.1)
        zero = zero_point(rng)
        x = codes(rng, (1, *geometry.size, channels), index % 5 == 0)
        options = {
            "strideH": geometry.stride[0],
            "strideW": geometry.stride[1],
            "filterHeight": geometry.kernel[0],
            "filterWidth": geometry.kernel[1],
            "padding": 0 if geometry.same else 1,
            "fusedActivationFunction": index % 4,
        }
        yield Case(
            operator,
            (Operand(x.shape, (s,), zero, 0, x),),
            Operand((1, *geometry.output, channels), (s,), zero),
            (),
            options,
        )


def parts(rng: Generator, operator: str) -> Iterator[Case]:
    """CONCATENATION of parts, or SPLIT or SPLIT_V of the whole, along any axis of up to four."""
    for _ in range(40):
        dims, s, zero = rng.integers(1, 7, int(rng.integers(1, 5))).tolist(), scale(rng, 0.01, 0.1), zero_point(rng)
        axis, count = int(rng.integers(len(dims))), int(rng.integers(1, 5))
        sizes = [dims[axis]] * count if operator == "SPLIT" else rng.integers(1, 6, count).tolist()
        shapes = [(*dims[:axis], size, *dims[axis + 1 :]) for size in sizes]
        stated = axis - len(dims) * int(rng.integers(2))
        whole = codes(rng, (*dims[:axis], sum(sizes), *dims[axis + 1 :]), False)
        if operator == "CONCATENATION":
            inputs = tuple(Operand(shape, (s,), zero, 0, codes(rng, shape, False)) for shape in shapes)
            yield Case(operator, inputs, Operand(whole.shape, (s,), zero), (), {"axis": stated})
            continue
        first, *further = (Operand(shape, (s,), zero) for shape in shapes)
        constants = [Operand((), (), 0, 0, np.array(stated, np.int32))]
        if operator == "SPLIT_V":
            constants.insert(0, Operand((count,), (), 0, 0, np.array(sizes, np.int32)))
        source, options = Operand(whole.shape, (s,), zero, 0, whole), {"numSplits": count}
        yield Case(operator, (source,), first, tuple(constants), options, tuple(further))


def reductions(rng: Generator, operator: str) -> Iterator[Case]:
    """MEAN, SUM, REDUCE_MAX or REDUCE_MIN along any axes of up to four; extremes keep the quantisation."""
    for index in range(60):
        dims = rng.integers(1, 9, int(rng.integers(1, 5))).tolist()
        axes = np.flatnonzero(rng.integers(0, 2, len(dims)))
        axes = axes if axes.size else np.array([len(dims) - 1])
        count = int(np.prod([dims[axis] for axis in axes]))
        s, zero = scale(rng, 0.01, 0.1), zero_point(rng)
        s_out, zero_out = scale(rng, s * 0.3, s * 2) * (count if operator == "SUM" else 1), zero_point(rng)
        if operator in ("REDUCE_MAX", "REDUCE_MIN"):
            s_out, zero_out = s, zero
        x, keep = codes(rng, tuple(dims), index % 7 == 0), bool(index % 2)
        shape = tuple(1 if axis in axes else dim for axis, dim in enumerate(dims) if keep or axis not in axes)
        stated = (axes - len(dims) * (index % 3 == 0)).astype(np.int32)
        yield Case(
            operator,
            (Operand(x.shape, (s,), zero, 0, x),),
            Operand(shape, (float(np.float32(s_out)),), zero_out),
            (Operand(stated.shape, (), 0, 0, stated),),
            {"keepDims": keep},
        )


def arg_extremes(rng: Generator, operator: str) -> Iterator[Case]:
    """ARG_MAX or ARG_MIN; many equal elements."""
    for index in range(30):
        dims = rng.integers(1, 9, int(rng.integers(1, 5))).tolist()
        axis = int(rng.integers(len(dims)))
        x = codes(rng, tuple(dims), index % 2 == 0)
        shape = tuple(dims[:axis] + dims[axis + 1 :])
        constant = Operand((), (), 0, 0, np.array(axis, np.int32))
        output = Operand(shape, (), dtype=np.int32)
        yield Case(operator, (Operand(x.shape, (0.1,), 3, 0, x),), output, (constant,), {"outputType": 2})


def cumulative_sums(rng: Generator) -> Iterator[Case]:
    for index in range(40):
        dims = rng.integers(1, 9, int(rng.integers(1, 5))).tolist()
        axis = int(rng.integers(len(dims)))
        s = scale(rng, 0.01, 0.1)
        x = codes(rng, tuple(dims), False)
        constant = Operand((), (), 0, 0, np.array(axis, np.int32))
        yield Case(
            "CUMSUM",
            (Operand(x.shape, (s,), zero_point(rng), 0, x),),
            Operand(x.shape, (scale(rng, s, s * 10),), zero_point(rng)),
            (constant,),
            {"exclusive": bool(index % 2), "reverse": bool(index // 2 % 2)},
        )


def log_softmaxes(rng: Generator) -> Iterator[Case]:
    """Rows of ends of the range and of near values, at scales up to one step per e^2."""
    for index in range(60):
        classes = int(rng.choice([1, 2, 3, 10, 100, 1000]))
        x = codes(rng, (40, classes), False)
        x[:5] = codes(rng, (5, classes), True)
        x[6:20] = np.clip(x[6:20].astype(np.int64) // 16 + 100, -128, 127)
        s = scale(rng, 1e-3, 2.0 if index % 2 else 0.1)
        yield Case("LOG_SOFTMAX", (Operand(x.shape, (s,), zero_point(rng), 0, x),), Operand(x.shape, (1 / 16,), 127))


def l2_normalizations(rng: Generator) -> Iterator[Case]:
    for _ in range(40):
        shape = (30, int(rng.choice([1, 2, 3, 10, 100, 1000])))
        zero, x = zero_point(rng), codes(rng, shape, False)
        x[:5] = codes(rng, (5, shape[1]), True)
        x[5:8] = np.clip(zero + rng.integers(-1, 2, (3, shape[1])), -128, 127)
        source = Operand(x.shape, (scale(rng, 0.01, 0.1),), zero, 0, x)
        options = {"fusedActivationFunction": 0}
        yield Case("L2_NORMALIZATION", (source,), Operand(x.shape, (1 / 128,), 0), (), options)


def interpolations(rng: Generator) -> Iterator[Case]:
    """RESIZE_BILINEAR to more and fewer pixels."""
    for index in range(60):
        size, target = rng.integers(1, 9, 2), rng.integers(1, 20, 2)
        x = codes(rng, (int(rng.integers(1, 3)), *map(int, size), int(rng.integers(1, 5))), index % 5 == 0)
        s, zero = scale(rng, 0.01, 0.1), zero_point(rng)
        shape = (x.shape[0], *map(int, target), x.shape[3])
        sizes = Operand((2,), (), 0, 0, target.astype(np.int32))
        yield Case(
            "RESIZE_BILINEAR",
            (Operand(x.shape, (s,), zero, 0, x),),
            Operand(shape, (s,), zero),
            (sizes,),
            {"alignCorners": index % 3 == 1, "halfPixelCenters": index % 3 == 2},
        )


def transposed_convolutions(rng: Generator) -> Iterator[Case]:
    """TRANSPOSE_CONV: its first constant is the dims of the output."""
    for index in range(60):
        kernel, stride = rng.integers(1, 5, 2), rng.integers(1, 4, 2)
        size, channels, outputs = rng.integers(1, 8, 2), int(rng.integers(1, 9)), int(rng.integers(1, 9))
        same = index % 2 == 0
        target = size * stride if same else (size - 1) * stride + kernel
        extreme, s_in = index % 8 == 0, scale(rng, 0.005, 0.1)
        shape = (outputs, int(kernel[0]), int(kernel[1]), channels)
        weights, bias = weights_and_bias(rng, shape, 0, index % 4 != 0, s_in, extreme)
        s_out = output_scale(rng, s_in * float(np.median(weights.scale)), channels)
        x = codes(rng, (1, *map(int, size), channels), extreme)
        dims = Operand((4,), (), 0, 0, np.array([1, *target, outputs], np.int32))
        options = {
            "strideH": int(stride[0]),
            "strideW": int(stride[1]),
            "padding": 0 if same else 1,
            "fusedActivationFunction": 0,
        }
        yield Case(
            "TRANSPOSE_CONV",
            (Operand(x.shape, (s_in,), zero_point(rng), 0, x),),
            Operand((1, *map(int, target), outputs), (s_out,), zero_point(rng)),
            (dims, weights, *((bias,) if index % 3 else ())),
            options,
        )


def batch_products(rng: Generator) -> Iterator[Case]:
    """BATCH_MATMUL of matrices, with batches that broadcast."""
    for index in range(60):
        rows, columns, depth = (int(rng.integers(1, 9)) for _ in range(3))
        batches = rng.integers(1, 4, 2)
        first, second = (tuple(map(int, np.where(rng.integers(0, 3, 2) == 0, 1, batches))) for _ in range(2))
        options = {"adjX": index % 2 == 1, "adjY": index // 2 % 2 == 1}
        a_shape = (*first, depth, rows) if options["adjX"] else (*first, rows, depth)
        b_shape = (*second, columns, depth) if options["adjY"] else (*second, depth, columns)
        a, b = codes(rng, a_shape, index % 7 == 0), codes(rng, b_shape, index % 7 == 0)
        s_a, s_b = scale(rng, 0.005, 0.1), scale(rng, 0.005, 0.1)
        s_out = output_scale(rng, s_a * s_b, depth)
        yield Case(
            "BATCH_MATMUL",
            (Operand(a.shape, (s_a,), zero_point(rng), 0, a), Operand(b.shape, (s_b,), zero_point(rng), 0, b)),
            Operand((*np.broadcast_shapes(first, second), rows, columns), (s_out,), zero_point(rng)),
            (),
            options,
        )


def softmaxes(rng: Generator) -> Iterator[Case]:
    """Many rows, among them constant rows and rows of the ends of the range; scales up to one step per e."""
    for index in range(60):
        classes = int(rng.choice([1, 2, 3, 10, 12, 100]))
        x = codes(rng, (200, classes), False)
        x[:5] = codes(rng, (5, classes), True)
        x[5] = x[5, 0]
        x[6:100] = np.clip(x[6:100].astype(np.int64) // 16 + 100, -128, 127)
        beta = 1.0 if index % 4 else 0.5
        yield Case(
            "SOFTMAX",
            (Operand(x.shape, (scale(rng, 1e-4, 2.0),), zero_point(rng), 0, x),),
            Operand(x.shape, (1 / 256,), -128),
            (),
            {"beta": beta},
        )


def unaries(rng: Generator, operator: str) -> Iterator[Case]:
    """All 256 codes at many scales."""
    fixed = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}
    for index in range(100):
        s_in, zero = scale(rng, 1e-3, 20.0 if operator in fixed else 0.2), zero_point(rng)
        s_out, zero_out = fixed.get(operator, (scale(rng, s_in / 5, s_in * 10), zero_point(rng)))
        options = {}
        if operator == "LEAKY_RELU":
            options["alpha"] = float(np.float32(rng.choice([0.01, 0.1, 0.3, 1.5, -0.2])))
        elif operator == "HARD_SWISH":
            s_out = max(s_out, float(np.float32(s_in / 60)))
        elif operator == "ABS" and index % 4 == 0:
            s_out = s_in
        elif operator == "RSQRT":
            zero = -128
            s_out = scale(rng, s_in**-0.5 / 256, s_in**-0.5 / 16)
        if operator == "RELU6" or (operator == "RELU" and index % 3 == 0):
            s_out, zero_out = s_in, zero
        x = ALL_CODES.reshape(1, 256)
        yield Case(
            operator, (Operand(x.shape, (s_in,), zero, 0, x),), Operand(x.shape, (s_out,), zero_out), (), options
        )


COMPARISONS = ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
REDUCTIONS = ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN")
PAIRS = ("DIV", "PRELU", "SQUARED_DIFFERENCE", "MINIMUM", "MAXIMUM", *COMPARISONS)

OPERATORS: dict[str, Callable[[Generator], Iterator[Case]]] = {
    "CONV_2D": lambda rng: convolutions(rng, "CONV_2D"),
    "DEPTHWISE_CONV_2D": lambda rng: convolutions(rng, "DEPTHWISE_CONV_2D"),
    "FULLY_CONNECTED": fully_connected,
    "ADD": lambda rng: elementwise(rng, "ADD"),
    "SUB": lambda rng: elementwise(rng, "SUB"),
    "MUL": lambda rng: elementwise(rng, "MUL"),
    "PAD": lambda rng: paddings(rng, "PAD"),
    "PADV2": lambda rng: paddings(rng, "PADV2"),
    "AVERAGE_POOL_2D": lambda rng: poolings(rng, "AVERAGE_POOL_2D"),
    "MAX_POOL_2D": lambda rng: poolings(rng, "MAX_POOL_2D"),
    "CONCATENATION": lambda rng: parts(rng, "CONCATENATION"),
    "SPLIT": lambda rng: parts(rng, "SPLIT"),
    "SPLIT_V": lambda rng: parts(rng, "SPLIT_V"),
    "SOFTMAX": softmaxes,
    "QUANTIZE": lambda rng: unaries(rng, "QUANTIZE"),
    "LOGISTIC": lambda rng: unaries(rng, "LOGISTIC"),
    "TANH": lambda rng: unaries(rng, "TANH"),
    "RELU": lambda rng: unaries(rng, "RELU"),
    "RELU6": lambda rng: unaries(rng, "RELU6"),
    "LEAKY_RELU": lambda rng: unaries(rng, "LEAKY_RELU"),
    "HARD_SWISH": lambda rng: unaries(rng, "HARD_SWISH"),
    "ELU": lambda rng: unaries(rng, "ELU"),
    "ABS": lambda rng: unaries(rng, "ABS"),
    "RSQRT": lambda rng: unaries(rng, "RSQRT"),
    **{operator: partial(pairs, operator=operator) for operator in PAIRS},
    **{operator: partial(reductions, operator=operator) for operator in REDUCTIONS},
    "ARG_MAX": lambda rng: arg_extremes(rng, "ARG_MAX"),
    "ARG_MIN": lambda rng: arg_extremes(rng, "ARG_MIN"),
    "CUMSUM": cumulative_sums,
    "TRANSPOSE_CONV": transposed_convolutions,
    "BATCH_MATMUL": batch_products,
    "LOG_SOFTMAX": log_softmaxes,
    "L2_NORMALIZATION": l2_normalizations,
    "RESIZE_BILINEAR": interpolations,
}


def cases(operator: str, seed: int = 1) -> list[Case]:
    """All models of one operator; the same in every process."""
    return list(OPERATORS[operator](np.random.default_rng([seed, *operator.encode()])))
