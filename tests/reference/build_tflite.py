# SPDX-License-Identifier: Apache-2.0
"""Process that writes the cases of tflite_cases as OPERATOR_INDEX.tflite: build_tflite.py DIRECTORY [SEED].

It only packs flatbuffers; no model runs here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from tflite_cases import OPERATORS, Case, Operand, cases

OPTIONS = {
    "CONV_2D": "Conv2DOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "FULLY_CONNECTED": "FullyConnectedOptions",
    "ADD": "AddOptions",
    "SUB": "SubOptions",
    "MUL": "MulOptions",
    "PAD": "PadOptions",
    "PADV2": "PadV2Options",
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "SOFTMAX": "SoftmaxOptions",
    "CONCATENATION": "ConcatenationOptions",
    "SPLIT": "SplitOptions",
    "SPLIT_V": "SplitVOptions",
    "LEAKY_RELU": "LeakyReluOptions",
    "MEAN": "ReducerOptions",
    "SUM": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "ARG_MAX": "ArgMaxOptions",
    "ARG_MIN": "ArgMinOptions",
    "CUMSUM": "CumsumOptions",
    "DIV": "DivOptions",
    "TRANSPOSE_CONV": "TransposeConvOptions",
    "BATCH_MATMUL": "BatchMatMulOptions",
    "LOG_SOFTMAX": "LogSoftmaxOptions",
    "L2_NORMALIZATION": "L2NormOptions",
    "RESIZE_BILINEAR": "ResizeBilinearOptions",
}


def add_tensor(model: schema.ModelT, graph: schema.SubGraphT, operand: Operand, constant: bool) -> int:
    tensor = schema.TensorT()
    index = len(graph.tensors)
    dtype = operand.dtype if operand.values is None else operand.values.dtype
    tensor.name = f"t{index}"
    tensor.shape = list(operand.shape)
    tensor.type = getattr(schema.TensorType, np.dtype(dtype).name.upper())
    tensor.buffer = 0
    if constant:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(operand.data.tobytes(), np.uint8)
        model.buffers.append(buffer)
        tensor.buffer = len(model.buffers) - 1
    quantization = schema.QuantizationParametersT()
    quantization.scale = list(operand.scale)
    quantization.zeroPoint = [operand.zero_point] * len(operand.scale)
    quantization.quantizedDimension = operand.axis
    tensor.quantization = quantization
    graph.tensors.append(tensor)
    return index


def pack(case: Case) -> bytes:
    model, graph, operator, code = (
        schema.ModelT(),
        schema.SubGraphT(),
        schema.OperatorT(),
        schema.OperatorCodeT(),
    )
    model.version = 3
    model.buffers = [schema.BufferT()]
    model.subgraphs = [graph]
    model.operatorCodes = [code]
    graph.tensors = []
    graph.operators = [operator]
    graph.inputs = [add_tensor(model, graph, operand, False) for operand in case.inputs]
    operator.inputs = graph.inputs + [add_tensor(model, graph, operand, True) for operand in case.constants]
    if case.operator == "TRANSPOSE_CONV":
        operator.inputs = [*operator.inputs[1:3], operator.inputs[0], *operator.inputs[3:]]
    if case.operator == "SPLIT":
        operator.inputs = operator.inputs[::-1]
    outputs = (case.output, *case.further_outputs)
    graph.outputs = operator.outputs = [add_tensor(model, graph, output, False) for output in outputs]
    code.builtinCode = getattr(schema.BuiltinOperator, case.operator)
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.version = 3
    operator.opcodeIndex = 0
    name = OPTIONS.get(case.operator)
    if name is not None:
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, name)
        operator.builtinOptions = getattr(schema, name + "T")()
        for field, value in case.options.items():
            assert hasattr(operator.builtinOptions, field)
            setattr(operator.builtinOptions, field, value)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def main(directory: Path, seed: int) -> None:
    for operator in OPERATORS:
        for index, case in enumerate(cases(operator, seed)):
            (directory / f"{operator}_{index}.tflite").write_bytes(pack(case))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
