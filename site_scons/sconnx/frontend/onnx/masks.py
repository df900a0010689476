# SPDX-License-Identifier: Apache-2.0
"""Choices by masks that follow from the node: triangles of matrices, and one of several classes."""

from __future__ import annotations

import numpy as np

from sconnx.frontend.onnx.binary import aligned, binary
from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.movers import reshaped
from sconnx.frontend.onnx.operands import plain
from sconnx.frontend.onnx.quantization import type_name
from sconnx.frontend.onnx.values import Folded, Unsupported, Value, View
from sconnx.frontend.onnx.writer import DTYPES, axes_from
from sconnx.graph.operator import Equal, Or, Where


def chosen(call: Call, mask: Value, first: Value, second: Value) -> Value:
    """`first` where the mask holds, else `second`, of one element type; dims broadcast."""
    views = [call.named(plain, value) for value in (mask, first, second)]
    tensors, dims, order = aligned(call.writer, views)
    output = call.writer.node(Where(), tensors, None, call.index, call.writer.dtype(views[1]))
    return call.as_value(View(output, dims, order))


def _made(call: Call, what: str, value: np.ndarray) -> Folded:
    return Folded(f"{call.node.output[0]}/{what}", value)


@translates("Trilu")
def triangle(call: Call) -> Value:
    """The upper or lower triangle of matrices, and 0 elsewhere."""
    x = call.value(0)
    diagonal = call.constant_integers(1, "k") or (0,)
    if len(x.dims) < 2 or len(diagonal) != 1:
        raise Unsupported(f"diagonal {list(diagonal)} of dims {x.dims}")
    ones = np.ones(x.dims[-2:], bool)
    mask = np.triu(ones, diagonal[0]) if call.integer("upper", 1) else np.tril(ones, diagonal[0])
    zero = np.zeros((1, 1), call.dtype(x).value)
    return chosen(call, _made(call, "mask", mask), x, _made(call, "zero", zero))


@translates("EyeLike")
def identity_matrix(call: Call) -> Value:
    """Of the dims of its input, all that it looks at: a constant."""
    dims, dtype = call.value(0).dims, call.integer("dtype", 0)
    if len(dims) != 2:
        raise Unsupported(f"dims {dims} are no matrix")
    name = type_name(dtype) if dtype else call.dtype(call.value(0)).value
    if name not in DTYPES:
        raise Unsupported(f"elements of type {name} are not supported at run time")
    return Folded(call.node.output[0], np.eye(*dims, k=call.integer("k", 0), dtype=name))


@translates("OneHot")
def one_hot(call: Call) -> Value:
    """A dimension of `depth` classes; index i and i - depth are class i, any other index is none."""
    indices = call.value(0)
    depth, values = call.constant(1, "depth").value.reshape(-1), call.constant(2, "values").value
    if depth.size != 1 or values.size != 2 or int(depth[0]) < 1:
        raise Unsupported(f"depth {depth.tolist()} or values of dims {values.shape}")
    count = len(indices.dims) + 1
    (axis,) = axes_from(count, (call.integer("axis", -1),))
    dtype = np.dtype(call.dtype(indices).value)
    shape = tuple(int(depth[0]) if place == axis else 1 for place in range(count))
    classes = np.arange(int(depth[0]))
    wanted = reshaped(call, indices, (*indices.dims[:axis], 1, *indices.dims[axis:]))
    mask = binary(call, Equal(), wanted, _made(call, "classes", classes.astype(dtype).reshape(shape)))
    if dtype.kind != "u":
        negative = _made(call, "negative", (classes - int(depth[0])).astype(dtype).reshape(shape))
        mask = binary(call, Or(), mask, binary(call, Equal(), wanted, negative))
    off, on = (
        _made(call, name, value.reshape((1,) * count)) for name, value in zip(("off", "on"), values, strict=True)
    )
    return chosen(call, mask, on, off)
