# SPDX-License-Identifier: Apache-2.0
"""What is known of every tensor: its dims; and changes of the element type."""

from __future__ import annotations

import numpy as np
import onnx

from sconnx.frontend.onnx.binary import converted
from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.quantization import type_name
from sconnx.frontend.onnx.values import Folded, Unsupported, Value
from sconnx.frontend.onnx.writer import DTYPES
from sconnx.graph.tensor import DType


@translates("Shape")
def shape(call: Call) -> Value:
    """Dims are fixed, so this is a constant; since opset 15 a range of them."""
    dims = call.value(0).dims
    start, end = call.integer("start", 0), call.integer("end", len(dims))
    return Folded(call.node.output[0], np.array(dims[slice(start, end)], np.int64))


@translates("Size")
def size(call: Call) -> Value:
    return Folded(call.node.output[0], np.array(np.prod(call.value(0).dims, dtype=np.int64)))


@translates("Cast")
def cast(call: Call) -> Value:
    return _cast(call, type_name(call.integer("to", onnx.TensorProto.FLOAT)))


@translates("CastLike")
def cast_like(call: Call) -> Value:
    return _cast(call, call.dtype(call.value(1)).value)


def _cast(call: Call, name: str) -> Value:
    """float32 to float32 changes nothing; of quantised integers it is the numbers, not what they stand for."""
    value = call.value(0)
    if name not in DTYPES:
        raise Unsupported(f"elements of type {name} are not supported at run time")
    return converted(call, value, DType(name))
