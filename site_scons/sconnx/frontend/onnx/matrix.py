# SPDX-License-Identifier: Apache-2.0
"""MatMul and Gemm: fully connected with constant weights, else products of two matrices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.onnx.binary import binary
from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.computed import Read, computed
from sconnx.frontend.onnx.linear import Linear, flat_bias, pending
from sconnx.frontend.onnx.movers import reshaped, transposed
from sconnx.frontend.onnx.operands import plain
from sconnx.frontend.onnx.values import Folded, Pending, Unsupported, Value, View
from sconnx.frontend.onnx.writer import wide_axes
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Add, FullyConnected, MatMul, Mul
from sconnx.graph.tensor import DType


@translates("MatMul")
def matmul(call: Call) -> Value:
    a, b = call.value(0), call.value(1)
    if not a.dims or not b.dims:
        raise Unsupported(f"dims {a.dims} and {b.dims} are not two matrices")
    if isinstance(b, Folded) and len(b.dims) == 2 and len(a.dims) > 1 and call.is_real(0):
        return _fully_connected(call, a, b, 1, None)
    return product(call, a, b)


def product(call: Call, a: Value, b: Value) -> Value:
    """a times b, as numpy.matmul; both of one element type."""
    dtype = call.dtype(a)
    left = a if len(a.dims) > 1 else reshaped(call, a, (1, *a.dims))
    right = b if len(b.dims) > 1 else reshaped(call, b, (*b.dims, 1))
    dims = MatMul().output_dims([left.dims, right.dims])
    final = dims if len(b.dims) > 1 else dims[:-1]
    final = final if len(a.dims) > 1 else (*final[: len(dims) - 2], *final[len(dims) - 1 :])

    def build(read: Read, quant: QuantValues | None, activation: Activation) -> View:
        views = (read(0), read(1))
        flags = [_is_transposed(view) for view in views]
        operator = MatMul(transpose_a=flags[0], transpose_b=flags[1], activation=activation)
        tensors = tuple(_stored(call, view, flag) for view, flag in zip(views, flags, strict=True))
        kind = None if dtype is DType.FLOAT32 else dtype
        return View(call.writer.node(operator, tensors, quant, call.index, kind), dims, wide_axes(dims))

    if dtype is not DType.FLOAT32:
        output = build(lambda position: call.named(plain, (left, right)[position]), None, Activation.NONE)
        return reshaped(call, call.as_value(output), final)
    result = computed(call, dims, build, operands=(left, right), clamps=True)
    return result if final == dims else reshaped(call, result, final)


def _is_transposed(view: View) -> bool:
    """Whether the last two dimensions are stored in the other order, all others in ONNX's."""
    count = len(view.dims)
    order = [axis for axis in (*range(count - 2), count - 1, count - 2) if view.dims[axis] > 1]
    return min(view.dims[-2:]) > 1 and list(view.order) == order


def _stored(call: Call, view: View, flag: bool) -> int:
    count = len(view.dims)
    axes = (*range(count - 2), count - 1, count - 2) if flag else tuple(range(count))
    return call.writer.stored(view, axes)


def _fully_connected(call: Call, a: Value, weights: Folded, outputs_axis: int, bias: Folded | None) -> Pending:
    """FullyConnected of the last dimension with 2-D weights whose outputs are along `outputs_axis`."""
    if len(weights.dims) != 2 or not a.dims or weights.dims[1 - outputs_axis] != a.dims[-1]:
        raise Unsupported(f"weights of dims {weights.dims} do not fit an input of dims {a.dims}")
    dims = (*a.dims[:-1], weights.dims[outputs_axis])
    linear = Linear(
        operator=FullyConnected(),
        axes=tuple(range(len(a.dims))),
        dims=dims,
        order=wide_axes(dims),
        weights=weights,
        arrange=_as_it_is if outputs_axis == 0 else np.transpose,
        channel_axis=0,
        source_axis=outputs_axis,
        bias=None if bias is None else flat_bias(bias, dims, len(dims) - 1),
        bias_axis=len(dims) - 1,
    )
    return pending(call, linear)


def _as_it_is(value: NDArray[np.generic]) -> NDArray[np.generic]:
    return value


@translates("Gemm")
def gemm(call: Call) -> Value:
    """alpha * A * B + beta * C."""
    a, b, c = call.value(0), call.value(1), call.optional(2)
    if len(a.dims) != 2 or len(b.dims) != 2:
        raise Unsupported(f"its inputs have dims {a.dims} and {b.dims}, not two dimensions")
    if call.integer("transA", 0):
        a = transposed(call, a, (1, 0))
    alpha, beta = call.real_number("alpha", 1.0), call.real_number("beta", 1.0)
    outputs_axis = 0 if call.integer("transB", 0) else 1
    shift = None if c is None or beta == 0 else _times(call, c, beta)
    if isinstance(b, Folded) and not isinstance(a, Folded):
        weights = b if alpha == 1 else Folded(b.name, b.real() * np.float32(alpha))
        result: Value = _fully_connected(replace_input(call, a), a, weights, outputs_axis, None)
    else:
        result = _times(call, product(call, a, b if outputs_axis == 1 else transposed(call, b, (1, 0))), alpha)
    if shift is None:
        return result
    if isinstance(shift, Folded) and isinstance(result, Pending) and result.add_bias is not None:
        biased = result.add_bias(shift)
        if biased is not None:
            return biased
    return binary(call, Add(), result, shift)


def replace_input(call: Call, value: Value) -> Call:
    """The call with another first input."""
    return call if call.inputs[0] is value else replace(call, inputs=(value, *call.inputs[1:]))


def _times(call: Call, value: Value, factor: float) -> Value:
    if factor == 1:
        return value
    if isinstance(value, Folded):
        return Folded(value.name, value.real() * np.float32(factor))
    return binary(call, Mul(), value, Folded(call.node.output[0], np.array(factor, np.float32)))
