# SPDX-License-Identifier: Apache-2.0
"""Cases of the operators that work element by element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.operators.case import Array, Case, codes, computed, constant, dims_of, given, scale, zero_point

Generator = np.random.Generator

_FIXED = {
    ("LOGISTIC", "int8"): (1 / 256, -128),
    ("TANH", "int8"): (1 / 128, 0),
    ("LOGISTIC", "int16"): (1 / 32768, 0),
    ("TANH", "int16"): (1 / 32768, 0),
}
"""Scale and zero point of the output that TFLite fixes."""

_OPTIONS: dict[str, str] = {
    "LEAKY_RELU": "LeakyReluOptions",
    "ADD": "AddOptions",
    "SUB": "SubOptions",
    "MUL": "MulOptions",
    "DIV": "DivOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "SQUARED_DIFFERENCE": "SquaredDifferenceOptions",
    "EQUAL": "EqualOptions",
    "NOT_EQUAL": "NotEqualOptions",
    "GREATER": "GreaterOptions",
    "GREATER_EQUAL": "GreaterEqualOptions",
    "LESS": "LessOptions",
    "LESS_EQUAL": "LessEqualOptions",
}


def _all_codes(rng: Generator, dtype: str) -> Array:
    """All codes of 8 bits; of 16 bits the ends, what is around 0, and random ones; of 32 bits sums of products."""
    if dtype == "int32":
        return np.concatenate([np.arange(-300, 301), rng.integers(-(1 << 20), 1 << 20, 1423)]).astype(np.int32)
    if dtype != "int16":
        info = np.iinfo(dtype)
        return np.arange(info.min, info.max + 1).astype(dtype)
    near = np.arange(-300, 301)
    return np.concatenate([[-32768, -32767, 32766, 32767], near, rng.integers(-32768, 32768, 1419)]).astype(np.int16)


def unary(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(40):
        x = _all_codes(rng, dtype)
        wide = 20.0 if operator in ("LOGISTIC", "TANH", "ELU") else 0.2
        narrow = 1e-4 if dtype == "int16" else 1e-3
        s_in, zero = scale(rng, narrow, narrow * wide * 10 if dtype == "int16" else wide), zero_point(rng, dtype)
        s_out, zero_out = scale(rng, s_in / 5, s_in * 10), zero_point(rng, dtype)
        fields: dict[str, Any] = {}
        if (operator, dtype) in _FIXED:
            s_out, zero_out = _FIXED[operator, dtype]
        elif operator == "LEAKY_RELU":
            fields = {"alpha": float(np.float32(rng.choice([0.0, 0.01, 0.1, 0.5, 1.0, 3.0, -0.5])))}
        elif operator == "RSQRT":
            x = x[x.astype(np.int64) >= zero]
            s_out = float(np.float32(np.exp(rng.uniform(-2, 1)) / np.sqrt(s_in) / 128))
        elif operator in ("NEG", "RELU6") or (operator in ("RELU", "ABS") and index % 3 == 0):
            s_out, zero_out = s_in, zero
        x = x.reshape(1, 1, -1)
        yield Case(
            operator,
            (given(x, s_in, zero),),
            (computed(x.shape, s_out, zero_out, dtype),),
            _OPTIONS.get(operator, ""),
            fields,
        )


def broadcast_pair(rng: Generator, index: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Dims of two operands: equal, or one with dims of 1 or missing ones, on either side or on both."""
    dims = dims_of(rng, 4 if index % 2 else int(rng.integers(1, 5)))
    kind = index % 4
    other = tuple(1 if rng.integers(2) else dim for dim in dims)
    if kind == 0:
        return dims, dims
    if kind == 1:
        return dims, other[int(rng.integers(len(dims))) :]
    if kind == 2:
        return other, dims
    mixed = tuple(1 if low == dim and rng.integers(2) else dim for low, dim in zip(other, dims, strict=True))
    return other, mixed


def _all_pairs(dtype: str, rng: Generator) -> tuple[Array, Array]:
    x = np.arange(-128, 128).astype(dtype) if dtype == "int8" else codes(rng, (256,), dtype)
    y = x if dtype == "int8" else codes(rng, (256,), dtype)
    a, b = np.meshgrid(x, y)
    return a.reshape(1, -1), b.reshape(1, -1)


def binary(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """All pairs of codes, then random ones with dims that broadcast; one of the operands may be a constant."""
    clamped = operator in ("ADD", "SUB", "MUL", "DIV")
    compares = operator in ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
    for index in range(60):
        if index < 12:
            a, b = _all_pairs(dtype, rng)
        else:
            a, b = (codes(rng, dims, dtype) for dims in broadcast_pair(rng, index))
        narrow = 1e-4 if dtype == "int16" else 1e-3
        left, right = scale(rng, narrow, narrow * 300), scale(rng, narrow, narrow * 300)
        zero_a, zero_b, zero_y = (zero_point(rng, dtype) for _ in range(3))
        if operator == "DIV":  # a divisor of 0 is the caller's error, and tflite-micro stops
            b = np.where(b == zero_b, b - 1 if zero_b > 0 else b + 1, b).astype(dtype)
        if operator in ("MINIMUM", "MAXIMUM") or (compares and index % 3 == 0):
            left = right
            zero_a = zero_b
        # tflite-micro shifts small quotients by more than 31 bits where the output scale is larger, which is undefined.
        spread = {"MUL": 74 * left * right, "DIV": left / right / 140, "SQUARED_DIFFERENCE": 74 * (left + right) ** 2}
        s_out = float(np.float32(spread.get(operator, left + right) * rng.choice([0.02, 0.3, 0.7, 1.0, 2.0])))
        if operator in ("MINIMUM", "MAXIMUM"):
            s_out, zero_y = left, zero_a
        fields = {"fusedActivationFunction": index % 4} if clamped else {}
        x, y = given(a, left, zero_a), given(b, right, zero_b)
        if index % 5 == 4:
            y = constant(b, right, zero_b)
        if operator in ("ADD", "SUB") and dtype == "int16":  # True is the scaling by powers of two of old models
            fields["potScaleInt16"] = False
        dims = np.broadcast_shapes(a.shape, b.shape)
        output = computed(dims, dtype="bool") if compares else computed(dims, s_out, zero_y, dtype)
        yield Case(operator, (x, y), (output,), _OPTIONS[operator], fields)


def prelu(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(30):
        dims = dims_of(rng, 4)
        alpha_dims = [(1, 1, dims[3]), dims[1:], (1,)][index % 3]
        x, alpha = codes(rng, dims, dtype), codes(rng, alpha_dims, dtype)
        s_in, s_alpha, zero_alpha = scale(rng, 0.003, 0.3), scale(rng, 0.001, 0.1), zero_point(rng, dtype)
        s_out = float(np.float32(s_in * rng.choice([0.3, 1.0, 1.0, 5.0])))
        yield Case(
            operator,
            (given(x, s_in, zero_point(rng, dtype)), constant(alpha, s_alpha, zero_alpha)),
            (computed(dims, s_out, zero_point(rng, dtype), dtype),),
        )


def select(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(30):
        dims, other = broadcast_pair(rng, index)
        condition = rng.integers(0, 2, dims).astype(bool)
        full = np.broadcast_shapes(dims, other)
        s, zero = scale(rng), zero_point(rng, dtype)
        a, b = codes(rng, other, dtype), codes(rng, full if index % 2 else other, dtype)
        inputs = (given(condition), given(a, s, zero), given(b, s, zero))
        yield Case(operator, inputs, (computed(full, s, zero, dtype),), "SelectV2Options")


def add_n(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """Two tensors with zero point 0: others are refused."""
    for _ in range(20):
        dims, s = dims_of(rng, int(rng.integers(1, 5))), scale(rng)
        s_out = float(np.float32(s * rng.choice([0.5, 1.0, 2.0, 4.0])))
        inputs = tuple(given(codes(rng, dims, dtype), s) for _ in range(2))
        yield Case(operator, inputs, (computed(dims, s_out, zero_point(rng, dtype), dtype),), "AddNOptions")


def requantize(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """QUANTIZE from `dtype` to each type that tflite-micro has."""
    targets = {
        "int8": ("int8", "uint8", "int16", "int32"),
        "uint8": ("int8",),
        "int16": ("int8", "int16", "int32"),
        "int32": ("int8", "int16"),
        "float32": ("int8", "int16"),
    }[dtype]
    for index in range(60):
        target = targets[index % len(targets)]
        wide_out = target in ("int16", "int32")
        s_in = scale(rng, 1e-5, 1e-3) if dtype in ("int16", "int32") else scale(rng, 0.005, 0.1)
        step = scale(rng, 0.3, 3.0) * {"int16": 256, "int32": 8192}.get(dtype, 1) / (256 if wide_out else 1)
        s_out = float(np.float32(s_in * step)) if index % 6 else s_in
        zero_out = 0 if wide_out else zero_point(rng, target)
        if dtype == "float32":
            x = np.concatenate([rng.normal(0, 1, 500), (np.arange(-140, 140) + 0.5) * s_out])
            source = given(x.astype(np.float32).reshape(1, -1))
        else:
            values = _all_codes(rng, dtype).reshape(1, -1)
            zero_in = zero_out - (128 if target == "uint8" else -128) if index % 6 == 0 else zero_point(rng, dtype)
            zero_in = zero_in if {dtype, target} == {"int8", "uint8"} else zero_point(rng, dtype)
            source = given(values, s_in, -32768 if dtype == "int16" and index % 7 == 3 else zero_in)
        yield Case(operator, (source,), (computed(source.dims, s_out, zero_out, target),), "QuantizeOptions")


def dequantize(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for _ in range(20):
        x = _all_codes(rng, dtype).reshape(1, -1)
        yield Case(operator, (given(x, scale(rng), zero_point(rng, dtype)),), (computed(x.shape, dtype="float32"),))
