# SPDX-License-Identifier: Apache-2.0
"""The references of Quantize and Dequantize against ONNX Runtime, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from sconnx.graph.model import ModelBuilder, QuantValues
from sconnx.graph.operator import Dequantize, Operator, Quantize
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule

DIMS = (3, 4, 5)
RANGES = {DType.INT8: (-128, 127), DType.UINT8: (0, 255), DType.INT16: (-32768, 32767)}


def reference(operator: Operator, x: NDArray[Any], quant: QuantValues, dtype: DType) -> NDArray[Any]:
    builder = ModelBuilder("one", Rule.ONNX)
    is_quantize = isinstance(operator, Quantize)
    source = builder.add_input("x", DType(x.dtype.name), x.shape, None if is_quantize else quant)
    y = builder.add_node(
        operator,
        (source,),
        name="n",
        source_index=0,
        output_name="y",
        dtype=dtype,
        quantization=quant if is_quantize else None,
    )
    (value,) = execute(builder.build([y]), [x]).values()
    return value


def onnx_runtime(name: str, x: NDArray[Any], quant: QuantValues, zero_dtype: str) -> NDArray[Any]:
    scale, zero = quant.scale, quant.zero_point.astype(zero_dtype)
    if quant.axis is None:
        scale, zero = scale.reshape(()), zero.reshape(())
    types = {array: onnx.helper.np_dtype_to_tensor_dtype(np.dtype(array)) for array in (x.dtype.name, zero_dtype)}
    node = onnx.helper.make_node(
        name, ["x", "scale", "zero"], ["y"], **({} if quant.axis is None else {"axis": quant.axis})
    )
    output = types[zero_dtype] if name == "QuantizeLinear" else onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        [node],
        "one",
        [onnx.helper.make_tensor_value_info("x", types[x.dtype.name], x.shape)],
        [onnx.helper.make_tensor_value_info("y", output, x.shape)],
        [onnx.numpy_helper.from_array(scale, "scale"), onnx.numpy_helper.from_array(zero, "zero")],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 21)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    result: NDArray[Any] = session.run(None, {"x": x})[0]
    return result


def quantization(rng: np.random.Generator, dtype: DType, axis: int | None) -> QuantValues:
    count = 1 if axis is None else DIMS[axis]
    low, high = RANGES[dtype]
    return QuantValues.of(rng.uniform(0.001, 1, count).astype(np.float32), rng.integers(low, high + 1, count), axis)


@pytest.mark.parametrize("dtype", RANGES)
@pytest.mark.parametrize("axis", [None, 0, 1, 2])
def test_quantize(dtype: DType, axis: int | None) -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        quant = quantization(rng, dtype, axis)
        steps = np.where(rng.integers(0, 2, DIMS), rng.integers(-600, 600, DIMS) / 2, rng.uniform(-1e5, 1e5, DIMS))
        x = (steps * quant.scale[0]).astype(np.float32)
        expected = onnx_runtime("QuantizeLinear", x, quant, dtype.value)
        np.testing.assert_array_equal(reference(Quantize(), x, quant, dtype), expected)


@pytest.mark.parametrize("dtype", RANGES)
@pytest.mark.parametrize("axis", [None, 0, 1, 2])
def test_dequantize(dtype: DType, axis: int | None) -> None:
    rng = np.random.default_rng(6)
    for _ in range(20):
        quant = quantization(rng, dtype, axis)
        low, high = RANGES[dtype]
        q = rng.integers(low, high + 1, DIMS).astype(dtype.value)
        expected = onnx_runtime("DequantizeLinear", q, quant, dtype.value)
        np.testing.assert_array_equal(reference(Dequantize(), q, quant, DType.FLOAT32), expected)
