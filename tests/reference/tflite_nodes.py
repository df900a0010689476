# SPDX-License-Identifier: Apache-2.0
"""Evaluation of a case of tflite_cases as a model of one node."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tflite_cases import Case, Operand, same_padding

from sconnx.graph.model import ModelBuilder, QuantValues
from sconnx.graph.operator import (
    ArgMax,
    ArgMin,
    Coordinates,
    CumSum,
    Interpolation,
    MatMul,
    Operator,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceSum,
    Resize,
    TransposedConv2D,
)
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule


def quantization(operand: Operand) -> QuantValues | None:
    return QuantValues.of(operand.scale, operand.zero_point, operand.axis) if operand.scale else None


def of_node(case: Case, operator: Operator, constants: int = 0) -> NDArray[Any]:
    """The first output of a node with the inputs and the first so many constants of a case."""
    builder = ModelBuilder("one", Rule.TFLITE)
    inputs = [
        builder.add_input(f"x{index}", DType(given.data.dtype.name), given.shape, quantization(given))
        for index, given in enumerate(case.inputs)
    ]
    inputs += [
        builder.add_constant(f"c{index}", given.data, quantization(given))
        for index, given in enumerate(case.constants[:constants])
    ]
    output = builder.add_node(
        operator,
        tuple(inputs),
        name="n",
        source_index=0,
        output_name="y",
        dtype=DType(np.dtype(case.output.dtype).name),
        quantization=quantization(case.output),
    )
    (result,) = execute(builder.build([output]), [given.data for given in case.inputs]).values()
    return result


REDUCTIONS = {"MEAN": ReduceMean, "SUM": ReduceSum, "REDUCE_MAX": ReduceMax, "REDUCE_MIN": ReduceMin}


def reduction(case: Case) -> NDArray[Any]:
    rank = len(case.inputs[0].shape)
    axes = tuple(sorted(int(axis) % rank for axis in case.constants[0].data))
    return of_node(case, REDUCTIONS[case.operator](axes=axes, keep_dims=case.options["keepDims"]))


def arg_extreme(case: Case) -> NDArray[Any]:
    operator = ArgMax if case.operator == "ARG_MAX" else ArgMin
    return of_node(case, operator(axis=int(case.constants[0].data), keep_dims=False))


def cumulative_sum(case: Case) -> NDArray[Any]:
    return of_node(case, CumSum(axis=int(case.constants[0].data), **case.options))


def interpolation(case: Case) -> NDArray[Any]:
    aligned, halved = case.options["alignCorners"], case.options["halfPixelCenters"]
    coordinates = Coordinates.ALIGN_CORNERS if aligned else Coordinates.HALF_PIXEL if halved else Coordinates.ASYMMETRIC
    operator = Resize(dims=case.output.shape, interpolation=Interpolation.LINEAR, coordinates=coordinates)
    return of_node(case, operator)


def transposed_convolution(case: Case) -> NDArray[Any]:
    """TFLite pads as the convolution would from the output back to the input."""
    (_, height, width, _), (_, *kernel, _) = case.output.shape, case.constants[1].shape
    stride = (case.options["strideH"], case.options["strideW"])
    size = case.inputs[0].shape[1:3]
    same = case.options["padding"] == 0
    before = [same_padding(*axis, 1)[0] if same else 0 for axis in zip((height, width), kernel, stride, strict=True)]
    after = [
        (n - 1) * step + k - first - m
        for n, step, k, first, m in zip(size, stride, kernel, before, (height, width), strict=True)
    ]
    operator = TransposedConv2D(
        kernel_dims=(kernel[0], kernel[1]), stride_dims=stride, padding=(before[0], before[1], after[0], after[1])
    )
    return of_node(replace(case, constants=case.constants[1:]), operator, len(case.constants) - 1)


def batch_product(case: Case) -> NDArray[Any]:
    return of_node(case, MatMul(transpose_a=case.options["adjX"], transpose_b=case.options["adjY"]))
