# SPDX-License-Identifier: Apache-2.0
"""A quantised tensor that is quantised again."""

from __future__ import annotations

from sconnx.frontend.onnx.call import Call
from sconnx.frontend.onnx.computed import activation_of, clamped, emitter, integer_limits
from sconnx.frontend.onnx.values import Bounds, Pending, View
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Operator, Relu, Relu6, Requantize


def rescaled(call: Call, view: View) -> Pending:
    """A quantised int8 tensor waiting to be quantised again: unchanged, Requantize, Relu or Relu6."""
    writer = call.writer
    source = writer.quantization(view)

    def with_int8(quant: QuantValues, bounds: Bounds) -> View:
        if quant.same_as(source) and integer_limits(bounds, quant) == (-128, 127):
            return view
        alone: dict[Activation | None, Operator] = {
            Activation.NONE: Requantize(),
            Activation.RELU: Relu(),
            Activation.RELU6: Relu6(),
        }
        operator = alone.get(activation_of(bounds, quant))
        if operator is not None:
            return View(writer.node(operator, (view.tensor,), quant, call.index), view.dims, view.order)
        output = view.tensor
        if not quant.same_as(source):
            output = writer.node(Requantize(), (view.tensor,), quant, call.index)
        return clamped(writer, View(output, view.dims, view.order), bounds, call.index)

    return Pending(view.dims, emitter(call, with_int8, lambda: writer.dequantized(view)), natural=source)
