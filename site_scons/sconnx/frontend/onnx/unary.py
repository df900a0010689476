# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators of one tensor: Relu and Clip, which others take in; and functions of each element."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sconnx.frontend.onnx.binary import binary
from sconnx.frontend.onnx.call import Call, Translation, translates
from sconnx.frontend.onnx.computed import Read, clamped, computed, integer_limits
from sconnx.frontend.onnx.operands import UNSIGNED, is_quantized, quantized
from sconnx.frontend.onnx.rescale import rescaled
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Tracked, Unsupported, Value, View
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import (
    Abs,
    Acos,
    Acosh,
    Activation,
    Asin,
    Asinh,
    Atan,
    Atanh,
    BitwiseNot,
    Ceil,
    Celu,
    Clip,
    Cos,
    Cosh,
    Elu,
    Erf,
    Exp,
    Floor,
    Gelu,
    HardSigmoid,
    HardSwish,
    IsInf,
    IsNaN,
    LeakyRelu,
    Log,
    Maximum,
    Minimum,
    Mish,
    Neg,
    Not,
    Operator,
    Reciprocal,
    Relu,
    Round,
    Selu,
    Shrink,
    Sigmoid,
    Sign,
    Sin,
    Sinh,
    Softplus,
    Softsign,
    Sqrt,
    Swish,
    Tan,
    Tanh,
    ThresholdedRelu,
)
from sconnx.graph.tensor import DType

FLOAT32_MAX = float(np.finfo(np.float32).max)
TO_BOOL = (IsNaN, IsInf)


def unary(call: Call, operator: Operator, value: Value) -> Value:
    """An operator on each element, in whatever order it is stored."""
    dtype = call.dtype(value)
    if dtype is not DType.FLOAT32 or isinstance(operator, TO_BOOL):
        view = call.plain_of(value)
        output = DType.BOOL if isinstance(operator, TO_BOOL) else dtype
        tensor = call.writer.node(operator, (view.tensor,), None, call.index, output)
        return call.as_value(View(tensor, view.dims, view.order))

    def build(read: Read, quant: QuantValues | None, _: Activation) -> View:
        view = read(0)
        return View(call.writer.node(operator, (view.tensor,), quant, call.index), view.dims, view.order)

    return computed(call, value.dims, build, operands=(value,))


def _unary(make: Callable[[Call], Operator]) -> Translation:
    return lambda call: unary(call, make(call), call.value(0))


for _name, _operator in {
    "Abs": Abs(), "Acos": Acos(), "Acosh": Acosh(), "Asin": Asin(), "Asinh": Asinh(), "Atan": Atan(), "Atanh": Atanh(),
    "BitwiseNot": BitwiseNot(), "Ceil": Ceil(), "Cos": Cos(), "Cosh": Cosh(), "Erf": Erf(), "Exp": Exp(),
    "Floor": Floor(), "HardSwish": HardSwish(), "IsNaN": IsNaN(), "Log": Log(), "Mish": Mish(), "Neg": Neg(),
    "Not": Not(), "Reciprocal": Reciprocal(), "Round": Round(), "Sigmoid": Sigmoid(), "Sign": Sign(), "Sin": Sin(),
    "Sinh": Sinh(), "Softplus": Softplus(), "Softsign": Softsign(), "Sqrt": Sqrt(), "Tan": Tan(), "Tanh": Tanh(),
}.items():  # fmt: skip
    translates(_name)(_unary(lambda _, operator=_operator: operator))  # type: ignore[misc]

for _name, _make in {
    "LeakyRelu": lambda call: LeakyRelu(alpha=call.real_number("alpha", 0.01)),
    "ThresholdedRelu": lambda call: ThresholdedRelu(alpha=call.real_number("alpha", 1.0)),
    "Elu": lambda call: Elu(alpha=call.real_number("alpha", 1.0)),
    "Celu": lambda call: Celu(alpha=call.real_number("alpha", 1.0)),
    "Swish": lambda call: Swish(alpha=call.real_number("alpha", 1.0)),
    "Selu": lambda call: Selu(
        alpha=call.real_number("alpha", 1.6732632423543772), gamma=call.real_number("gamma", 1.0507009873554805)
    ),
    "Shrink": lambda call: Shrink(bias=call.real_number("bias", 0.0), threshold=call.real_number("lambd", 0.5)),
    "HardSigmoid": lambda call: HardSigmoid(alpha=call.real_number("alpha", 0.2), beta=call.real_number("beta", 0.5)),
    "Gelu": lambda call: Gelu(approximate=call.string("approximate", "none") == "tanh"),
    "IsInf": lambda call: IsInf(
        positive=bool(call.integer("detect_positive", 1)), negative=bool(call.integer("detect_negative", 1))
    ),
}.items():
    translates(_name)(_unary(_make))


def limited(call: Call, bounds: Bounds) -> Value:
    """A clamp: fused into a result that waits, or of a tensor."""
    value = call.value(0)
    if isinstance(value, Pending):
        source = value
    elif is_quantized(call.writer, value) and not isinstance(value, Folded):
        source = rescaled(call, quantized(call.writer, value))
    else:
        view = call.real(0)
        tensor = clamped(call.writer, view, bounds, call.index)
        return call.as_value(tensor)
    natural = source.natural
    exact = natural is not None and (
        bounds in (Bounds(), Bounds(0.0)) or integer_limits(bounds, natural) == (-128, 127)
    )

    def emit(quant: QuantValues | None, outer: Bounds) -> View:
        if quant is not None:
            return source.emit(quant, bounds.then(outer))
        return clamped(call.writer, source.emit(None, Bounds()), bounds.then(outer), call.index)

    return Pending(source.dims, emit, natural=natural if exact else None)


@translates("Relu")
def relu(call: Call) -> Value:
    return limited(call, Bounds(0.0)) if call.is_real(0) else unary(call, Relu(), call.value(0))


@translates("Clip")
def clip(call: Call) -> Value:
    """Limits are attributes until opset 10, then inputs. Limits that are computed at run time are Minimum and Maximum."""
    if call.opset < 11:
        low, high = call.real_number("min", -FLOAT32_MAX), call.real_number("max", FLOAT32_MAX)
        return _clip(call, low, high)
    limits = [call.optional(position) for position in (1, 2)]
    if all(limit is None or isinstance(limit, Folded) for limit in limits):
        return _clip(call, _limit(call, 1, -np.inf), _limit(call, 2, np.inf))
    value = call.value(0)
    for operator, limit in zip((Maximum(), Minimum()), limits, strict=True):
        value = value if limit is None else binary(call, operator, value, limit)
    return value


def _clip(call: Call, low: float, high: float) -> Value:
    """ONNX gives the upper limit where the lower one is above it."""
    low = min(low, high)
    bounds = Bounds(None if low <= -FLOAT32_MAX else low, None if high >= FLOAT32_MAX else high)
    value = call.value(0)
    if call.is_real(0):
        return limited(call, bounds)
    if isinstance(value, Tracked) and call.writer.is_quantized(value.view):
        return _codes_clipped(call, value, bounds)
    return unary(call, Clip(low=bounds.low, high=bounds.high), call.value(0))


def _codes_clipped(call: Call, value: Tracked, bounds: Bounds) -> Value:
    """A limit of quantised integers, for those of fewer than 8 bits (QCDQ): the same of what they stand for."""
    quant = call.writer.quantization(value.view)
    point = int(quant.zero_point[0]) + (UNSIGNED if value.unsigned else 0)
    real = [None if code is None else float((code - point) * quant.scale[0]) for code in (bounds.low, bounds.high)]
    return replace(value, view=clamped(call.writer, value.view, Bounds(*real), call.index))


def _limit(call: Call, position: int, default: float) -> float:
    if call.optional(position) is None:
        return default
    limit = call.constant(position, "limit").real()
    if limit.size != 1:
        raise Unsupported(f"limit {call.name(position)} has {limit.size} elements")
    return float(limit.reshape(-1)[0])
