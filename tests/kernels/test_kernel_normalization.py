# SPDX-License-Identifier: Apache-2.0
"""LogSoftmax, L2Normalization and bilinear interpolation of int8 tensors, against the reference bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_nodes import Given, check
from kernel_strategies import int8_tensor, seeds

from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Coordinates, Interpolation, L2Normalization, LogSoftmax, Operator, Resize
from sconnx.reference.interpolation import COORDINATES
from sconnx.reference.rule import Rule


@pytest.mark.parametrize("dims", [(1,), (5, 7), (1, 4, 3, 6), (2, 3, 1000)])
@pytest.mark.parametrize("operator", [LogSoftmax(), L2Normalization()], ids=lambda operator: operator.type_name)
def test_normalization(libraries: tuple[KernelLibrary, ...], operator: Operator, dims: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    output = QuantValues.of(1 / 16, 127) if isinstance(operator, LogSoftmax) else QuantValues.of(1 / 128, 0)
    for scale in (1e-3, 0.02, 0.3, 2.0):
        zero = int(rng.integers(-128, 128))
        for x in (
            int8_tensor(rng, *dims),
            rng.choice(np.array([-128, 127], np.int8), dims),
            np.full(dims, zero, np.int8),
        ):
            check(libraries, operator, [Given(x, QuantValues.of(scale, zero))], Rule.TFLITE, output)


_sizes = st.tuples(st.integers(1, 7), st.integers(1, 7))


@kernel_settings
@given(_sizes, _sizes, st.sampled_from(COORDINATES), seeds)
def test_bilinear(
    libraries: tuple[KernelLibrary, ...],
    size: tuple[int, int],
    target: tuple[int, int],
    coordinates: Coordinates,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    x = int8_tensor(rng, 2, *size, 3) if seed % 3 else rng.choice(np.array([-128, 127], np.int8), (2, *size, 3))
    operator = Resize(dims=(2, *target, 3), interpolation=Interpolation.LINEAR, coordinates=coordinates)
    quant = QuantValues.of(0.1, 3)
    check(libraries, operator, [Given(x, quant)], Rule.TFLITE, quant)
