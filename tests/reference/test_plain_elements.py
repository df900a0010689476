# SPDX-License-Identifier: Apache-2.0
"""The plain references of element-wise operators, movements and reductions against the ONNX reference evaluator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sconnx.graph import operator as op
from sconnx.graph.model import ModelBuilder
from sconnx.graph.operator import Operator
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule

onnx = pytest.importorskip("onnx")
from onnx import helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

Values = NDArray[Any]
RNG = np.random.default_rng(7)


def reals(*dims: int, low: float = -5.0, high: float = 5.0) -> NDArray[np.float32]:
    return RNG.uniform(low, high, dims).astype(np.float32)


def integers(*dims: int, dtype: type[np.generic] = np.int32, low: int = -50, high: int = 50) -> Values:
    return RNG.integers(low, high, dims).astype(dtype)


def bools(*dims: int) -> Values:
    return RNG.integers(0, 2, dims).astype(np.bool_)


def by_onnx(name: str, inputs: Sequence[Values | None], outputs: int, attributes: dict[str, Any]) -> list[Values]:
    """What the evaluator makes of one node."""
    names = ["" if value is None else f"x{position}" for position, value in enumerate(inputs)]
    results = [f"y{number}" for number in range(outputs)]
    node = helper.make_node(name, names, results, **attributes)
    values = [
        numpy_helper.from_array(value, f"x{position}") for position, value in enumerate(inputs) if value is not None
    ]
    infos = [helper.make_empty_tensor_value_info(result) for result in results]
    graph = helper.make_graph([node], "single", [], infos, values)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    with np.errstate(all="ignore"):
        return [np.asarray(value) for value in ReferenceEvaluator(model).run(None, {})]


def by_reference(operator: Operator, inputs: Sequence[Values], dtypes: Sequence[np.dtype[Any]]) -> list[Values]:
    builder = ModelBuilder("one", Rule.ONNX)
    operands = tuple(
        builder.add_input(f"x{position}", DType(value.dtype.name), value.shape, None)
        for position, value in enumerate(inputs)
    )
    outputs = builder.add_node_of_many(
        operator,
        operands,
        name="n",
        source_index=0,
        output_names=[f"y{number}" for number in range(len(dtypes))],
        dtype=[DType(dtype.name) for dtype in dtypes],
    )
    values = execute(builder.build(list(outputs)), inputs)
    return list(values.values())


def check(
    operator: Operator,
    name: str,
    inputs: Sequence[Values],
    attributes: dict[str, Any] | None = None,
    more: Sequence[Values | None] = (),
    rtol: float = 1e-5,
    atol: float = 1e-6,
) -> None:
    """`more`: inputs of the ONNX operator that are attributes of ours."""
    outputs = len(operator.dims_of_outputs([value.shape for value in inputs]))
    expected = by_onnx(name, [*inputs, *more], outputs, attributes or {})
    actual = by_reference(operator, inputs, [value.dtype for value in expected])
    for found, wanted in zip(actual, expected, strict=True):
        assert found.shape == wanted.shape and found.dtype == wanted.dtype
        if found.dtype.kind == "f":
            np.testing.assert_allclose(found, wanted, rtol=rtol, atol=atol)
        else:
            np.testing.assert_array_equal(found, wanted)


UNARY: list[tuple[Operator, str, dict[str, Any]]] = [
    *((getattr(op, name)(), name, {}) for name in ("Relu", "LeakyRelu", "ThresholdedRelu", "Selu", "Celu")),
    *((getattr(op, name)(), name, {}) for name in ("HardSigmoid", "HardSwish", "Mish", "Shrink", "Sigmoid", "Tanh")),
    *((getattr(op, name)(), name, {}) for name in ("Softplus", "Softsign", "Erf", "Exp", "Log", "Sqrt", "Reciprocal")),
    *(
        (getattr(op, name)(), name, {})
        for name in ("Abs", "Neg", "Sign", "Floor", "Ceil", "Round", "Sin", "Cos", "Tan")
    ),
    *((getattr(op, name)(), name, {}) for name in ("Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh")),
    *((getattr(op, name)(), name, {}) for name in ("Gelu", "IsNaN", "IsInf")),
    (op.Elu(alpha=1.5), "Elu", {"alpha": 1.5}),
    (op.LeakyRelu(alpha=0.2), "LeakyRelu", {"alpha": 0.2}),
    (op.Selu(alpha=2.0, gamma=3.0), "Selu", {"alpha": 2.0, "gamma": 3.0}),
    (op.Celu(alpha=2.0), "Celu", {"alpha": 2.0}),
    (op.Gelu(approximate=True), "Gelu", {"approximate": "tanh"}),
    (op.HardSigmoid(alpha=0.5, beta=0.6), "HardSigmoid", {"alpha": 0.5, "beta": 0.6}),
    (op.Shrink(bias=1.5, threshold=1.5), "Shrink", {"bias": 1.5, "lambd": 1.5}),
    (op.IsInf(positive=False), "IsInf", {"detect_positive": 0}),
    (op.IsInf(negative=False), "IsInf", {"detect_negative": 0}),
]


@pytest.mark.parametrize(("operator", "name", "attributes"), UNARY, ids=lambda value: str(value))
def test_unary(operator: Operator, name: str, attributes: dict[str, Any]) -> None:
    ends = np.array([0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -1.5, np.inf, -np.inf, np.nan], np.float32)
    if name in ("Celu", "Mish", "Erf", "Gelu", "HardSwish"):
        ends = ends[:7]  # The evaluator's own formulas give NaN at infinity, or none of NaN.
    check(operator, name, [np.concatenate([reals(200), reals(200, low=-1, high=1), ends])], attributes)


@pytest.mark.parametrize(
    ("operator", "name", "x"),
    [
        (op.Not(), "Not", bools(20)),
        (op.BitwiseNot(), "BitwiseNot", integers(20)),
        (op.Abs(), "Abs", integers(20, dtype=np.int8, low=-128)),
        (op.Neg(), "Neg", integers(20, dtype=np.int64)),
        (op.Sign(), "Sign", integers(20, dtype=np.int16)),
        (op.Relu(), "Relu", integers(20, dtype=np.int8)),
    ],
    ids=lambda value: str(value)[:20],
)
def test_unary_of_integers(operator: Operator, name: str, x: Values) -> None:
    check(operator, name, [x])


@pytest.mark.parametrize("dims", [((2, 3, 4), (2, 3, 4)), ((2, 3, 4), (4,)), ((3, 1), (2, 1, 5)), ((), (3,)), ((), ())])
@pytest.mark.parametrize(
    ("operator", "name"),
    [(getattr(op, name)(), name) for name in ("Add", "Sub", "Mul", "Div", "Equal", "Greater", "Less")]
    + [(getattr(op, f"{name}imum")(), name) for name in ("Max", "Min")]
    + [(op.GreaterEqual(), "GreaterOrEqual"), (op.LessEqual(), "LessOrEqual")],
    ids=str,
)
def test_binary(operator: Operator, name: str, dims: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    check(operator, name, [reals(*own) for own in dims])
    for dtype in (np.int8, np.int16, np.int32, np.int64, np.uint8):
        a, b = (integers(*own, dtype=dtype, low=1 if dtype is np.uint8 else -50) for own in dims)
        check(operator, name, [a, np.where(b == 0, 1, b).astype(dtype)])


@pytest.mark.parametrize(
    ("operator", "name", "inputs", "attributes"),
    [
        (op.Pow(), "Pow", [reals(3, 4, low=0), reals(4)], {}),
        (op.Pow(), "Pow", [integers(3, 4, low=-5, high=5), integers(4, low=0, high=6)], {}),
        (op.PRelu(), "PRelu", [reals(2, 3, 4), reals(4)], {}),
        (op.Mod(), "Mod", [integers(30), integers(30, low=1)], {}),
        (op.Mod(), "Mod", [integers(30), integers(30, high=0)], {}),
        (op.Mod(truncated=True), "Mod", [integers(30), integers(30, high=0)], {"fmod": 1}),
        (op.Mod(truncated=True), "Mod", [reals(30), reals(30)], {"fmod": 1}),
        (op.And(), "And", [bools(3, 4), bools(4)], {}),
        (op.Or(), "Or", [bools(3, 4), bools(3, 1)], {}),
        (op.Xor(), "Xor", [bools(3, 4), bools(4)], {}),
        (op.Equal(), "Equal", [bools(3, 4), bools(4)], {}),
        (op.BitwiseAnd(), "BitwiseAnd", [integers(3, 4), integers(4)], {}),
        (op.BitwiseOr(), "BitwiseOr", [integers(3, 4, dtype=np.int16), integers(4, dtype=np.int16)], {}),
        (op.BitwiseXor(), "BitwiseXor", [integers(3, 4), integers(4)], {}),
        (
            op.ShiftLeft(),
            "BitShift",
            [integers(9, dtype=np.uint8, low=0), integers(9, dtype=np.uint8, low=0, high=8)],
            {"direction": "LEFT"},
        ),
        (
            op.ShiftRight(),
            "BitShift",
            [integers(9, dtype=np.uint8, low=0, high=256), integers(9, dtype=np.uint8, low=0, high=8)],
            {"direction": "RIGHT"},
        ),
        (op.Where(), "Where", [bools(2, 1, 4), reals(3, 1), reals(4)], {}),
        (op.Where(), "Where", [bools(2, 3), integers(1), integers(2, 3)], {}),
    ],
    ids=lambda value: str(value) if isinstance(value, Operator | str) else "",
)
def test_other_binary(operator: Operator, name: str, inputs: list[Values], attributes: dict[str, Any]) -> None:
    check(operator, name, inputs, attributes)


def test_operators_that_onnx_has_not() -> None:
    a, b = integers(40, dtype=np.int8), integers(40, dtype=np.int8, low=1)
    (found,) = by_reference(op.FloorDiv(), [a, b], [a.dtype])
    np.testing.assert_array_equal(found, [int(x) // int(y) for x, y in zip(a, b, strict=True)])
    x, y = reals(40), reals(40)
    (found,) = by_reference(op.SquaredDifference(), [x, y], [x.dtype])
    np.testing.assert_allclose(found, (x - y) ** 2, rtol=1e-6)
    (found,) = by_reference(op.Atan2(), [x, y], [x.dtype])
    np.testing.assert_allclose(found, np.angle(y + 1j * x), rtol=1e-5)
    (found,) = by_reference(op.Pow(), [np.array([2, 1, -1, -1]), np.array([-1, -5, -3, -2])], [np.dtype(np.int64)])
    np.testing.assert_array_equal(found, [0, 1, -1, 1])


REDUCTIONS = ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "SumSquare", "LogSum", "LogSumExp")


@pytest.mark.parametrize("keep_dims", [True, False])
@pytest.mark.parametrize("axes", [(0,), (1, 2), (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reduction(name: str, axes: tuple[int, ...], keep_dims: bool) -> None:
    operator = getattr(op, f"Reduce{name}")(axes=axes, keep_dims=keep_dims)
    more = [np.array(axes)]
    check(operator, f"Reduce{name}", [reals(2, 3, 4, low=0.1)], {"keepdims": int(keep_dims)}, more)
    if name in ("Sum", "Max", "Min", "Prod", "L1", "SumSquare"):
        check(operator, f"Reduce{name}", [integers(2, 3, 4)], {"keepdims": int(keep_dims)}, more)


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("keep_dims", [False, True])
@pytest.mark.parametrize("kind", ["ArgMax", "ArgMin"])
def test_arg_reduction(kind: str, keep_dims: bool, last: bool) -> None:
    operator = getattr(op, kind)(axis=1, keep_dims=keep_dims, last=last)
    attributes = {"axis": 1, "keepdims": int(keep_dims), "select_last_index": int(last)}
    check(operator, kind, [integers(3, 9, 2, low=0, high=4)], attributes)
    check(operator, kind, [reals(3, 9, 2)], attributes)


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_cumulative_sum(exclusive: bool, reverse: bool) -> None:
    operator = op.CumSum(axis=1, exclusive=exclusive, reverse=reverse)
    for x in (reals(2, 5, 3), integers(2, 5, 3)):
        check(operator, "CumSum", [x], {"exclusive": int(exclusive), "reverse": int(reverse)}, [np.array(1)])


@pytest.mark.parametrize("largest", [False, True])
def test_top_k(largest: bool) -> None:
    for x in (reals(2, 7, 3), integers(2, 7, 3, low=0, high=3)):
        check(op.TopK(axis=1, k=4, largest=largest), "TopK", [x], {"axis": 1, "largest": int(largest)}, [np.array([4])])


@pytest.mark.parametrize(("source", "target"), [(np.float32, np.int32), (np.int64, np.float32), (np.int32, np.int8)])
def test_cast(source: type[np.generic], target: type[np.generic]) -> None:
    x = reals(20).astype(source) if source is np.float32 else integers(20, dtype=source)
    check(op.Cast(), "Cast", [x], {"to": helper.np_dtype_to_tensor_dtype(np.dtype(target))})
    check(op.Cast(), "Cast", [x], {"to": onnx.TensorProto.BOOL})


MOVEMENTS: list[tuple[Operator, str, list[Values], dict[str, Any], list[Values | None]]] = [
    (op.Reshape(dims=(6, 4)), "Reshape", [reals(2, 3, 4)], {}, [np.array([6, 4])]),
    (op.Transpose(permutation=(2, 0, 1)), "Transpose", [reals(2, 3, 4)], {"perm": [2, 0, 1]}, []),
    (op.Concat(axis=1), "Concat", [integers(2, 3), integers(2, 1), integers(2, 2)], {"axis": 1}, []),
    (op.Split(axis=1, sizes=(1, 2)), "Split", [reals(2, 3)], {"axis": 1}, [np.array([1, 2])]),
    (
        op.Slice(starts=(1, 4, 0), sizes=(2, 3, 4), steps=(1, -2, 1)),
        "Slice",
        [reals(3, 5, 4)],
        {},
        [np.array([1, 4]), np.array([3, -9]), np.array([0, 1]), np.array([1, -2])],
    ),
    (op.Gather(axis=1), "Gather", [reals(2, 5, 3), np.array([[0, 4], [-1, 2]])], {"axis": 1}, []),
    (op.GatherElements(axis=1), "GatherElements", [reals(3, 5), integers(3, 4, low=-5, high=5)], {"axis": 1}, []),
    (op.GatherND(), "GatherND", [reals(3, 4, 2), np.array([[0, 1], [2, -1]])], {}, []),
    (
        op.GatherND(batch_dims=1),
        "GatherND",
        [reals(2, 3, 4), np.array([[[0], [2]], [[1], [1]]])],
        {"batch_dims": 1},
        [],
    ),
    (op.ScatterND(), "ScatterND", [reals(4, 3), np.array([[2], [0]]), reals(2, 3)], {}, []),
    (op.ScatterND(), "ScatterND", [reals(4, 3), np.array([[2, 1], [0, -1]]), reals(2)], {}, []),
    (op.BroadcastTo(dims=(2, 3, 4)), "Expand", [reals(3, 1)], {}, [np.array([2, 3, 4])]),
    (op.Tile(repeats=(2, 1, 3)), "Tile", [integers(2, 3, 2)], {}, [np.array([2, 1, 3])]),
    (
        op.Pad(before=(1, 0), after=(0, 2), value=1.5),
        "Pad",
        [reals(3, 4)],
        {},
        [np.array([1, 0, 0, 2]), np.array(1.5, np.float32)],
    ),
    *(
        (
            op.Pad(before=(2, 1), after=(1, 3), mode=op.PadMode(mode)),
            "Pad",
            [integers(3, 4)],
            {"mode": mode},
            [np.array([2, 1, 1, 3])],
        )
        for mode in ("reflect", "edge", "wrap")
    ),
]


@pytest.mark.parametrize(
    ("operator", "name", "inputs", "attributes", "more"), MOVEMENTS, ids=lambda value: str(value)[:25]
)
def test_movement(
    operator: Operator, name: str, inputs: list[Values], attributes: dict[str, Any], more: list[Values | None]
) -> None:
    check(operator, name, inputs, attributes, more)


def test_pads_that_cut_off() -> None:
    x = integers(4, 5)
    (found,) = by_reference(op.Pad(before=(-1, 2), after=(1, -2), value=9), [x], [x.dtype])
    np.testing.assert_array_equal(found, np.pad(x[1:, :3], ((0, 1), (2, 0)), constant_values=9))


def test_gather_in_batches() -> None:
    x, indices = reals(2, 3, 4, 5), integers(2, 3, 2, low=0, high=4)
    (found,) = by_reference(op.Gather(axis=2, batch_dims=2), [x, indices], [x.dtype])
    np.testing.assert_array_equal(found, np.take_along_axis(x, indices[..., np.newaxis], axis=2))


SCALES = {(7, 9): None, (2, 3): None, (8, 12): (2.0, 3.0), (2, 2): (0.625, 0.6875)}


@pytest.mark.parametrize("dims", SCALES)
@pytest.mark.parametrize("coordinates", [c for c in op.Coordinates if c is not op.Coordinates.CROP])
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic", "antialias linear", "antialias cubic", "inside cubic"])
def test_resize(mode: str, coordinates: op.Coordinates, dims: tuple[int, int]) -> None:
    *how, interpolation = mode.split()
    scales = SCALES[dims]
    flags = {"antialias": "antialias" in how, "exclude_outside": "inside" in how}
    shared: dict[str, Any] = {"scales": scales or (), "coordinates": coordinates, **flags}
    attributes = {"mode": interpolation, "coordinate_transformation_mode": coordinates.value}
    attributes |= {name: int(value) for name, value in flags.items()}
    sizes = [None, None, np.array(dims)] if scales is None else [None, np.array(scales, np.float32)]
    for nearest in op.Nearest if interpolation == "nearest" else [op.Nearest.FLOOR]:
        operator = op.Resize(dims=dims, interpolation=op.Interpolation(interpolation), nearest=nearest, **shared)
        check(operator, "Resize", [reals(4, 4)], {**attributes, "nearest_mode": nearest.value}, sizes, atol=1e-5)


@pytest.mark.parametrize("interpolation", op.Interpolation)
def test_crop_and_resize(interpolation: op.Interpolation) -> None:
    crop = ((-0.2, 1.1), (0.4, 0.9))
    operator = op.Resize(
        dims=(5, 3), interpolation=interpolation, coordinates=op.Coordinates.CROP, crop=crop, extrapolation=10.0
    )
    attributes = {
        "mode": interpolation.value,
        "coordinate_transformation_mode": "tf_crop_and_resize",
        "extrapolation_value": 10.0,
    }
    roi = np.array([-0.2, 0.4, 1.1, 0.9], np.float64)
    check(operator, "Resize", [reals(4, 4)], attributes, [roi, None, np.array([5, 3])], atol=1e-5)
