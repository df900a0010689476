# SPDX-License-Identifier: Apache-2.0
"""Operators that reduce dimensions, or go along one."""

from __future__ import annotations

from functools import partial

from sconnx.frontend.tflite.operand import Unsupported
from sconnx.frontend.tflite.operands import Operands
from sconnx.frontend.tflite.options import CumsumOptions, ReducerOptions
from sconnx.frontend.tflite.translation import Translation, axis_of, one, same_quantization, same_type, translates
from sconnx.graph.operator import (
    ArgMax,
    ArgMin,
    CumSum,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceProd,
    ReduceSum,
    Reduction,
)
from sconnx.graph.tensor import DType

_REDUCTIONS: dict[str, type[Reduction]] = {
    "MEAN": ReduceMean,
    "SUM": ReduceSum,
    "REDUCE_MAX": ReduceMax,
    "REDUCE_MIN": ReduceMin,
    "REDUCE_PROD": ReduceProd,
}
_SEARCHES: dict[str, type[ArgMax | ArgMin]] = {"ARG_MAX": ArgMax, "ARG_MIN": ArgMin}


def _reduction(cls: type[Reduction], node: Operands) -> Translation:
    data, output = node.input(0), node.output()
    if cls in (ReduceMax, ReduceMin):
        same_quantization(data, output)
    same_type(data, output)
    axes = tuple(sorted({axis_of(axis, data.dims) for axis in node.integers(1)}))
    keep_dims = node.options(ReducerOptions).keep_dims
    return one(cls(axes=axes, keep_dims=keep_dims), data, output=output)


def _search(cls: type[ArgMax | ArgMin], node: Operands) -> Translation:
    data, output = node.input(0), node.output()
    if output.dtype not in (DType.INT32, DType.INT64):
        raise Unsupported(f"its output is {output.dtype.value}, not int32 or int64")
    return one(cls(axis=axis_of(node.integer(1), data.dims), keep_dims=False), data, output=output)


for _name, _cls in _REDUCTIONS.items():
    translates(_name)(partial(_reduction, _cls))
for _name, _kind in _SEARCHES.items():
    translates(_name)(partial(_search, _kind))


@translates("CUMSUM")
def cumulative_sum(node: Operands) -> Translation:
    options = node.options(CumsumOptions)
    data, output = node.input(0), node.output()
    same_type(data, output)
    axis = axis_of(node.integer(1), data.dims)
    operator = CumSum(axis=axis, exclusive=options.exclusive, reverse=options.reverse)
    return one(operator, data, output=output)
