# SPDX-License-Identifier: Apache-2.0
"""GridSample: images read at given places, channels last."""

from __future__ import annotations

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.values import Unsupported, Value, View
from sconnx.frontend.onnx.writer import CHANNELS_LAST, order_of
from sconnx.graph.operator import GridSample, Interpolation, Outside

INTERPOLATIONS = {
    "bilinear": Interpolation.LINEAR,  # the names of opset 16
    "bicubic": Interpolation.CUBIC,
    **{kind.value: kind for kind in Interpolation},
}
OUTSIDE = {kind.value: kind for kind in Outside}


@translates("GridSample")
def grid_sample(call: Call) -> Value:
    mode, outside = call.string("mode", "linear"), call.string("padding_mode", "zeros")
    if mode not in INTERPOLATIONS or outside not in OUTSIDE:
        raise Unsupported(f"mode {mode!r} and padding_mode {outside!r} are none that ONNX defines")
    operator = GridSample(
        interpolation=INTERPOLATIONS[mode],
        outside=OUTSIDE[outside],
        align_corners=bool(call.integer("align_corners", 0)),
    )
    x, grid = call.real(0), call.real(1)
    axes = CHANNELS_LAST.get(len(x.dims), tuple(range(len(x.dims))))
    tensors = (call.writer.stored(x, axes), call.writer.in_order(grid))
    dims = (*x.dims[:2], *grid.dims[1:-1])
    return call.as_value(View(call.writer.node(operator, tensors, None, call.index), dims, order_of(axes, dims)))
