# SPDX-License-Identifier: Apache-2.0
"""Operators that change the element type, or what integers stand for."""

from __future__ import annotations

from sconnx.frontend.tflite.operand import Unsupported
from sconnx.frontend.tflite.operands import Operands
from sconnx.frontend.tflite.translation import Translation, known, one, translates
from sconnx.graph.operator import Cast, Dequantize, Quantize, Requantize
from sconnx.graph.tensor import DType


@translates("QUANTIZE")
def quantize(node: Operands) -> Translation:
    data, output = node.input(0, any_zero_point=True), node.output()
    if output.quantization is None:
        raise Unsupported(f"its output is {output.dtype.value} without quantisation")
    if data.dtype is DType.FLOAT32:
        return one(Quantize(), data, output=output)
    if data.quantization is None:
        raise Unsupported(f"input 0 is {data.dtype.value} without quantisation")
    return one(Requantize(), data, output=output)


@translates("DEQUANTIZE")
def dequantize(node: Operands) -> Translation:
    """Constants of float16 are float32 already."""
    data, output = node.input(0, any_zero_point=True), node.output()
    if output.dtype is not DType.FLOAT32:
        raise Unsupported(f"its output is {output.dtype.value}, not float32")
    if data.dtype is DType.FLOAT32 and data.value is not None:
        return known(output, data.value)
    if data.quantization is None:
        raise Unsupported(f"input 0 is {data.dtype.value} without quantisation")
    return one(Dequantize(), data, output=output)


@translates("CAST")
def cast(node: Operands) -> Translation:
    """Of numbers that stand for themselves: what a cast of quantised codes means depends on who runs the model."""
    data, output = node.input(0), node.output()
    for what, tensor in (("input", data), ("output", output)):
        if tensor.quantization is not None and tensor.dtype in (DType.INT8, DType.UINT8, DType.INT16):
            raise Unsupported(f"{what} 0 is quantised {tensor.dtype.value}")
    return one(Cast(), data, output=output)
