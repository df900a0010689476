# SPDX-License-Identifier: Apache-2.0
"""Cases of operators that tflite-micro does not have; LiteRT has them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.operators.case import Array, Case, Operand, computed, constant, given

Generator = np.random.Generator


def _ints(*values: int) -> Operand:
    return constant(np.array(values, np.int32))


def _float(rng: Generator, *dims: int) -> Array:
    return rng.normal(0, 2, dims).astype(np.float32)


def _out(*dims: int, dtype: str = "float32") -> tuple[Operand]:
    return (computed(dims, dtype=dtype),)


def of_float32(rng: Generator) -> Iterator[Case]:
    x, y = given(_float(rng, 2, 3, 4)), given(np.abs(_float(rng, 3, 1)))
    for operator in ("RELU_0_TO_1", "RELU_N1_TO_1", "SIGN"):
        yield Case(operator, (x,), _out(2, 3, 4))
    for approximate in (False, True):
        yield Case("GELU", (x,), _out(2, 3, 4), "GeluOptions", {"approximate": approximate})
    yield Case("POW", (given(np.abs(_float(rng, 2, 3, 4)) + np.float32(0.1)), y), _out(2, 3, 4), "PowOptions")
    yield Case("ATAN2", (x, given(_float(rng, 2, 3, 4))), _out(2, 3, 4), "ATan2Options")
    yield Case("REDUCE_PROD", (x, _ints(-1, 0)), _out(3), "ReducerOptions", {"keepDims": False})
    fields = {"radius": 2, "bias": 1.5, "alpha": 0.3, "beta": 0.75}
    image = given(_float(rng, 1, 2, 3, 7))
    options = "LocalResponseNormalizationOptions"
    yield Case("LOCAL_RESPONSE_NORMALIZATION", (image,), _out(1, 2, 3, 7), options, fields)
    yield Case("TILE", (x, _ints(2, 1, 3)), _out(4, 3, 12), "TileOptions")
    yield Case("FILL", (_ints(2, 3), given(np.float32(2.5).reshape(()))), _out(2, 3), "FillOptions")
    rows = given(np.array([3, 0, 3], np.int32))
    yield Case("EMBEDDING_LOOKUP", (rows, constant(_float(rng, 4, 5))), _out(3, 5))


def of_conditions(rng: Generator) -> Iterator[Case]:
    a, b = given(_float(rng, 3, 4)), given(_float(rng, 3, 4))
    for dims in ((3, 4), (3,)):
        yield Case("SELECT", (given(rng.integers(0, 2, dims).astype(bool)), a, b), _out(3, 4), "SelectOptions")


def of_integers(rng: Generator) -> Iterator[Case]:
    a, b = (given(rng.integers(-99, 99, (3, 4)).astype(np.int32)) for _ in range(2))
    yield Case("BITWISE_XOR", (a, b), _out(3, 4, dtype="int32"), "BitwiseXorOptions")
    by = given(rng.integers(0, 8, (3, 4)).astype(np.int32))
    yield Case("RIGHT_SHIFT", (a, by), _out(3, 4, dtype="int32"), "RightShiftOptions")


def of_dims(rng: Generator) -> Iterator[Case]:
    """What is known when the model is imported."""
    x = given(_float(rng, 2, 3, 4))
    yield Case("SHAPE", (x,), _out(3, dtype="int32"), "ShapeOptions", {"outType": 2})
    yield Case("RANK", (x,), _out(dtype="int32"), "RankOptions")


FAMILIES = (of_float32, of_conditions, of_integers, of_dims)


def litert_cases() -> list[Case]:
    return [case for family in FAMILIES for case in family(np.random.default_rng(5))]
