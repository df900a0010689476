# SPDX-License-Identifier: Apache-2.0
"""Constants by channel that the operator before takes into its weights and bias."""

from __future__ import annotations

import numpy as np

from sconnx.frontend.onnx.values import Channelwise, Folded, Pending, Value
from sconnx.graph.operator import Add, Dims, Div, Mul, Operator, Sub


def then(first: Channelwise, second: Channelwise) -> Channelwise:
    """One after the other."""
    offset = first.offset * second.factor + second.offset
    return Channelwise(second.name, first.factor * second.factor, offset)


def taken_in(operator: Operator, first: Value, second: Value) -> Pending | None:
    """The result of one of the four arithmetic operators of a value that can be scaled by channel and a constant."""
    if isinstance(first, Pending) and isinstance(second, Folded):
        pending, constant, is_turned = first, second, False
    elif isinstance(first, Folded) and isinstance(second, Pending):
        pending, constant, is_turned = second, first, True
    else:
        return None
    if pending.scale_channels is None or constant.quantization is not None or not constant.is_real:
        return None
    found = _channelwise(operator, constant, pending.dims, is_turned=is_turned)
    return None if found is None else pending.scale_channels(found)


def _channelwise(operator: Operator, constant: Folded, dims: Dims, *, is_turned: bool) -> Channelwise | None:
    """The operator and its constant operand; None where the constant is not one finite number for each channel.

    Args:
        dims: of the other operand.
        is_turned: whether the constant is the first operand.
    """
    padded = (1,) * (len(dims) - len(constant.dims)) + constant.dims
    if len(padded) != len(dims) or len(dims) < 2 or padded[1] not in (1, dims[1]) or padded[1] != constant.value.size:
        return None
    numbers = np.broadcast_to(constant.value.reshape(-1).astype(np.float64), dims[1:2])
    ones, zeros = np.ones(dims[1]), np.zeros(dims[1])
    if not np.all(np.isfinite(numbers)):
        return None
    if isinstance(operator, Add):
        return Channelwise(constant.name, ones, numbers)
    if isinstance(operator, Sub):
        return Channelwise(constant.name, -ones, numbers) if is_turned else Channelwise(constant.name, ones, -numbers)
    if isinstance(operator, Mul):
        return Channelwise(constant.name, numbers, zeros)
    if isinstance(operator, Div) and not is_turned and np.all(numbers != 0):
        return Channelwise(constant.name, 1 / numbers, zeros)
    return None
