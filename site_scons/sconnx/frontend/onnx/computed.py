# SPDX-License-Identifier: Apache-2.0
"""Results that are computed in int8 where a QuantizeLinear ends them and all operands are quantised, else in float32."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from sconnx.frontend.onnx.call import Call
from sconnx.frontend.onnx.operands import is_quantized, quantized, real
from sconnx.frontend.onnx.values import Bounds, Emit, Pending, Unsupported, Value, View
from sconnx.frontend.onnx.writer import Writer
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Clip, Dims, Operator, Relu, Relu6
from sconnx.reference.requantize import ACTIVATIONS, activation_limits
from sconnx.reference.rule import Rule

Read = Callable[[int], View]


Build = Callable[[Read, QuantValues | None, Activation], View]
"""Appends a node and gives its output: of int8 with a quantisation, or of float32 when there is none.

The first argument gives the operands by position, of the type that fits the output.
"""


def computed(
    call: Call,
    dims: Dims,
    build: Build,
    *,
    operands: Sequence[Value] | None = None,
    clamps: bool = False,
    falls_back: bool = True,
) -> Pending:
    """A float32 result of the operator that `build` appends.

    Args:
        operands: what `build` reads by position, in int8 when all of them are quantised; None: the node's first input.
        clamps: whether the operator has a fused activation.
        falls_back: whether float32 may take the place of an int8 operator that `build` refuses.
    """
    values = (call.value(0),) if operands is None else tuple(operands)
    writer = call.writer

    def with_int8(quant: QuantValues, bounds: Bounds) -> View:
        def read(position: int) -> View:
            return quantized(writer, values[position])

        fused = activation_of(bounds, quant) if clamps else None
        if fused is not None:
            return build(read, quant, fused)
        return clamped(writer, build(read, quant, Activation.NONE), bounds, call.index)

    def with_float32() -> View:
        return build(lambda position: call.named(real, values[position]), None, Activation.NONE)

    has_int8 = all(is_quantized(writer, value) for value in values)
    return Pending(dims, emitter(call, with_int8 if has_int8 else None, with_float32, falls_back=falls_back))


def emitter(
    call: Call,
    with_int8: Callable[[QuantValues, Bounds], View] | None,
    with_float32: Callable[[], View],
    *,
    falls_back: bool = True,
) -> Emit:
    """How a result is emitted that has a form in int8, in float32, or both. The one in float32 is emitted once.

    Args:
        falls_back: whether float32 may take the place of int8 that is refused.
    """
    once = cache(with_float32)

    def emit(quant: QuantValues | None, bounds: Bounds) -> View:
        if quant is not None and with_int8 is not None:
            try:
                return with_int8(quant, bounds)
            except Unsupported:
                if not falls_back:
                    raise
        real = clamped(call.writer, once(), bounds, call.index)
        return real if quant is None else call.writer.quantized(real, quant, call.writer.current)

    return emit


def clamped(writer: Writer, view: View, bounds: Bounds, index: int) -> View:
    """A tensor limited to a range of real numbers; the quantisation stays."""
    quant = writer.quantization(view) if writer.is_quantized(view) else None
    activation = activation_of(bounds, quant)
    if activation is Activation.NONE:
        return view
    alone: dict[Activation | None, Operator] = {Activation.RELU: Relu(), Activation.RELU6: Relu6()}
    operator = alone.get(activation, Clip(low=bounds.low, high=bounds.high))
    return View(writer.node(operator, (view.tensor,), quant, index), view.dims, view.order)


def activation_of(bounds: Bounds, quant: QuantValues | None) -> Activation | None:
    """The fused activation that clamps as `bounds` clamps the real numbers; None when there is none.

    Args:
        quant: of the integers for which it shall hold; None: for all real numbers.
    """
    for activation in Activation:
        if ACTIVATIONS[activation.value] == (bounds.low, bounds.high):
            return activation
    if quant is None:
        return None
    scale, point = float(quant.scale[0]), int(quant.zero_point[0])
    limits = integer_limits(bounds, quant)
    for activation in Activation:
        if activation_limits(activation.value, scale, point, Rule.ONNX) == limits:
            return activation
    return None


def integer_limits(bounds: Bounds, quant: QuantValues) -> tuple[int, int]:
    """The clamp in quantised integers."""

    def code(real: float) -> int:
        with np.errstate(over="ignore"):
            scaled = np.clip(np.rint(np.float32(real) / quant.scale[0]), -1024, 1024)
        return min(max(int(scaled) + int(quant.zero_point[0]), -128), 127)

    return (
        -128 if bounds.low is None else code(bounds.low),
        127 if bounds.high is None else code(bounds.high),
    )
