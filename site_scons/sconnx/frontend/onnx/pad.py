# SPDX-License-Identifier: Apache-2.0
"""Pad by the real value 0, of height and width or of length. Quantisation passes through."""

from __future__ import annotations

from dataclasses import replace

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.movers import through
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Tracked, Unsupported, Value, View
from sconnx.frontend.onnx.window import spatial_dims
from sconnx.frontend.onnx.writer import CHANNELS_LAST, NHWC, axes_from
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Dims, Pad2D


@translates("Pad")
def pad(call: Call) -> Value:
    """A sequence is padded as an image of height 1."""
    value = call.value(0)
    if isinstance(value, Folded):
        raise Unsupported(f"input {call.name(0)} is a constant")
    mode = call.string("mode", "constant")
    if mode != "constant":
        raise Unsupported(f"mode is {mode!r}, not 'constant'")
    spatial_dims(value.dims)
    before, after = _sides(call, len(value.dims))
    if any((*before[:2], *after[:2])):
        raise Unsupported("it pads the batch or the channels")
    if min(*before, *after) < 0:
        raise Unsupported(f"pads {[*before, *after]} are negative")
    _check_value(call, value)
    missing = (0,) * (4 - len(value.dims))
    (top, left), (bottom, right) = (*missing, *before[2:]), (*missing, *after[2:])
    operator = Pad2D(padding=(top, left, bottom, right))
    dims = tuple(sum(side) for side in zip(before, value.dims, after, strict=True))
    result = through(value, dims, lambda view: _padded(call, view, operator, dims))
    return _keeping_zero(result) if isinstance(result, Pending) else result


def _padded(call: Call, view: View, operator: Pad2D, dims: Dims) -> View:
    writer, (batch, channels, *spatial) = call.writer, view.dims
    image = writer.reshape(view, (batch, channels, *(1,) * (4 - len(view.dims)), *spatial), call.index)
    output = writer.node(operator, (writer.stored(image, NHWC),), writer.quantization(view), call.index)
    return View(output, dims, tuple(axis for axis in CHANNELS_LAST[len(dims)] if dims[axis] > 1))


def _sides(call: Call, count: int) -> tuple[Dims, Dims]:
    """How much is added before and after each of `count` dimensions: attributes until opset 10, then inputs."""
    pads = call.integers("pads") if call.opset < 11 else call.constant_integers(1, "pads")
    given = call.constant_integers(3, "axes")
    axes = tuple(range(count)) if given is None else axes_from(count, given)
    if pads is None or len(pads) != 2 * len(axes):
        raise Unsupported(f"pads {list(pads or ())} do not fit {len(axes)} dimensions")
    before, after = [0] * count, [0] * count
    for position, axis in enumerate(axes):
        before[axis], after[axis] = pads[position], pads[position + len(axes)]
    return tuple(before), tuple(after)


def _check_value(call: Call, value: Value) -> None:
    """The padded value must be the real 0, which is the zero point of int8."""
    given: float = call.real("value", 0.0)
    if call.opset >= 11 and call.optional(2) is not None:
        constant = call.constant(2, "value").real()
        if constant.size != 1:
            raise Unsupported(f"value {call.name(2)} has {constant.size} elements")
        given = float(constant.reshape(-1)[0])
    zero = 0
    if isinstance(value, Tracked) and not value.real:
        zero = int(call.writer.quantization(value.view).zero_point[0])
    if given != zero:
        raise Unsupported(f"it pads with {given:g}; only {zero}, which stands for the real 0, is supported")


def _keeping_zero(result: Pending) -> Pending:
    """A clamp that follows is applied before the padding, which is only the same when it leaves 0 as it is."""
    emit = result.emit

    def checked(quant: QuantValues, bounds: Bounds) -> View:
        if (bounds.low or 0.0) > 0 or (bounds.high or 0.0) < 0:
            raise Unsupported("a clamp after it does not contain 0")
        return emit(quant, bounds)

    return replace(result, emit=checked)
