# SPDX-License-Identifier: Apache-2.0
"""Reductions of dimensions, and functions along one."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import cast

import numpy as np

from sconnx.graph.operator import CumSum, ReduceMax, ReduceMean, ReduceMin, ReduceSum, Reduction
from sconnx.reference.comparison import requantize_table
from sconnx.reference.lookup import lookup
from sconnx.reference.quantized.registry import quantized
from sconnx.reference.reduction import cumulative_sum, requantize_mean, requantize_sum
from sconnx.reference.run import Int8Array, Run


@quantized(ReduceSum, ReduceMean)
def sums(run: Run) -> Int8Array:
    operator = cast(Reduction, run.node.operator)
    x, y, value = run.affine(run.node.inputs[0]), run.affine(run.node.outputs[0]), run.int8(0)
    centred = (value.astype(np.int64) - x.zero_point).sum(axis=operator.axes, keepdims=operator.keep_dims)
    count = math.prod(value.shape[axis] for axis in operator.axes)
    mean = isinstance(operator, ReduceMean)
    requantize = requantize_mean(run.rule, count, x, y) if mean else requantize_sum(run.rule, x, y)
    info = np.iinfo(run.dtypes[0])
    return replace(requantize, minimum=int(info.min), maximum=int(info.max), dtype=run.dtypes[0])(centred)


@quantized(ReduceMax, ReduceMin)
def extremes(run: Run) -> Int8Array:
    """Rounding does not change the order, so that the quantisation may change afterwards."""
    operator = cast(Reduction, run.node.operator)
    function = np.max if isinstance(operator, ReduceMax) else np.min
    found: Int8Array = function(run.int8(0), axis=operator.axes, keepdims=operator.keep_dims)
    table = requantize_table(run.rule, run.affine(run.node.inputs[0]), run.affine(run.node.outputs[0]))
    return found if table is None else lookup(found, table)


@quantized(CumSum)
def along(run: Run) -> Int8Array:
    operator = cast(CumSum, run.node.operator)
    function = cumulative_sum(run.rule, run.affine(run.node.inputs[0]), run.affine(run.node.outputs[0]))
    return function(run.int8(0), operator.axis, exclusive=operator.exclusive, reverse=operator.reverse)
