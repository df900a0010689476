# SPDX-License-Identifier: Apache-2.0
"""BatchNormalization: folded into the operator with weights before it, else a product and a sum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.onnx.binary import binary
from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.values import Channelwise, Folded, Pending, Unsupported, Value
from sconnx.graph.operator import Add, Mul


@translates("BatchNormalization")
def batch_normalization(call: Call) -> Value:
    """(x - mean) / sqrt(variance + epsilon) * scale + bias, by channel, outside of training."""
    call.only_output()
    if call.integer("training_mode", 0) or not call.integer("spatial", 1):
        raise Unsupported("it is in training mode, or not by channel")
    value = call.value(0)
    channels = value.dims[1] if len(value.dims) > 1 else 1
    scale, bias, mean, variance = (_numbers(call, position, channels) for position in (1, 2, 3, 4))
    variance = variance + call.real_number("epsilon", 1e-5)
    if not np.all(variance > 0):
        raise Unsupported(f"variance {call.name(4)} is not above 0")
    factor = scale / np.sqrt(variance)
    channelwise = Channelwise(call.node.input[2], factor, bias - mean * factor)
    if isinstance(value, Pending) and value.scale_channels is not None:
        return value.scale_channels(channelwise)
    column = (channels, *[1] * (len(value.dims) - 2))
    factors, offsets = (
        Folded(call.node.input[position], numbers.reshape(column).astype(np.float32))
        for position, numbers in ((1, channelwise.factor), (2, channelwise.offset))
    )
    return binary(call, Add(), binary(call, Mul(), value, factors), offsets)


def _numbers(call: Call, position: int, channels: int) -> NDArray[np.float64]:
    """A constant with one finite number per channel."""
    constant = call.constant(position, "input")
    values = constant.real().astype(np.float64).reshape(-1)
    if values.size != channels or not np.all(np.isfinite(values)):
        raise Unsupported(f"input {call.name(position)} is not one finite number for each of {channels} channels")
    return values
