# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators and activations."""

from __future__ import annotations

from functools import partial

from sconnx.frontend.tflite.operand import DataTensor, Unsupported
from sconnx.frontend.tflite.operands import Operands
from sconnx.frontend.tflite.options import BinaryOptions, GeluOptions, LeakyReluOptions
from sconnx.frontend.tflite.translation import (
    Translation,
    clamp,
    fixed_quantization,
    one,
    same_quantization,
    same_type,
    translates,
)
from sconnx.graph.operator import (
    Abs,
    Add,
    And,
    Atan2,
    Binary,
    BitwiseXor,
    Ceil,
    Clip,
    Cos,
    Div,
    Elu,
    Equal,
    Exp,
    Floor,
    FloorDiv,
    Gelu,
    Greater,
    GreaterEqual,
    HardSwish,
    LeakyRelu,
    Less,
    LessEqual,
    Log,
    Maximum,
    Minimum,
    Mod,
    Mul,
    Neg,
    Not,
    NotEqual,
    Operator,
    Or,
    Pow,
    PRelu,
    Relu,
    Relu6,
    Reshape,
    Round,
    Rsqrt,
    ShiftRight,
    Sigmoid,
    Sign,
    Sin,
    Sqrt,
    Square,
    SquaredDifference,
    Sub,
    Tanh,
    Where,
)
from sconnx.graph.tensor import DType

_UNARY: dict[str, Operator] = {
    "ABS": Abs(),
    "CEIL": Ceil(),
    "COS": Cos(),
    "ELU": Elu(),
    "EXP": Exp(),
    "FLOOR": Floor(),
    "HARD_SWISH": HardSwish(),
    "LOG": Log(),
    "LOGICAL_NOT": Not(),
    "NEG": Neg(),
    "RELU": Relu(),
    "RELU6": Relu6(),
    "RELU_0_TO_1": Clip(low=0.0, high=1.0),
    "RELU_N1_TO_1": Clip(low=-1.0, high=1.0),
    "ROUND": Round(),
    "RSQRT": Rsqrt(),
    "SIGN": Sign(),
    "SIN": Sin(),
    "SQRT": Sqrt(),
    "SQUARE": Square(),
}

_CLAMPED: dict[str, type[Add | Sub | Mul | Div]] = {"ADD": Add, "SUB": Sub, "MUL": Mul, "DIV": Div}

_BINARY: dict[str, Binary] = {
    "ATAN2": Atan2(),
    "BITWISE_XOR": BitwiseXor(),
    "FLOOR_DIV": FloorDiv(),
    "FLOOR_MOD": Mod(),
    "LOGICAL_AND": And(),
    "LOGICAL_OR": Or(),
    "POW": Pow(),
    "PRELU": PRelu(),
    "RIGHT_SHIFT": ShiftRight(),
    "SQUARED_DIFFERENCE": SquaredDifference(),
}

_EXTREMES: dict[str, Binary] = {"MAXIMUM": Maximum(), "MINIMUM": Minimum()}

_COMPARISONS: dict[str, Binary] = {
    "EQUAL": Equal(),
    "GREATER": Greater(),
    "GREATER_EQUAL": GreaterEqual(),
    "LESS": Less(),
    "LESS_EQUAL": LessEqual(),
    "NOT_EQUAL": NotEqual(),
}


def _unary(operator: Operator, node: Operands) -> Translation:
    data, output = node.input(0), node.output()
    same_type(data, output)
    return one(operator, data, output=output)


def _clamped(cls: type[Add | Sub | Mul | Div], node: Operands) -> Translation:
    operator = cls(activation=clamp(node.options(BinaryOptions).activation))
    return _binary(operator, node)


def _binary(operator: Binary, node: Operands) -> Translation:
    a, b, output = node.input(0), node.input(1), node.output()
    same_type(a, b, output)
    return one(operator, a, b, output=output)


def _extreme(operator: Binary, node: Operands) -> Translation:
    """The larger or smaller of two codes, which must stand for the same numbers as those of the output."""
    a, b, output = node.input(0), node.input(1), node.output()
    for position, data in enumerate((a, b)):
        _same_quantization_of_input(position, data, output)
    return one(operator, a, b, output=output)


def _same_quantization_of_input(position: int, data: DataTensor, output: DataTensor) -> None:
    same_type(data, output)
    if not data.same_quantization(output):
        raise Unsupported(
            f"the quantisation of input {position} differs from that of its output",
            "TFLite compares or moves codes as they are: put a QUANTIZE before that input, or convert the model again",
        )


def _comparison(operator: Binary, node: Operands) -> Translation:
    a, b, output = node.input(0), node.input(1), node.output()
    same_type(a, b)
    if output.dtype is not DType.BOOL:
        raise Unsupported(f"its output is {output.dtype.value}, not bool")
    return one(operator, a, b, output=output)


for _name, _operator in _UNARY.items():
    translates(_name)(partial(_unary, _operator))
for _name, _cls in _CLAMPED.items():
    translates(_name)(partial(_clamped, _cls))
for _name, _pair in _BINARY.items():
    translates(_name)(partial(_binary, _pair))
for _name, _pair in _EXTREMES.items():
    translates(_name)(partial(_extreme, _pair))
for _name, _pair in _COMPARISONS.items():
    translates(_name)(partial(_comparison, _pair))


@translates("LEAKY_RELU")
def leaky_relu(node: Operands) -> Translation:
    return _unary(LeakyRelu(alpha=node.options(LeakyReluOptions).alpha), node)


@translates("GELU")
def gelu(node: Operands) -> Translation:
    return _unary(Gelu(approximate=node.options(GeluOptions).approximate), node)


@translates("LOGISTIC")
def logistic(node: Operands) -> Translation:
    fixed_quantization(node.output(), int8=(256, -128), int16=(32768, 0))
    return _unary(Sigmoid(), node)


@translates("TANH")
def tanh(node: Operands) -> Translation:
    fixed_quantization(node.output(), int8=(128, 0), int16=(32768, 0))
    return _unary(Tanh(), node)


@translates("SELECT")
def select(node: Operands) -> Translation:
    """The condition may be one bool for each index of the first dimension."""
    condition, a = node.input(0), node.input(1)
    if len(condition.dims) != 1 or len(a.dims) < 2:
        return _select(condition, node, Translation())
    translation, dims = Translation(), (*condition.dims, *(1,) * (len(a.dims) - 1))
    return _select(translation.between(Reshape(dims=dims), condition, like=condition), node, translation)


@translates("SELECT_V2")
def select_v2(node: Operands) -> Translation:
    return _select(node.input(0), node, Translation())


def _select(condition: DataTensor, node: Operands, translation: Translation) -> Translation:
    a, b, output = node.input(1), node.input(2), node.output()
    if condition.dtype is not DType.BOOL:
        raise Unsupported(f"input 0 is {condition.dtype.value}, not bool")
    for position, data in ((1, a), (2, b)):
        _same_quantization_of_input(position, data, output)
    return translation.into(Where(), condition, a, b, outputs=(output,))


@translates("ADD_N")
def add_n(node: Operands) -> Translation:
    """One addition after the other, each of which rounds quantised numbers, so that only two of these are what TFLite computes.

    It counts the zero point of its inputs once too often (tensorflow/lite/kernels/internal/reference/add_n.h).
    """
    first, *further = node.inputs()
    output, translation = node.output(), Translation()
    same_type(first, *further, output)
    if not further:
        same_quantization(first, output)
        return translation.into(Reshape(dims=output.dims), first, outputs=(output,))
    if first.quantization is not None and (len(further) > 1 or first.quantization.zero_point.any()):
        raise Unsupported(f"it adds {len(further) + 1} quantised tensors; two with zero point 0 are supported")
    for data in further[:-1]:
        first = translation.between(Add(), first, data, like=output)
    return translation.into(Add(), first, further[-1], outputs=(output,))
