# SPDX-License-Identifier: Apache-2.0
"""Cases of reductions, of searches, and of the operators that normalise along a dimension."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.operators.case import Case, codes, computed, constant, dims_of, given, scale, zero_point

Generator = np.random.Generator


def reduction(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """MEAN, SUM, REDUCE_MAX and REDUCE_MIN along any axes of up to four, given from the front or the end."""
    for index in range(48):
        dims = dims_of(rng, 4 if index % 2 else int(rng.integers(1, 5)), 8)
        axes = sorted(int(n) for n in rng.choice(len(dims), int(rng.integers(1, len(dims) + 1)), replace=False))
        if index % 4 == 1:
            axes = [1, 2]
        keep = bool(index % 3) or len(axes) == len(dims)
        count = int(np.prod([dims[axis] for axis in axes]))
        s, zero = scale(rng, 0.003, 0.3), zero_point(rng, dtype)
        s_out, zero_out = float(np.float32(s * rng.choice([0.3, 1.0, 1.0, 2.0]))), zero_point(rng, dtype)
        if operator == "SUM":
            s_out = float(np.float32(s_out * np.sqrt(count)))
        if operator in ("REDUCE_MAX", "REDUCE_MIN") or index % 6 == 0:
            s_out, zero_out = s, zero
        kept = tuple(1 if axis in axes else dim for axis, dim in enumerate(dims))
        result = kept if keep else tuple(dim for axis, dim in enumerate(dims) if axis not in axes)
        stated = np.array([axis - len(dims) * (index % 2) for axis in axes], np.int32)
        yield Case(
            operator,
            (given(codes(rng, dims, dtype, index % 8 == 0), s, zero), constant(stated)),
            (computed(result, s_out, zero_out, dtype),),
            "ReducerOptions",
            {"keepDims": keep},
        )


def search(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """ARG_MAX and ARG_MIN, with equal elements."""
    for index in range(24):
        dims = dims_of(rng, int(rng.integers(1, 5)))
        axis = int(rng.integers(len(dims)))
        x = codes(rng, dims, dtype) if index % 2 else rng.integers(-2, 3, dims).astype(dtype)
        stated = constant(np.array(axis - len(dims) * (index % 3 == 0), np.int32))
        result = (*dims[:axis], *dims[axis + 1 :]) or (1,)
        if len(dims) == 1:
            continue
        options = "ArgMaxOptions" if operator == "ARG_MAX" else "ArgMinOptions"
        yield Case(
            operator,
            (given(x, scale(rng), zero_point(rng, dtype)), stated),
            (computed(result, dtype="int32"),),
            options,
            {"outputType": 2},
        )


def cumulative_sum(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(24):
        dims = dims_of(rng, int(rng.integers(1, 5)))
        axis = int(rng.integers(len(dims)))
        s = scale(rng)
        s_out = float(np.float32(s * rng.choice([0.5, 1.0, 3.0])))
        fields = {"exclusive": bool(index & 1), "reverse": bool(index & 2)}
        stated = constant(np.array([axis - len(dims) * (index % 3 == 0)], np.int32))
        x = given(codes(rng, dims, dtype), s, zero_point(rng, dtype))
        output = computed(dims, s_out, zero_point(rng, dtype), dtype)
        yield Case(operator, (x, stated), (output,), "CumsumOptions", fields)


def softmax(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """Many rows, among them constant rows and rows of the ends of the range; scales up to one step per e; int8 to int16, too."""
    s_out, zero_out = (1 / 256, -128) if dtype == "int8" else (1 / 32768, 0)
    for index in range(30):
        classes = int(rng.choice([1, 2, 3, 10, 12, 100]))
        x = codes(rng, (100, classes), dtype)
        x[:5] = codes(rng, (5, classes), dtype, extreme=True)
        x[5] = x[5, 0]
        x[6:50] = x[6:50] // 16
        s_in = scale(rng, 1e-4, 2.0) / (1 if dtype == "int8" else 256)
        source = given(x, float(np.float32(s_in)), zero_point(rng, dtype))
        beta = 1.0 if index % 4 else 0.5
        output = computed(x.shape, s_out, zero_out, dtype)
        if dtype == "int8" and index % 3 == 2:
            output = computed(x.shape, 1 / (65536 - index % 2), -32768, "int16")
        yield Case(operator, (source,), (output,), "SoftmaxOptions", {"beta": beta})


def log_softmax(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for _ in range(24):
        x = codes(rng, (60, int(rng.choice([1, 2, 3, 10, 12, 100]))), dtype)
        x[:5] = codes(rng, (5, x.shape[1]), dtype, extreme=True)
        x[5] = x[5, 0]
        source = given(x, scale(rng, 1e-3, 2.0), zero_point(rng, dtype))
        yield Case(operator, (source,), (computed(x.shape, 16 / 256, 127, dtype),), "LogSoftmaxOptions")


def l2_normalization(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(30):
        dims = dims_of(rng, int(rng.integers(2, 5)), 12)
        x = codes(rng, dims, dtype, index % 6 == 0)
        source = given(x, scale(rng), zero_point(rng, dtype))
        if index % 5 == 0:
            x[..., :] = source.zero_point
        yield Case(operator, (source,), (computed(dims, 1 / 128, 0, dtype),), "L2NormOptions")
