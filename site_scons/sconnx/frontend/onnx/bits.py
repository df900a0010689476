# SPDX-License-Identifier: Apache-2.0
"""BitCast: the bits of elements as another element type of the same size."""

from __future__ import annotations

import onnx

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.quantization import type_name
from sconnx.frontend.onnx.values import Unsupported, Value, View
from sconnx.frontend.onnx.writer import DTYPES
from sconnx.graph.operator import BitCast
from sconnx.graph.tensor import DType


@translates("BitCast")
def bit_cast(call: Call) -> Value:
    name, source = type_name(call.integer("to", onnx.TensorProto.FLOAT)), call.dtype(call.value(0))
    if name not in DTYPES or DType(name).size_bytes != source.size_bytes:
        raise Unsupported(f"bits of {source.value} elements are none of {name}")
    view, dtype = call.plain(0), DType(name)
    output = call.writer.node(BitCast(dtype=dtype), (view.tensor,), None, call.index, dtype)
    return call.as_value(View(output, view.dims, view.order))
