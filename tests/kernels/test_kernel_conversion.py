# SPDX-License-Identifier: Apache-2.0
"""Kernels of Quantize and Dequantize, by their rules, bit for bit against the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import seeds
from numpy.typing import NDArray
from plain_cases import kernel_outputs, plain_model

from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Dequantize, Quantize
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule

INTEGERS = {DType.INT8: (-128, 127), DType.UINT8: (0, 255), DType.INT16: (-32768, 32767)}
shapes = st.lists(st.integers(1, 5), min_size=1, max_size=5).map(tuple)


def quantization(rng: np.random.Generator, dtype: DType, dims: tuple[int, ...], axis: int | None) -> QuantValues:
    low, high = INTEGERS.get(dtype, (-1000, 1000))
    count = 1 if axis is None else dims[axis]
    scale = (2.0 ** rng.uniform(-20, 10, count)).astype(np.float32)
    return QuantValues.of(scale, rng.integers(low, high + 1, count), axis)


def floats(rng: np.random.Generator, quant: QuantValues, dims: tuple[int, ...]) -> NDArray[np.float32]:
    """Whole steps and halves, values beside them, beyond the range, and infinite ones."""
    steps = rng.integers(-300, 300, dims) / 2
    kinds = rng.integers(0, 5, dims)
    steps = np.where(kinds == 1, rng.uniform(-70000, 70000, dims), steps)
    values = (steps * quant.scale[0]).astype(np.float32)
    values = np.where(kinds == 2, np.nextafter(values, np.float32(np.inf)), values)
    values = np.where(kinds == 3, np.nextafter(values, np.float32(-np.inf)), values)
    return np.where((kinds == 4) & (rng.integers(0, 9, dims) == 0), np.copysign(np.inf, values), values).astype(
        np.float32
    )


def same(libraries: tuple[KernelLibrary, ...], model: Any, x: NDArray[Any]) -> None:
    (expected,) = execute(model, [x]).values()
    for library in libraries:
        (actual,) = kernel_outputs(model, [x], library)
        assert actual.dtype == expected.dtype
        np.testing.assert_array_equal(actual, expected, err_msg=library.name)


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("rule", list(Rule))
@kernel_settings
@given(dims=shapes, seed=seeds, data=st.data())
def test_quantize(
    libraries: tuple[KernelLibrary, ...],
    rule: Rule,
    dtype: DType,
    dims: tuple[int, ...],
    seed: int,
    data: st.DataObject,
) -> None:
    rng = np.random.default_rng(seed)
    axis = data.draw(st.sampled_from([None, *range(len(dims))]))
    quant = quantization(rng, dtype, dims, axis)
    model = plain_model(Quantize(), [dims], dtype=dtype, quantizations=(None, quant), rule=rule)
    same(libraries, model, floats(rng, quant, dims))


@pytest.mark.parametrize("dtype", [*INTEGERS, DType.INT32])
@kernel_settings
@given(dims=shapes, seed=seeds, data=st.data())
def test_dequantize(
    libraries: tuple[KernelLibrary, ...], dtype: DType, dims: tuple[int, ...], seed: int, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    axis = data.draw(st.sampled_from([None, *range(len(dims))]))
    quant = quantization(rng, dtype, dims, axis)
    model = plain_model(Dequantize(), [dims], quantizations=(quant, None), input_dtype=dtype)
    low, high = INTEGERS.get(dtype, (-(2**31) + 1000, 2**31 - 1001))
    same(libraries, model, rng.integers(low, high + 1, dims).astype(dtype.value))
