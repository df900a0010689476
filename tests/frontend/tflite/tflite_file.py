# SPDX-License-Identifier: Apache-2.0
"""Writes small .tflite files with the generated schema classes, which are not the code under test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

flatbuffers = pytest.importorskip("flatbuffers")
schema = pytest.importorskip("ai_edge_litert.schema_py_generated")

MODELS = Path(__file__).resolve().parents[4] / "shared" / "models" / "mlperf_tiny"
needs_models = pytest.mark.skipif(not MODELS.is_dir(), reason="the reference models are not here")

_TYPES = {
    "int8": 9,
    "int32": 2,
    "int64": 4,
    "float32": 0,
    "uint8": 3,
    "int16": 7,
    "bool": 6,
    "float16": 1,
    "resource": 13,
    "int4": 17,
}


def load(path: Path) -> Any:
    """A file in the object form of the generated schema."""
    return schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)


def _in_halves(value: NDArray[Any]) -> NDArray[np.uint8]:
    """int4 elements, two a byte, the first in the lower half."""
    halves = np.pad(value.reshape(-1), (0, value.size % 2)).astype(np.uint8) & 15
    return halves[::2] | halves[1::2] << 4


class File:
    """A model with one subgraph that grows by tensors and nodes."""

    def __init__(self) -> None:
        self.model = schema.ModelT()
        self.model.version = 3
        self.model.buffers = [schema.BufferT()]
        self.model.operatorCodes = []
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.graph.inputs, self.graph.outputs = [], []
        self.model.subgraphs = [self.graph]

    def tensor(
        self,
        name: str | bytes,
        dims: tuple[int, ...],
        dtype: str = "int8",
        scale: list[float] | None = None,
        zero_point: int = 0,
        axis: int = 0,
        value: NDArray[Any] | None = None,
    ) -> int:
        """Add a tensor and return its index. Without `scale` it has scale 0.5; an empty list is none."""
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(dims), _TYPES[dtype], 0
        scales = [0.5] if scale is None else scale
        if scales:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = scales
            tensor.quantization.zeroPoint = [zero_point] * len(scales)
            tensor.quantization.quantizedDimension = axis
        if value is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer((_in_halves(value) if dtype == "int4" else value).tobytes(), np.uint8)
            self.model.buffers.append(buffer)
            tensor.buffer = len(self.model.buffers) - 1
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def constant(self, name: str, value: NDArray[Any], scale: list[float] | None = None, axis: int = 0) -> int:
        return self.tensor(name, value.shape, value.dtype.name, scale, axis=axis, value=value)

    def node(
        self,
        operator: str | int,
        inputs: list[int],
        outputs: list[int],
        options: str = "",
        custom: str = "",
        version: int = 1,
        **fields: Any,
    ) -> Any:
        """Add a node; `options` is the name of its option table and `fields` are the values in it."""
        number = operator if isinstance(operator, int) else getattr(schema.BuiltinOperator, operator)
        code = schema.OperatorCodeT()
        code.builtinCode, code.deprecatedBuiltinCode, code.version = number, min(number, 127), version
        code.customCode = custom or None
        self.model.operatorCodes.append(code)
        node = schema.OperatorT()
        node.opcodeIndex = len(self.model.operatorCodes) - 1
        node.inputs, node.outputs = inputs, outputs
        if options:
            node.builtinOptionsType = getattr(schema.BuiltinOptions, options)
            node.builtinOptions = getattr(schema, options + "T")()
            for key, value in fields.items():
                assert hasattr(node.builtinOptions, key)
                setattr(node.builtinOptions, key, value)
        self.graph.operators.append(node)
        return node

    def pack(self) -> bytes:
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())

    def write(self, directory: Path) -> Path:
        path = directory / "model.tflite"
        path.write_bytes(self.pack())
        return path


def small() -> File:
    """A convolution, a pooling and a fully-connected layer."""
    file = File()
    rng = np.random.default_rng(1)
    image = file.tensor("image", (1, 6, 5, 2), zero_point=3)
    kernel = file.constant("kernel", rng.integers(-127, 128, (4, 3, 3, 2)).astype(np.int8), [0.1] * 4)
    bias = file.constant("bias", np.arange(4, dtype=np.int32), [0.05] * 4)
    features = file.tensor("features", (1, 3, 3, 4), zero_point=-128)
    pooled = file.tensor("pooled", (1, 1, 1, 4), zero_point=-128)
    dense = file.constant("dense", rng.integers(-127, 128, (3, 4)).astype(np.int8))
    scores = file.tensor("scores", (1, 3))
    file.node("CONV_2D", [image, kernel, bias], [features], "Conv2DOptions", strideW=2, strideH=2)
    pool = {"padding": 1, "filterWidth": 3, "filterHeight": 3, "strideW": 1, "strideH": 1}
    file.node("MAX_POOL_2D", [features], [pooled], "Pool2DOptions", **pool)
    file.node("FULLY_CONNECTED", [pooled, dense, -1], [scores], "FullyConnectedOptions")
    file.graph.inputs, file.graph.outputs = [image], [scores]
    return file
