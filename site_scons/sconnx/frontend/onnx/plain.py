# SPDX-License-Identifier: Apache-2.0
"""The plain translations: one node for one node. Enough for most operators from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sconnx.frontend.onnx.call import Call
from sconnx.frontend.onnx.quantization import activation_of
from sconnx.frontend.onnx.values import Bounds, Pending, Unsupported, View
from sconnx.frontend.onnx.writer import wide_axes
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Dims, Operator

Check = Callable[[Sequence[QuantValues], QuantValues], None]
"""Gets the quantisations of the inputs and of the output; raises Unsupported when the operator cannot have them."""


def plain_node(call: Call, operator: Operator, inputs: int = 1, check: Check | None = None) -> Pending:
    """A node that reads the first `inputs` inputs and writes its output, all stored in ONNX's order of dimensions.

    The QuantizeLinear behind it says how its output is quantised.

    Raises:
        Unsupported: an input is not quantised, or a further output is used.
        ValueError: the dims do not fit the operator.
    """
    views = [call.view(position) for position in range(inputs)]
    dims = operator.output_dims([view.dims for view in views])
    tensors = [call.writer.in_order(view) for view in views]
    return _pending(call, operator, views, tensors, dims, wide_axes(dims), check)


def elementwise_node(call: Call, operator: Operator, inputs: int = 1, check: Check | None = None) -> Pending:
    """As `plain_node`, for operators that take no notice of the order of dimensions: that of input 0 is kept, for images NHWC."""
    first, *others = views = [call.view(position) for position in range(inputs)]
    dims = operator.output_dims([view.dims for view in views])
    tensors = [first.tensor, *(call.writer.like(other, first) for other in others)]
    return _pending(call, operator, views, tensors, dims, first.order, check)


def _pending(
    call: Call,
    operator: Operator,
    views: Sequence[View],
    tensors: Sequence[int],
    dims: Dims,
    order: tuple[int, ...],
    check: Check | None,
) -> Pending:
    call.only_output()

    def emit(quant: QuantValues, bounds: Bounds) -> View:
        if activation_of(bounds, quant) is not Activation.NONE:
            raise Unsupported(
                f"a clamp after {call.node.op_type} needs a QuantizeLinear and a DequantizeLinear before it"
            )
        if check is not None:
            check([call.writer.quantization(view) for view in views], quant)
        return View(call.writer.node(operator, tuple(tensors), quant, call.index), dims, order)

    return Pending(dims, emit)
