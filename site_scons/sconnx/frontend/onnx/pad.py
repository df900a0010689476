# SPDX-License-Identifier: Apache-2.0
"""Pad. Quantisation passes through where int8 has the value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.computed import clamped
from sconnx.frontend.onnx.movers import through
from sconnx.frontend.onnx.operands import UNSIGNED, real
from sconnx.frontend.onnx.scales import quantize
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Tracked, Unsupported, Value, View
from sconnx.frontend.onnx.writer import CHANNELS_LAST, NHWC, axes_from, order_of
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Dims, Pad, Pad2D, PadMode

MODES = {mode.value: mode for mode in (PadMode.CONSTANT, PadMode.REFLECT, PadMode.EDGE, PadMode.WRAP)}


@translates("Pad")
def pad(call: Call) -> Value:
    value = call.value(0)
    mode = call.string("mode", "constant")
    if mode not in MODES:
        raise Unsupported(f"mode is {mode!r}, none of {', '.join(map(repr, MODES))}")
    before, after = _sides(call, len(value.dims))
    filling = _filling(call, value) if mode == "constant" else 0.0
    return padded(call, value, before, after, MODES[mode], filling)


def padded(
    call: Call, value: Value, before: Dims, after: Dims, mode: PadMode = PadMode.CONSTANT, filling: float = 0.0
) -> Value:
    """A value with elements added around it.

    Args:
        filling: what the elements are, in real numbers, of mode CONSTANT.
    """
    if not any((*before, *after)):
        return value
    operator = Pad(before=before, after=after, mode=mode, value=filling)
    dims = operator.output_dims([value.dims])
    result = through(call, _able(call, value, operator), dims, lambda view: _moved(call, view, operator))
    return _with_clamps_behind(call, result, filling) if isinstance(result, Pending) else result


def _able(call: Call, value: Value, operator: Pad) -> Value:
    """A value whose elements can be what is added: float32 where int8 has no such number."""
    if operator.mode is not PadMode.CONSTANT or operator.value == 0 or not isinstance(value, Tracked):
        return value
    quant = call.writer.builder.quantizations.get(value.view.tensor)
    if quant is None or not value.real:
        return value
    number = np.array(operator.value, np.float32)
    held = Folded("", quantize(number, quant), quant).real() == number
    return value if held else Tracked(call.named(real, value), real=True)


def _moved(call: Call, view: View, operator: Pad) -> View:
    """In the order of dimensions that the view is stored in; of int8 images as Pad2D."""
    writer = call.writer
    dims = operator.output_dims([view.dims])
    if writer.is_quantized(view) and _is_spatial(operator):
        missing = (0,) * (4 - len(view.dims))
        (top, left), (bottom, right) = (*missing, *operator.before[2:]), (*missing, *operator.after[2:])
        batch, channels, *spatial = view.dims
        image = writer.reshape(view, (batch, channels, *(1,) * len(missing), *spatial), call.index)
        plain = Pad2D(padding=(top, left, bottom, right))
        output = writer.mover(plain, (writer.stored(image, NHWC),), call.index)
        return View(output, dims, order_of(CHANNELS_LAST[len(dims)], dims))
    tensor, axes = writer.layout(view)
    own = replace(
        operator,
        before=tuple(operator.before[axis] for axis in axes),
        after=tuple(operator.after[axis] for axis in axes),
    )
    return View(writer.mover(own, (tensor,), call.index), dims, order_of(axes, dims))


def _is_spatial(operator: Pad) -> bool:
    """Whether it adds zeros to height and width of [N, C, H, W], or to the length of [N, C, L]."""
    sides = (*operator.before, *operator.after)
    outside = (*operator.before[:2], *operator.after[:2])
    is_zero = operator.mode is PadMode.CONSTANT and operator.value == 0
    return is_zero and len(operator.before) in (3, 4) and not any(outside) and min(sides) >= 0


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


def _filling(call: Call, value: Value) -> float:
    """The real number to pad with: an attribute until opset 10, then an input, which may be quantised as the data are."""
    if call.opset < 11:
        return call.real_number("value", 0.0)
    quant = None
    if isinstance(value, Tracked) and not value.real:
        quant = call.writer.builder.quantizations.get(value.view.tensor)
    if call.optional(2) is None:
        number = 0.0
    else:
        constant = call.constant(2, "value").real()
        if constant.size != 1:
            raise Unsupported(f"value {call.name(2)} has {constant.size} elements")
        number = float(constant.reshape(-1)[0])
    if quant is None or not isinstance(value, Tracked):
        return number
    code = number - (UNSIGNED if value.unsigned else 0)
    return float((np.float32(code) - np.float32(quant.zero_point[0])) * quant.scale[0])


def _with_clamps_behind(call: Call, result: Pending, filling: float) -> Pending:
    """A clamp that follows is applied before the padding, unless that is not the same because it changes what is added."""
    emit = result.emit

    def checked(quant: QuantValues | None, bounds: Bounds) -> View:
        low, high = bounds.low, bounds.high
        if (low is None or low <= filling) and (high is None or high >= filling):
            return emit(quant, bounds)
        return clamped(call.writer, emit(quant, Bounds()), bounds, call.index)

    return replace(result, emit=checked)
