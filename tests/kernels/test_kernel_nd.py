# SPDX-License-Identifier: Apache-2.0
"""Kernels of plain tensors of any rank, by their rules, against the plain reference: bit for bit unless float32 is computed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from kernel_cases import GENERIC, LIBS, rule_of
from kernel_library import KERNELS, KernelLibrary, kernel_settings
from kernel_strategies import seeds
from numpy.typing import NDArray
from plain_cases import kernel_outputs

from sconnx.export.node import export_node
from sconnx.graph import operator as op
from sconnx.graph.model import ModelBuilder, QuantValues
from sconnx.graph.operator import Operator
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule

Values = NDArray[Any]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.0, -3.0, 6.0, 7.0, 88.0, -88.0, 1e-40, 3e38, -3e38]
ENDS = [np.inf, -np.inf, np.nan]
SIGNED = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64")
INTEGERS = (*SIGNED, "uint64")
dtypes = st.sampled_from((*INTEGERS, "float32", "bool"))
ranks = st.lists(st.integers(1, 4), min_size=1, max_size=5).map(tuple)


def values_of(rng: np.random.Generator, dtype: str, *dims: int, ends: bool = True) -> Values:
    """Values of the whole type, small ones, or (of floats) special ones."""
    if dtype == "bool":
        return rng.integers(0, 2, dims).astype(bool)
    if dtype == "float32":
        values = rng.standard_normal(dims) * rng.choice([1, 10, 100])
        special = rng.choice(SPECIAL + (ENDS if ends else []), dims)
        return np.where(rng.random(dims) < 0.1, special, values).astype(np.float32)
    limits = np.iinfo(dtype)
    if rng.integers(2):
        return rng.integers(limits.min, limits.max, dims, dtype=dtype, endpoint=True)
    return rng.integers(max(limits.min, -4), 5, dims).astype(dtype)


def check(
    libraries: tuple[KernelLibrary, ...],
    operator: Operator,
    inputs: Sequence[Values],
    *outputs: str,
    constant: Sequence[int] = (),
    rtol: float | None = None,
    quantization: QuantValues | None = None,
) -> None:
    """The kernel computes what the reference does; `constant` inputs are known at build time."""
    builder = ModelBuilder("one", Rule.ONNX)
    operands = tuple(
        builder.add_constant(f"c{position}", value)
        if position in constant
        else builder.add_input(f"x{position}", DType(value.dtype.name), value.shape, None if position else quantization)
        for position, value in enumerate(inputs)
    )
    made = builder.add_node_of_many(
        operator,
        operands,
        name="n",
        source_index=0,
        output_names=[f"y{number}" for number in range(len(outputs))],
        dtype=[DType(output) for output in outputs],
        quantization=quantization,
    )
    model = builder.build(list(made))
    given_ = [value for position, value in enumerate(inputs) if position not in constant]
    expected = list(execute(model, given_).values())
    for library in libraries:
        for actual, wanted in zip(kernel_outputs(model, given_, library), expected, strict=True):
            if rtol is None:
                np.testing.assert_array_equal(actual, wanted, library.name)
            else:
                np.testing.assert_allclose(actual, wanted, rtol=rtol, atol=1e-37, err_msg=library.name)


def refused(operator: Operator, dtype: str, count: int = 1) -> None:
    """No kernel takes elements of a dtype."""
    builder = ModelBuilder("one", Rule.ONNX)
    operands = tuple(builder.add_input(f"x{position}", DType(dtype), (3,), None) for position in range(count))
    y = builder.add_node(operator, operands, name="n", source_index=0, output_name="y", dtype=DType(dtype))
    with pytest.raises(StopIteration):
        rule_of(export_node(builder.build([y]).graph, 0))


def test_dtypes_have_the_numbers_of_the_kernels() -> None:
    text = (KERNELS / "generic/sx_integers.h").read_text()
    names = re.search(r"typedef enum \{ (.*?) \} sx_dtype;", text)
    assert names is not None
    numbers = {name: number for number, name in enumerate(names.group(1).split(", "))}
    assert LIBS["generic"] is GENERIC
    import export_rules.generic.elements as elements  # Loaded with the libs.
    import export_rules.generic.walk as walk

    short = {"uint": "U", "int": "S", "float": "F"}

    def called(dtype: str) -> str:
        kind = dtype.rstrip("0123456789")
        return f"SX_{short[kind]}{dtype.removeprefix(kind)}" if kind in short else f"SX_{dtype.upper()}"

    assert {called(dtype.value): number for dtype, number in elements.NUMBERS.items()} == numbers
    assert f"#define SX_MAX_RANK {walk.LARGEST_RANK}\n" in (KERNELS / "generic/sx_walk.h").read_text()


UNARY = [
    *(getattr(op, name)() for name in "Relu Relu6 LeakyRelu ThresholdedRelu Elu Selu Celu Gelu HardSigmoid".split()),
    *(getattr(op, name)() for name in "HardSwish Swish Mish Shrink Sigmoid Tanh Softplus Softsign Erf Exp Log".split()),
    *(getattr(op, name)() for name in "Sqrt Rsqrt Square Reciprocal Abs Neg Sign Floor Ceil Round Sin Cos Tan".split()),
    *(getattr(op, name)() for name in "Asin Acos Atan Sinh Cosh Asinh Acosh Atanh".split()),
    *(op.Elu(alpha=0.3), op.Selu(alpha=2.0, gamma=0.5), op.Celu(alpha=2.0), op.LeakyRelu(alpha=-0.5)),
    *(op.Gelu(approximate=True), op.HardSigmoid(alpha=0.5, beta=0.1), op.Swish(alpha=1.7)),
    *(op.Shrink(bias=1.5, threshold=1.0), op.Clip(low=-1.0), op.Clip(high=2.5), op.Clip(low=-1.0, high=1.0)),
]


@pytest.mark.parametrize("operator", UNARY, ids=str)
def test_unary(libraries: tuple[KernelLibrary, ...], operator: Operator) -> None:
    rng = np.random.default_rng(3)
    x = values_of(rng, "float32", 3, 5, 7, 4, ends=not isinstance(operator, op.HardSwish))
    if isinstance(operator, op.HardSigmoid):
        x = np.rint(x)  # Near its zero, two terms cancel out.
    check(libraries, operator, [x], "float32", rtol=2e-6)
    check(libraries, operator, [x[:1]], "float32", rtol=2e-6)
    check(libraries, operator, [np.array(0.7, np.float32)], "float32", rtol=2e-6)


@pytest.mark.parametrize(
    "operator", [op.IsNaN(), op.IsInf(), op.IsInf(positive=False), op.IsInf(negative=False)], ids=str
)
def test_tests(libraries: tuple[KernelLibrary, ...], operator: Operator) -> None:
    x = values_of(np.random.default_rng(3), "float32", 1, 5, 7, 4)
    check(libraries, operator, [x], "bool")
    check(libraries, operator, [x[0, 0]], "bool")


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", ["Relu", "Square", "Abs", "Neg", "Sign", "BitwiseNot", "Clip"])
def test_unary_of_integers(libraries: tuple[KernelLibrary, ...], name: str, dtype: str) -> None:
    rng = np.random.default_rng(5)
    operator = op.Clip(low=1, high=3) if name == "Clip" else getattr(op, name)()
    if dtype == "uint64" and name not in ("Square", "Neg", "BitwiseNot"):
        refused(operator, dtype)
        return
    for size in (1, 16, 77):
        check(libraries, operator, [values_of(rng, dtype, size)], dtype)


def test_not(libraries: tuple[KernelLibrary, ...]) -> None:
    check(libraries, op.Not(), [values_of(np.random.default_rng(5), "bool", 33)], "bool")


@st.composite
def broadcasts(draw: st.DrawFn, count: int = 2) -> list[tuple[int, ...]]:
    """Dims of operands that broadcast."""
    dims = draw(ranks)
    operands = []
    for _ in range(count):
        start = draw(st.sampled_from((0, 0, 1, len(dims))))
        kept = draw(st.lists(st.booleans(), min_size=len(dims), max_size=len(dims)))
        operands.append(tuple(dim if keep else 1 for dim, keep in zip(dims[start:], kept[start:], strict=True)))
    return operands


BINARY = [
    *(getattr(op, name)() for name in "Add Sub Mul Div Minimum Maximum SquaredDifference PRelu Pow Atan2".split()),
    *(op.Add(activation=op.Activation.RELU6), op.Div(activation=op.Activation.RELU_N1_TO_1)),
    *(op.Mod(truncated=True), op.Mod(), op.FloorDiv()),
    *(getattr(op, name)() for name in "Equal NotEqual Greater GreaterEqual Less LessEqual".split()),
]
COMPARISONS = tuple(getattr(op, name) for name in "Equal NotEqual Greater GreaterEqual Less LessEqual".split())
MODULAR = (op.Add, op.Sub, op.Mul, op.SquaredDifference, op.ShiftLeft, op.BitwiseAnd, op.BitwiseOr, op.BitwiseXor)
INTEGER_BINARY = [
    *(operator for operator in BINARY if not isinstance(operator, op.Atan2 | op.Div) or operator == op.Div()),
    *(getattr(op, name)() for name in "BitwiseAnd BitwiseOr BitwiseXor ShiftLeft ShiftRight".split()),
]


@pytest.mark.parametrize("operator", BINARY, ids=str)
@kernel_settings
@given(broadcasts(), st.sampled_from(((), (1,), (0,))), seeds)
def test_binary(
    libraries: tuple[KernelLibrary, ...],
    operator: Operator,
    dims: list[tuple[int, ...]],
    constant: tuple[int, ...],
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    exact = isinstance(operator, op.FloorDiv | op.Mod)
    a, b = (values_of(rng, "float32", *own, ends=not exact) for own in dims)
    if exact:
        a, b = np.rint(a % 1000), np.where(np.rint(b % 1000) == 0, 1, np.rint(b % 1000)).astype(np.float32)
    output = "bool" if isinstance(operator, COMPARISONS) else "float32"
    rtol = 1e-6 if isinstance(operator, op.Pow | op.Atan2) else None
    check(libraries, operator, [a, b], output, constant=constant, rtol=rtol)


@pytest.mark.parametrize("operator", INTEGER_BINARY, ids=str)
@kernel_settings
@given(broadcasts(), st.sampled_from(INTEGERS), seeds)
def test_binary_of_integers(
    libraries: tuple[KernelLibrary, ...], operator: Operator, dims: list[tuple[int, ...]], dtype: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    of_uint64 = (*COMPARISONS, *MODULAR, op.Minimum, op.Maximum, op.Div, op.FloorDiv, op.Mod, op.ShiftRight)
    if dtype == "uint64" and (
        not isinstance(operator, of_uint64) or operator == op.Add(activation=op.Activation.RELU6)
    ):
        refused(operator, dtype, 2)
        return
    a, b = (values_of(rng, dtype, *own) for own in dims)
    if isinstance(operator, op.ShiftLeft | op.ShiftRight):
        b = (np.abs(b) % (8 * b.itemsize)).astype(dtype)
    if isinstance(operator, op.Pow):
        b = (b % 7).astype(dtype)
    if isinstance(operator, op.Add) and operator.activation is not op.Activation.NONE:
        a, b = (a // 4).astype(dtype), (b // 4).astype(dtype)
    check(libraries, operator, [a, b], "bool" if isinstance(operator, COMPARISONS) else dtype)


@pytest.mark.parametrize("operator", [op.And(), op.Or(), op.Xor(), op.Equal(), op.NotEqual()], ids=str)
@kernel_settings
@given(broadcasts(), seeds)
def test_logic(
    libraries: tuple[KernelLibrary, ...], operator: Operator, dims: list[tuple[int, ...]], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    check(libraries, operator, [values_of(rng, "bool", *own) for own in dims], "bool")


def test_images_go_row_by_row(libraries: tuple[KernelLibrary, ...]) -> None:
    rng = np.random.default_rng(9)
    a, b = (values_of(rng, "float32", 1, 4, 3, 5) for _ in range(2))
    check(libraries, op.Add(), [a, b], "float32")
    check(libraries, op.Add(), [a, b[:, :1]], "float32")


@kernel_settings
@given(broadcasts(3), dtypes, seeds)
def test_where(libraries: tuple[KernelLibrary, ...], dims: list[tuple[int, ...]], dtype: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    condition = values_of(rng, "bool", *dims[0])
    check(libraries, op.Where(), [condition, *(values_of(rng, dtype, *own) for own in dims[1:])], dtype)


@kernel_settings
@given(dtypes, dtypes, st.integers(1, 40), seeds)
def test_cast(libraries: tuple[KernelLibrary, ...], source: str, target: str, size: int, seed: int) -> None:
    assume(source != target and (source, target) != ("float32", "uint64"))
    x = values_of(np.random.default_rng(seed), source, size, ends=False)
    if source == "float32" and target != "bool":
        x = np.clip(x, 0 if "u" in target else -100, 100).astype(np.float32)
    check(libraries, op.Cast(), [x], target)


REDUCTIONS = "Sum Mean Max Min Prod L1 L2 SumSquare LogSum LogSumExp".split()


@pytest.mark.parametrize("name", REDUCTIONS)
@kernel_settings
@given(ranks, st.data(), st.booleans(), seeds)
def test_reduction(
    libraries: tuple[KernelLibrary, ...], name: str, dims: tuple[int, ...], data: st.DataObject, keep: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    axes = tuple(sorted(data.draw(st.sets(st.integers(0, len(dims) - 1)))))
    operator = getattr(op, f"Reduce{name}")(axes=axes, keep_dims=keep)
    x = rng.uniform(0.1, 2.0, dims).astype(np.float32)
    if name == "LogSum":
        x += 1  # Away from the logarithm of 1, next to which the error of the sum is large.
    check(libraries, operator, [x], "float32", rtol=2e-6)
    if name not in ("L2", "LogSum", "LogSumExp"):
        dtype = (SIGNED if name in ("Mean", "L1") else INTEGERS)[seed % 7]
        integers = values_of(rng, dtype, *dims)
        check(libraries, operator, [integers // 8 if name == "Mean" else integers], dtype)


def test_long_sums_and_infinities(libraries: tuple[KernelLibrary, ...]) -> None:
    x = np.random.default_rng(1).uniform(0.9, 1.1, (3, 20_003)).astype(np.float32)
    for axis in (0, 1):
        check(libraries, op.ReduceSum(axes=(axis,)), [x], "float32", rtol=2e-7)
        check(libraries, op.ReduceLogSumExp(axes=(axis,)), [x], "float32", rtol=3e-7)
    ends = np.array([[1, np.inf, 2], [-np.inf, 1, -np.inf], [np.nan, 1, 2], [np.inf, -np.inf, 1]], np.float32)
    for name in REDUCTIONS:
        check(libraries, getattr(op, f"Reduce{name}")(axes=(1,)), [ends], "float32", rtol=2e-6)


@kernel_settings
@given(st.sampled_from(("ArgMax", "ArgMin")), ranks, st.data(), dtypes, st.booleans(), st.booleans(), seeds)
def test_arg(
    libraries: tuple[KernelLibrary, ...],
    kind: str,
    dims: tuple[int, ...],
    data: st.DataObject,
    dtype: str,
    last: bool,
    keep: bool,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    axis = data.draw(st.integers(0, len(dims) - 1))
    x = values_of(rng, "int8" if dtype == "bool" else dtype, *dims, ends=False)
    operator = getattr(op, kind)(axis=axis, keep_dims=keep, last=last)
    check(libraries, operator, [x], ("int32", "int64")[seed % 2])


@kernel_settings
@given(ranks, st.data(), st.sampled_from((*INTEGERS, "float32")), st.booleans(), st.booleans(), seeds)
def test_cumulative_sum(
    libraries: tuple[KernelLibrary, ...],
    dims: tuple[int, ...],
    data: st.DataObject,
    dtype: str,
    exclusive: bool,
    reverse: bool,
    seed: int,
) -> None:
    axis = data.draw(st.integers(0, len(dims) - 1))
    x = np.random.default_rng(seed).integers(0, 9, dims).astype(dtype)
    check(libraries, op.CumSum(axis=axis, exclusive=exclusive, reverse=reverse), [x], dtype)


@kernel_settings
@given(ranks, st.data(), st.sampled_from((*INTEGERS, "float32")), st.booleans(), seeds)
def test_top_k(
    libraries: tuple[KernelLibrary, ...],
    dims: tuple[int, ...],
    data: st.DataObject,
    dtype: str,
    largest: bool,
    seed: int,
) -> None:
    axis = data.draw(st.integers(0, len(dims) - 1))
    k = data.draw(st.integers(1, dims[axis]))
    x = np.random.default_rng(seed).integers(0, 9, dims).astype(dtype)
    check(libraries, op.TopK(axis=axis, k=k, largest=largest), [x], dtype, ("int32", "int64")[seed % 2])


@kernel_settings
@given(ranks, st.data(), dtypes, seeds)
def test_transpose_slice_tile(
    libraries: tuple[KernelLibrary, ...], dims: tuple[int, ...], data: st.DataObject, dtype: str, seed: int
) -> None:
    x = values_of(np.random.default_rng(seed), dtype, *dims)
    permutation = data.draw(st.permutations(range(len(dims))))
    check(libraries, op.Transpose(permutation=tuple(permutation)), [x], dtype)
    starts, sizes, steps = [], [], []
    for dim in dims:
        start, end = data.draw(st.tuples(st.integers(0, dim - 1), st.integers(0, dim - 1)))
        step = data.draw(st.integers(1, 3)) * (1 if end >= start else -1)
        starts.append(start)
        steps.append(step)
        sizes.append(abs(end - start) // abs(step) + 1)
    check(libraries, op.Slice(starts=tuple(starts), sizes=tuple(sizes), steps=tuple(steps)), [x], dtype)
    repeats = tuple(data.draw(st.integers(1, 3)) for _ in dims)
    assume(sum(count > 1 for count in repeats) <= 3)
    check(libraries, op.Tile(repeats=repeats), [x], dtype)


@kernel_settings
@given(broadcasts(1), ranks, dtypes, seeds)
def test_broadcast_to(
    libraries: tuple[KernelLibrary, ...], dims: list[tuple[int, ...]], more: tuple[int, ...], dtype: str, seed: int
) -> None:
    (own,) = dims
    full = (*more[:2], *(3 if dim == 1 else dim for dim in own))
    x = values_of(np.random.default_rng(seed), dtype, *own)
    check(libraries, op.BroadcastTo(dims=full), [x], dtype)


@kernel_settings
@given(ranks, st.data(), st.sampled_from(op.PadMode), dtypes, seeds)
def test_pad(
    libraries: tuple[KernelLibrary, ...],
    dims: tuple[int, ...],
    data: st.DataObject,
    mode: op.PadMode,
    dtype: str,
    seed: int,
) -> None:
    most = {op.PadMode.REFLECT: -1, op.PadMode.SYMMETRIC: 0}.get(mode, 3)
    before, after = [], []
    for dim in dims:
        limit = dim + most if most < 3 else 3
        low = 0 if mode is not op.PadMode.CONSTANT else -(dim // 2)
        before.append(data.draw(st.integers(low, limit)))
        after.append(data.draw(st.integers(0, limit)))
    operator = op.Pad(before=tuple(before), after=tuple(after), mode=mode, value=1.0)
    check(libraries, operator, [values_of(np.random.default_rng(seed), dtype, *dims)], dtype)


def test_pad_of_quantised_elements(libraries: tuple[KernelLibrary, ...]) -> None:
    x = values_of(np.random.default_rng(2), "int8", 2, 3, 4)
    operator = op.Pad(before=(1, 0, 2), after=(0, 1, 1), value=0.7)
    check(libraries, operator, [x], "int8", quantization=QuantValues.of(0.1, -5))
    check(
        libraries, op.Pad(before=(1, 0, 2), after=(0, 1, 1), value=90.0), [x], "int8", quantization=QuantValues.of(0.1)
    )


def test_images_are_padded(libraries: tuple[KernelLibrary, ...]) -> None:
    x = values_of(np.random.default_rng(2), "float32", 2, 3, 4, 5)
    check(libraries, op.Pad(before=(0, 1, 2, 0), after=(0, 0, 3, 0)), [x], "float32")


@kernel_settings
@given(ranks, st.lists(st.integers(1, 3), max_size=2), st.data(), dtypes, st.sampled_from(("int32", "int64")), seeds)
def test_gather(
    libraries: tuple[KernelLibrary, ...],
    dims: tuple[int, ...],
    more: list[int],
    data: st.DataObject,
    dtype: str,
    index_dtype: str,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    x = values_of(rng, dtype, *dims)
    axis = data.draw(st.integers(0, len(dims) - 1))
    batch = data.draw(st.integers(0, axis))
    constant = data.draw(st.sampled_from(((), (1,))))
    dim = dims[axis]
    indices = rng.integers(-dim, dim, (*dims[:batch], *more)).astype(index_dtype)
    check(libraries, op.Gather(axis=axis, batch_dims=batch), [x, indices], dtype, constant=constant)
    own = (*dims[:axis], data.draw(st.integers(1, 5)), *dims[axis + 1 :])
    indices = rng.integers(-dim, dim, own).astype(index_dtype)
    check(libraries, op.GatherElements(axis=axis), [x, indices], dtype, constant=constant)


@kernel_settings
@given(ranks, st.lists(st.integers(1, 3), max_size=2), st.data(), dtypes, seeds)
def test_gather_and_scatter_nd(
    libraries: tuple[KernelLibrary, ...],
    dims: tuple[int, ...],
    more: list[int],
    data: st.DataObject,
    dtype: str,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    x = values_of(rng, dtype, *dims)
    depth = data.draw(st.integers(1, len(dims)))
    batch = data.draw(st.integers(0, len(dims) - depth))

    def indices_of(*prefix: int, first: int) -> Values:
        parts = [rng.integers(-dim, dim, prefix) for dim in dims[first : first + depth]]
        return np.stack(parts, axis=-1)

    indices = indices_of(*dims[:batch], *more, first=batch)
    check(libraries, op.GatherND(batch_dims=batch), [x, indices], dtype)
    indices = indices_of(*more, first=0)
    updates = values_of(rng, dtype, *more, *dims[depth:])
    check(libraries, op.ScatterND(), [x, indices, updates], dtype)


def test_indices_outside_stay_within(libraries: tuple[KernelLibrary, ...]) -> None:
    """They are an error of the model; no kernel leaves its tensors for one."""
    x = np.arange(12, dtype=np.int16).reshape(3, 4)
    for indices, wanted in (([7, -9], x[[2, 0]]), ([2**40, -(2**40)], x[[2, 0]])):
        builder = ModelBuilder("one", Rule.ONNX)
        operands = (builder.add_input("x", DType.INT16, x.shape, None), builder.add_input("i", DType.INT64, (2,), None))
        y = builder.add_node(op.Gather(axis=0), operands, name="n", source_index=0, output_name="y", dtype=DType.INT16)
        for library in libraries:
            (actual,) = kernel_outputs(builder.build([y]), [x, np.array(indices)], library)
            np.testing.assert_array_equal(actual, wanted)


@kernel_settings
@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(1, 4), st.integers(1, 4), dtypes, seeds)
def test_concat(
    libraries: tuple[KernelLibrary, ...], sizes: list[int], before: int, behind: int, dtype: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    parts = [values_of(rng, dtype, before, size, behind) for size in sizes]
    check(libraries, op.Concat(axis=1), parts, dtype)
    check(libraries, op.Split(axis=1, sizes=tuple(sizes)), [np.concatenate(parts, axis=1)], *(dtype,) * len(sizes))


MODES = st.sampled_from(("nearest", "linear", "cubic", "antialias linear", "antialias cubic", "inside cubic"))


@kernel_settings
@given(
    st.lists(st.tuples(st.integers(1, 5), st.one_of(st.none(), st.integers(1, 7))), min_size=1, max_size=4),
    MODES,
    st.sampled_from(op.Coordinates),
    st.sampled_from(op.Nearest),
    seeds,
)
def test_resize(
    libraries: tuple[KernelLibrary, ...],
    axes: list[tuple[int, int | None]],
    mode: str,
    coordinates: op.Coordinates,
    nearest: op.Nearest,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    *how, interpolation = mode.split()
    crop = tuple((0.0, 1.0) if new is None else (-0.1, 0.9) for _, new in axes)
    operator = op.Resize(
        dims=tuple(size if new is None else new for size, new in axes),
        interpolation=op.Interpolation(interpolation),
        coordinates=coordinates,
        nearest=nearest,
        crop=crop if coordinates is op.Coordinates.CROP else (),
        extrapolation=3.0,
        antialias="antialias" in how,
        exclude_outside="inside" in how,
    )
    x = rng.uniform(1, 2, [size for size, _ in axes]).astype(np.float32)
    check(libraries, operator, [x], "float32", rtol=1e-4)
    if interpolation == "nearest":
        dtype = INTEGERS[seed % len(INTEGERS)]
        check(libraries, operator, [values_of(rng, dtype, *x.shape)], dtype)
