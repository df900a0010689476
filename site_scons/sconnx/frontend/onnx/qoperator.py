# SPDX-License-Identifier: Apache-2.0
"""Operators on quantised tensors (QLinearConv ...), as the operators on real numbers between DequantizeLinear and QuantizeLinear.

Those of the domain com.microsoft are what ONNX Runtime's quantize_static writes in its format QOperator:
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from sconnx.frontend.onnx.binary import binary
from sconnx.frontend.onnx.call import OPERATORS, Call, Translation, translates
from sconnx.frontend.onnx.values import Folded, Unsupported, Value
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Sub

OPSET = 17
"""Of the operators on real numbers, in which the others are expressed."""
MICROSOFT = "com.microsoft."


@dataclass(frozen=True, slots=True)
class Layout:
    """Where an operator has what.

    Args:
        real: the operator on real numbers.
        operands: positions of its operands; scale and zero point follow each.
        output: position of the scale of the output; its zero point follows.
        attributes: of the operator on real numbers, by name; others are left out.
    """

    real: str
    operands: tuple[int, ...]
    output: int
    attributes: tuple[str, ...] = ()


WINDOW = ("auto_pad", "ceil_mode", "count_include_pad", "dilations", "group", "kernel_shape", "pads", "strides")
LAYOUTS = {
    "QLinearConv": Layout("Conv", (0, 3), 6, WINDOW),
    "QLinearMatMul": Layout("MatMul", (0, 3), 6),
    f"{MICROSOFT}QLinearAdd": Layout("Add", (0, 3), 6),
    f"{MICROSOFT}QLinearMul": Layout("Mul", (0, 3), 6),
    f"{MICROSOFT}QLinearAveragePool": Layout("AveragePool", (0,), 3, WINDOW),
    f"{MICROSOFT}QLinearGlobalAveragePool": Layout("GlobalAveragePool", (0,), 3),
    f"{MICROSOFT}QLinearSigmoid": Layout("Sigmoid", (0,), 3),
    f"{MICROSOFT}QLinearLeakyRelu": Layout("LeakyRelu", (0,), 3, ("alpha",)),
    f"{MICROSOFT}QLinearSoftmax": Layout("Softmax", (0,), 3, ("axis",)),
    f"{MICROSOFT}QLinearReduceMean": Layout("ReduceMean", (0,), 3, ("axes", "keepdims")),
    f"{MICROSOFT}QGemm": Layout("Gemm", (0, 3), 7, ("alpha", "transA", "transB")),
}


def operands_of(operator: str, count: int) -> tuple[int, ...]:
    """The positions of quantised operands among `count` inputs; scale and zero point follow each. None for other operators."""
    if operator == f"{MICROSOFT}QLinearConcat":
        return tuple(range(2, count - 2, 3))
    return LAYOUTS[operator].operands if operator in LAYOUTS else ()


def _step(
    call: Call,
    operator: str,
    inputs: Sequence[int | Value | None],
    attributes: Sequence[str] = (),
    opset: int = OPSET,
    **more: Any,
) -> Value:
    """The output of another operator in the place of this one.

    Args:
        inputs: values, or positions of this operator's inputs.
        attributes: those it takes over from this operator.
    """
    given = [*call.node.input, *[""] * len(LAYOUTS)]
    names = [given[entry] if isinstance(entry, int) else "" for entry in inputs]
    names = [name or f"{call.node.output[0]}/{place}" for place, name in enumerate(names)]
    node = onnx.helper.make_node(operator, names, list(call.node.output)[:1], name=call.node.name, **more)
    node.attribute.extend(attribute for attribute in call.node.attribute if attribute.name in attributes)
    values = [call.optional(entry) if isinstance(entry, int) else entry for entry in inputs]
    index = call.writer.inner(node, call.index)
    result = OPERATORS[operator](Call(node, index, opset, values, call.writer))
    return result[0] if isinstance(result, tuple) else result


def _real(call: Call, position: int, axis: int = 0) -> Value:
    """An operand as real numbers."""
    scale = call.constant(position + 1, "scale")
    axis = axis if scale.value.size > 1 else 0
    return _step(call, "DequantizeLinear", (position, position + 1, position + 2), axis=axis)


def _quantized(call: Call, value: Value, scale: int) -> Value:
    return _step(call, "QuantizeLinear", (value, scale, scale + 1))


def _between(layout: Layout) -> Translation:
    def translate(call: Call) -> Value:
        operands = [_real(call, position, axis=-1) for position in layout.operands]
        return _quantized(call, _step(call, layout.real, operands, layout.attributes), layout.output)

    return translate


for _name in ("QLinearMatMul", *(f"{MICROSOFT}{name}" for name in ("QLinearAdd", "QLinearMul", "QLinearLeakyRelu"))):
    translates(_name)(_between(LAYOUTS[_name]))
for _name in ("QLinearSigmoid", "QLinearReduceMean"):
    translates(f"{MICROSOFT}{_name}")(_between(LAYOUTS[f"{MICROSOFT}{_name}"]))


@translates("QLinearConv")
def q_linear_conv(call: Call) -> Value:
    layout = LAYOUTS["QLinearConv"]
    inputs: list[Value | None] = [_real(call, 0), _real(call, 3), _bias(call, 8)]
    return _quantized(call, _step(call, "Conv", inputs[: 3 if inputs[2] else 2], layout.attributes), layout.output)


def _bias(call: Call, position: int) -> Folded | None:
    """int32 in units of the product of the scales of input 0 and of the weights."""
    if call.optional(position) is None:
        return None
    bias = call.constant(position, "bias")
    first, second = (call.constant(place, "scale").real().reshape(-1) for place in (1, 4))
    scales = first[:1] * second
    if bias.value.dtype != np.int32 or scales.size not in (1, bias.value.size):
        raise Unsupported(f"bias {call.name(position)} is not one int32 for each of {scales.size} scales")
    return Folded(bias.name, bias.value.reshape(-1), QuantValues.of(scales, 0, 0))


@translates(f"{MICROSOFT}QGemm")
def q_gemm(call: Call) -> Value:
    """Without the scale of an output it is float32."""
    layout = LAYOUTS[f"{MICROSOFT}QGemm"]
    axis = 0 if call.integer("transB", 0) else 1
    inputs: list[Value | None] = [_real(call, 0), _real(call, 3, axis), _bias(call, 6)]
    result = _step(call, "Gemm", inputs[: 3 if inputs[2] else 2], layout.attributes)
    return result if call.optional(layout.output) is None else _quantized(call, result, layout.output)


@translates(f"{MICROSOFT}QLinearSoftmax")
def q_linear_softmax(call: Call) -> Value:
    layout = LAYOUTS[f"{MICROSOFT}QLinearSoftmax"]
    result = _step(call, "Softmax", [_real(call, 0)], layout.attributes, opset=call.integer("opset", OPSET))
    return _quantized(call, result, layout.output)


@translates(f"{MICROSOFT}QLinearAveragePool", f"{MICROSOFT}QLinearGlobalAveragePool")
def q_linear_average_pool(call: Call) -> Value:
    if call.integer("channels_last", 0):
        raise Unsupported("channels_last is 1; only ONNX's order of dimensions is supported")
    return _between(LAYOUTS[MICROSOFT + call.node.op_type])(call)  # type: ignore[return-value]


@translates(f"{MICROSOFT}QLinearConcat")
def q_linear_concat(call: Call) -> Value:
    parts = [_real(call, position) for position in operands_of(f"{MICROSOFT}QLinearConcat", len(call.inputs))]
    return _quantized(call, _step(call, "Concat", parts, ("axis",)), 0)


@translates("MatMulInteger")
def mat_mul_integer(call: Call) -> Value:
    """int32. By products of float32, which are exact while sums stay below 2^24: 258 terms of 8 bits at the worst."""
    left, right = _centred(call, 0, 2, -2), _centred(call, 1, 3, -1)
    return _step(call, "Cast", [_step(call, "MatMul", [left, right])], to=onnx.TensorProto.INT32)


@translates("ConvInteger")
def conv_integer(call: Call) -> Value:
    """int32. By products of float32, as MatMulInteger."""
    result = _step(call, "Conv", [_centred(call, 0, 2, None), _centred(call, 1, 3, 0)], WINDOW)
    return _step(call, "Cast", [result], to=onnx.TensorProto.INT32)


def _centred(call: Call, position: int, zero_point: int, axis: int | None) -> Value:
    """Integers less their zero point, as float32; the zero point is one, or one per index of an axis."""
    value, point = call.value(position), call.optional(zero_point)
    result = _number(call, value)
    if point is None:
        return result
    shift = _number(call, point)
    if len(shift.dims) == 1 and shift.dims[0] > 1 and axis is not None:
        dims = [1] * len(value.dims)
        if not -len(dims) <= axis < len(dims):
            raise Unsupported(f"zero points of dims {shift.dims} do not fit dims {value.dims}")
        dims[axis] = shift.dims[0]
        shift = _step(call, "Reshape", [shift, Folded("dims", np.array(dims, np.int64))])
    if isinstance(result, Folded) and isinstance(shift, Folded):
        return Folded(result.name, result.real() - shift.real())
    return binary(call, Sub(), result, shift)


def _number(call: Call, value: Value) -> Value:
    """Integers as float32."""
    if isinstance(value, Folded):
        return Folded(value.name, value.value.astype(np.float32))
    return _step(call, "Cast", [value], to=onnx.TensorProto.FLOAT)
