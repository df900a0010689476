# SPDX-License-Identifier: Apache-2.0
"""The plain translations: one node for one node. Enough for most operators from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sconnx.frontend.onnx.call import Call
from sconnx.frontend.onnx.computed import Read, computed
from sconnx.frontend.onnx.values import Pending, View
from sconnx.frontend.onnx.writer import wide_axes
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Operator

Check = Callable[[Sequence[QuantValues], QuantValues], None]
"""Gets the quantisations of the inputs and of the output; raises Unsupported when the operator cannot have them."""


def plain_node(call: Call, operator: Operator, inputs: int = 1, check: Check | None = None) -> Pending:
    """A node that reads the first `inputs` inputs and writes its output, all stored in ONNX's order of dimensions.

    Of int8 when its inputs are quantised and a QuantizeLinear behind it says how its output is; else of float32.

    Raises:
        Unsupported: an input has no real numbers, or a further output is used.
        ValueError: the dims do not fit the operator.
    """
    return _pending(call, operator, inputs, check, keeps_order=False)


def elementwise_node(call: Call, operator: Operator, inputs: int = 1, check: Check | None = None) -> Pending:
    """As `plain_node`, for operators that take no notice of the order of dimensions: that of input 0 is kept, for images NHWC."""
    return _pending(call, operator, inputs, check, keeps_order=True)


def _pending(call: Call, operator: Operator, inputs: int, check: Check | None, *, keeps_order: bool) -> Pending:
    call.only_output()
    positions, operands = range(inputs), [call.value(position) for position in range(inputs)]
    dims = operator.output_dims([value.dims for value in operands])

    def build(read: Read, quant: QuantValues | None, _: Activation) -> View:
        first, *others = views = [read(position) for position in positions]
        if check is not None and quant is not None:
            check([call.writer.quantization(view) for view in views], quant)
        if keeps_order:
            tensors = [first.tensor, *(call.writer.like(other, first) for other in others)]
        else:
            tensors = [call.writer.in_order(view) for view in views]
        order = first.order if keeps_order else wide_axes(dims)
        return View(call.writer.node(operator, tuple(tensors), quant, call.index), dims, order)

    return computed(call, dims, build, operands=operands, falls_back=check is None)
