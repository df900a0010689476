# SPDX-License-Identifier: Apache-2.0
"""Cases of recurrent operators: several runs of each, for the state goes on from one to the next."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.operators.case import Case, Operand, codes, computed, constant, given, scale, zero_point

Generator = np.random.Generator

_RUNS = 6


def _state(dims: tuple[int, ...], dtype: str, s: float, zero: int = 0) -> Operand:
    return Operand(dims, dtype, (s,), zero, variable=True)


def _product(*scales: float) -> float:
    """In float32, as tflite-micro computes and checks it."""
    result = np.float32(1)
    for each in scales:
        result = np.float32(result * np.float32(each))
    return float(result)


def svdf(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """int8 with a state and weights of time in int16 (as converters write) or int8."""
    for index in range(16):
        rank = 1 + index % 2
        batch, inputs, memory = 1 + index % 3, int(rng.integers(1, 12)), int(rng.integers(1, 9))
        units = int(rng.integers(1, 6))
        filters, wide = units * rank, index % 4 != 3
        kind, width = ("int16", 256) if wide else ("int8", 1)
        s_x, s_f = scale(rng, 0.01, 0.1), scale(rng, 0.002, 0.02)
        s_state = float(np.float32(s_x * s_f * 74 * 74 * np.sqrt(inputs) / 60 / width))
        s_t = scale(rng, 0.002, 0.02) / width
        s_y = float(np.float32(s_state * s_t * width * width * 74 * 60 * np.sqrt(memory * rank) / 60))
        state = _state((batch, filters * memory), kind, s_state, 0 if wide else zero_point(rng))
        bias = rng.integers(-3000, 3000, units).astype(np.int32)
        runs = [codes(rng, (batch, inputs), extreme=index % 5 == 0) for _ in range(_RUNS)]
        yield Case(
            operator,
            (
                given(runs[0], s_x, zero_point(rng)),
                constant(codes(rng, (filters, inputs)), s_f),
                constant(codes(rng, (filters, memory), kind), float(np.float32(s_t))),
                constant(bias, _product(s_state, s_t)),
                state,
            ),
            (computed((batch, units), s_y, zero_point(rng)),),
            "SVDFOptions",
            {"rank": rank, "fusedActivationFunction": 0},
            tuple((run,) for run in runs[1:]),
        )


def lstm(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """Inputs and hidden state in int8 or int16, the cell in int16 with a scale that is a power of two."""
    for index in range(12):
        batch, steps = 1 + index % 2, int(rng.integers(1, 6))
        inputs, units, time_major = int(rng.integers(1, 9)), int(rng.integers(1, 9)), index % 3 == 0
        dims = (steps, batch, inputs) if time_major else (batch, steps, inputs)
        width = 1 if dtype == "int8" else 256
        s_x, s_h, s_c = scale(rng, 0.01, 0.05) / width, 1 / 128 / width, 2.0 ** -int(rng.integers(10, 14))
        zero_h = zero_point(rng, dtype)
        s_x = float(np.float32(s_x))

        def gate(depth: int, units: int = units) -> Operand:
            return constant(np.maximum(codes(rng, (units, depth)), -127).astype(np.int8), scale(rng, 0.005, 0.02))

        kind = np.int32 if dtype == "int8" else np.int64
        weights = [gate(inputs) for _ in range(4)]
        recurrent = [gate(units) for _ in range(4)]
        biases = [
            constant(rng.integers(-2000, 2000, units).astype(kind) * width, _product(s_x, each.scale[0]))
            for each in weights
        ]
        runs = [codes(rng, dims, dtype, index % 5 == 0) for _ in range(3)]
        yield Case(
            operator,
            (
                given(runs[0], s_x, zero_point(rng, dtype)),
                *weights,
                *recurrent,
                *(None,) * 3,
                *biases,
                *(None,) * 2,
                _state((batch, units), dtype, s_h, zero_h),
                _state((batch, units), "int16", s_c),
                *(None,) * 4,
            ),
            (computed((*dims[:2], units), s_h, zero_h, dtype),),
            "UnidirectionalSequenceLSTMOptions",
            {"fusedActivationFunction": 4, "timeMajor": time_major, "cellClip": float(rng.choice([0.0, 1.0, 10.0]))},
            tuple((run,) for run in runs[1:]),
        )
