# SPDX-License-Identifier: Apache-2.0
"""Functions of int16 tensors, and changes of quantisation between integers of any size, against the reference bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_nodes import Given, check
from kernel_strategies import seeds

from sconnx.graph.model import QuantValues
from sconnx.graph.operator import (
    Abs,
    Add,
    AveragePooling1D,
    AveragePooling2D,
    Clip,
    LeakyRelu,
    Maximum,
    MaxPooling1D,
    MaxPooling2D,
    Minimum,
    Mul,
    Operator,
    ReduceMean,
    ReduceSum,
    Relu,
    Relu6,
    Requantize,
    Rsqrt,
    Sigmoid,
    Softmax,
    SquaredDifference,
    Sub,
    Tanh,
)
from sconnx.graph.tensor import DType
from sconnx.reference.rule import Rule

S16 = DType.INT16
ALL = np.arange(-32768, 32768).astype(np.int16)


def integers(rng: np.random.Generator, dtype: DType, *dims: int) -> np.ndarray:
    info = np.iinfo(dtype.value)
    near = 1 << 20
    return rng.integers(max(info.min, -near), min(info.max, near) + 1, dims).astype(dtype.value)


@pytest.mark.parametrize(
    "operator",
    [Abs(), Relu(), Relu6(), Clip(low=-1.0, high=1.0), LeakyRelu(alpha=0.1), LeakyRelu(alpha=-0.5), Requantize()],
    ids=str,
)
def test_rescaled(libraries: tuple[KernelLibrary, ...], operator: Operator) -> None:
    for scale in (1e-4, 3e-4, 5e-5):
        operands = [Given(ALL, QuantValues.of(2e-4, 0))]
        check(libraries, operator, operands, Rule.TFLITE, QuantValues.of(scale, 0), S16)


@pytest.mark.parametrize("operator", [Sigmoid(), Tanh()], ids=str)
def test_curves(libraries: tuple[KernelLibrary, ...], operator: Operator) -> None:
    for scale in (2.0**-12, 2.0**-11, 1e-4, 3e-3, 1e-6):
        operands = [Given(ALL, QuantValues.of(scale, 0))]
        check(libraries, operator, operands, Rule.TFLITE, QuantValues.of(2.0**-15, 0), S16)


def test_reciprocal_square_roots(libraries: tuple[KernelLibrary, ...]) -> None:
    for scale, out in ((1e-4, 1e-3), (1.0, 2.0**-15), (1e-4, 300.0), (1e-8, 1e-5)):
        operands = [Given(ALL, QuantValues.of(scale, 0))]
        check(libraries, Rsqrt(), operands, Rule.TFLITE, QuantValues.of(out, 0), S16)


@pytest.mark.parametrize("dims", [(200, 1), (300, 2), (40, 50), (1, 4, 3, 10), (1, 65536)])
def test_softmax(libraries: tuple[KernelLibrary, ...], dims: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    for scale, beta in ((1e-5, 1.0), (1e-4, 0.5), (3e-3, 1.0), (9.0, 1.0)):
        x = integers(rng, S16, *dims)
        x.reshape(-1, dims[-1])[::3] //= 64
        operands = [Given(x, QuantValues.of(scale, 0))]
        check(libraries, Softmax(beta=beta), operands, Rule.TFLITE, QuantValues.of(2.0**-15, 0), S16)


@pytest.mark.parametrize("dims", [(200, 1), (300, 2), (40, 50), (1, 4, 3, 10), (1, 4095)])
def test_softmax_of_int8(libraries: tuple[KernelLibrary, ...], dims: tuple[int, ...]) -> None:
    """With an output of int16, which has a zero point here."""
    rng = np.random.default_rng(1)
    for scale, beta in ((1e-3, 1.0), (0.03, 0.5), (0.3, 1.0), (3.0, 1.0)):
        x = integers(rng, DType.INT8, *dims)
        x.reshape(-1, dims[-1])[::3] //= 16
        operands = [Given(x, QuantValues.of(scale, 7))]
        check(libraries, Softmax(beta=beta), operands, Rule.TFLITE, QuantValues.of(2.0**-16, -32768), S16)


CONVERSIONS = [
    (DType.INT8, DType.UINT8),
    (DType.UINT8, DType.INT8),
    (DType.INT8, DType.INT16),
    (DType.INT16, DType.INT8),
    (DType.INT32, DType.INT8),
    (DType.INT32, DType.INT16),
]
TO_INT32 = [(DType.INT8, DType.INT32), (DType.INT16, DType.INT32)]
"""By the rule of TFLite only."""


@pytest.mark.parametrize(
    ("source", "target", "rule"),
    [*((*pair, rule) for pair in CONVERSIONS for rule in Rule), *((*pair, Rule.TFLITE) for pair in TO_INT32)],
)
def test_conversions(libraries: tuple[KernelLibrary, ...], source: DType, target: DType, rule: Rule) -> None:
    rng = np.random.default_rng(1)
    for scale in (0.003, 0.01, 0.5, 1e-6):
        x = integers(rng, source, 700)
        zero = {DType.UINT8: 131, DType.INT32: 0}.get(target, -3)
        operands = [Given(x, QuantValues.of(0.01, 117 if source is DType.UINT8 else 0))]
        check(libraries, Requantize(), operands, rule, QuantValues.of(scale, zero), target)


@pytest.mark.parametrize("rule", Rule)
def test_the_port_of_an_uint8_tensor_flips_one_bit(libraries: tuple[KernelLibrary, ...], rule: Rule) -> None:
    x = np.arange(256).astype(np.uint8)
    operands = [Given(x, QuantValues.of(0.0173, 77))]
    y = check(libraries, Requantize(), operands, rule, QuantValues.of(0.0173, 77 - 128))
    np.testing.assert_array_equal(y.view(np.uint8), x ^ 0x80)


@kernel_settings
@given(
    st.sampled_from([Add(), Sub(), Mul(), SquaredDifference(), Minimum(), Maximum()]),
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 2)), max_size=4),
    seeds,
)
def test_pairs(
    libraries: tuple[KernelLibrary, ...], operator: Operator, axes: list[tuple[int, int]], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    a = integers(rng, S16, *(1 if kind == 1 else dim for dim, kind in axes))
    b = integers(rng, S16, *(1 if kind == 2 else dim for dim, kind in axes))
    if seed % 4 == 0:
        a, b = (rng.choice(np.array([-32768, 32767], np.int16), x.shape) for x in (a, b))
    left, right = np.exp(rng.uniform(np.log(1e-5), np.log(1e-3), 2))
    product = isinstance(operator, Mul | SquaredDifference)
    output = QuantValues.of((20000 * left * right if product else left + right) * rng.choice([0.3, 1.0]), 0)
    quants = [QuantValues.of(left, 0), QuantValues.of(right, 0), output]
    if isinstance(operator, Minimum | Maximum):
        quants = [quants[0]] * 3
    check(libraries, operator, [Given(a, quants[0]), Given(b, quants[1])], Rule.TFLITE, quants[2], S16)


POOLINGS: list[tuple[Operator, tuple[int, ...]]] = [
    (MaxPooling2D(kernel_dims=(2, 3), dilation_dims=(2, 1), padding=(0, 2, 1, 0)), (1, 6, 5, 3)),
    (MaxPooling1D(kernel_dims=(3,), stride_dims=(2,), padding=(1, 1)), (1, 10, 3)),
    (AveragePooling2D(kernel_dims=(3, 2), stride_dims=(1, 2), padding=(1, 0, 1, 1)), (1, 6, 5, 3)),
    (AveragePooling1D(kernel_dims=(10,)), (1, 10, 3)),
]


@pytest.mark.parametrize(("operator", "dims"), POOLINGS, ids=str)
def test_poolings(libraries: tuple[KernelLibrary, ...], operator: Operator, dims: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    quant = QuantValues.of(1e-4, 0)
    for x in (integers(rng, S16, *dims), rng.choice(np.array([-32768, 32767], np.int16), dims)):
        check(libraries, operator, [Given(x, quant)], Rule.TFLITE, quant, S16)


@pytest.mark.parametrize("operator", [ReduceSum, ReduceMean])
def test_sums(libraries: tuple[KernelLibrary, ...], operator: type[ReduceSum | ReduceMean]) -> None:
    rng = np.random.default_rng(1)
    for axes in ((0,), (1, 2), (0, 3), (0, 1, 2, 3)):
        x = integers(rng, S16, 3, 4, 5, 6)
        output = QuantValues.of(2e-4 * (50 if operator is ReduceSum else 0.1), 0)
        check(libraries, operator(axes=axes), [Given(x, QuantValues.of(2e-4, 0))], Rule.TFLITE, output, S16)
