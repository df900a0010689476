# SPDX-License-Identifier: Apache-2.0
"""Softmax, LogSoftmax and Hardmax: over one axis, which is stored last."""

from __future__ import annotations

import math

from sconnx.frontend.onnx.call import Call, Translation, translates
from sconnx.frontend.onnx.computed import Read, computed
from sconnx.frontend.onnx.movers import reshaped
from sconnx.frontend.onnx.values import Unsupported, Value, View
from sconnx.frontend.onnx.writer import order_of
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Hardmax, LogSoftmax, Operator, Softmax


def _over_axis(operator: Operator, *, in_int8: bool = True) -> Translation:
    def translate(call: Call) -> Value:
        """Until opset 12 all axes from `axis` on are taken as one."""
        value = call.value(0)
        count = len(value.dims)
        axis = call.integer("axis", -1 if call.opset >= 13 else 1)
        axis = axis + count if axis < 0 else axis
        if not 0 <= axis < count:
            raise Unsupported(f"axis {axis} does not fit dims {value.dims}")
        if call.opset >= 13:
            return over_axis(call, operator, value, axis, in_int8=in_int8)
        covered = [other for other in range(axis, count) if value.dims[other] > 1]
        if len(covered) <= 1:
            return over_axis(call, operator, value, covered[0] if covered else count - 1, in_int8=in_int8)
        rows = reshaped(call, value, (math.prod(value.dims[:axis]), math.prod(value.dims[axis:])))
        return reshaped(call, over_axis(call, operator, rows, 1, in_int8=in_int8), value.dims)

    return translate


def over_axis(call: Call, operator: Operator, value: Value, axis: int, *, in_int8: bool = True) -> Value:
    """An operator that works along the last stored dimension.

    Args:
        in_int8: whether int8 has it with any scale of the output.
    """
    axes = (*(other for other in range(len(value.dims)) if other != axis), axis)

    def build(read: Read, quant: QuantValues | None, _: Activation) -> View:
        if quant is not None and not in_int8:
            raise Unsupported(f"{operator.type_name} is computed in float32")
        tensor = call.writer.stored(read(0), axes)
        output = call.writer.node(operator, (tensor,), quant, call.index)
        return View(output, value.dims, order_of(axes, value.dims))

    return computed(call, value.dims, build, operands=(value,))


translates("Softmax")(_over_axis(Softmax()))
translates("LogSoftmax")(_over_axis(LogSoftmax(), in_int8=False))
translates("Hardmax")(_over_axis(Hardmax()))
