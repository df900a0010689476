# SPDX-License-Identifier: Apache-2.0
"""Expand and Tile; DepthToSpace and SpaceToDepth. Quantisation passes through."""

from __future__ import annotations

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.movers import reshaped, through, transposed
from sconnx.frontend.onnx.values import Unsupported, Value, View
from sconnx.frontend.onnx.writer import order_of
from sconnx.graph.operator import BroadcastTo, Tile, broadcast_dims


@translates("Expand")
def expand(call: Call) -> Value:
    """Where the shape has 1, the dimension stays."""
    value, shape = call.value(0), call.constant_integers(1, "shape")
    if shape is None:
        raise Unsupported("input 1 is missing")
    dims = broadcast_dims([value.dims, shape])
    missing = (1,) * (len(dims) - len(value.dims))
    if missing:
        value = reshaped(call, value, (*missing, *value.dims))
    if value.dims == dims:
        return value

    def move(view: View) -> View:
        tensor, axes = call.writer.layout(view)
        operator = BroadcastTo(dims=tuple(dims[axis] for axis in axes))
        return View(call.writer.mover(operator, (tensor,), call.index), dims, order_of(axes, dims))

    return through(call, value, dims, move)


@translates("Tile")
def tile(call: Call) -> Value:
    value, repeats = call.value(0), call.constant_integers(1, "repeats")
    if repeats is None or len(repeats) != len(value.dims):
        raise Unsupported(f"repeats {list(repeats or ())} do not fit dims {value.dims}")
    dims = Tile(repeats=repeats).output_dims([value.dims])
    if dims == value.dims:
        return value

    def move(view: View) -> View:
        tensor, axes = call.writer.layout(view)
        operator = Tile(repeats=tuple(repeats[axis] for axis in axes))
        return View(call.writer.mover(operator, (tensor,), call.index), dims, order_of(axes, dims))

    return through(call, value, dims, move)


def _block(call: Call, value: Value) -> int:
    size = call.integer("blocksize", 0)
    if len(value.dims) != 4 or size < 1:
        raise Unsupported(f"blocks of {size} do not fit dims {value.dims}")
    return size


@translates("DepthToSpace")
def depth_to_space(call: Call) -> Value:
    """Channels become blocks of pixels: the block's row and column are the outer part of the channel (DCR) or the inner (CRD)."""
    value = call.value(0)
    size = _block(call, value)
    batch, channels, height, width = value.dims
    depth = channels // size**2
    if call.string("mode", "DCR") == "CRD":
        split = reshaped(call, value, (batch, depth, size, size, height, width))
        moved = transposed(call, split, (0, 1, 4, 2, 5, 3))
    else:
        split = reshaped(call, value, (batch, size, size, depth, height, width))
        moved = transposed(call, split, (0, 3, 4, 1, 5, 2))
    return reshaped(call, moved, (batch, depth, height * size, width * size))


@translates("SpaceToDepth")
def space_to_depth(call: Call) -> Value:
    """The inverse."""
    value = call.value(0)
    size = _block(call, value)
    batch, channels, height, width = value.dims
    split = reshaped(call, value, (batch, channels, height // size, size, width // size, size))
    order = (0, 1, 3, 5, 2, 4) if call.string("mode", "DCR") == "CRD" else (0, 3, 5, 1, 2, 4)
    moved = transposed(call, split, order)
    return reshaped(call, moved, (batch, channels * size**2, height // size, width // size))
