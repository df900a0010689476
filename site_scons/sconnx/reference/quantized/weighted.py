# SPDX-License-Identifier: Apache-2.0
"""Convolutions and fully connected layers."""

from __future__ import annotations

from typing import cast

import numpy as np

from sconnx.graph.operator import (
    Conv1D,
    Conv2D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    FullyConnected,
    MatMul,
    TransposedConv1D,
    TransposedConv2D,
    as_2d,
)
from sconnx.reference import convolution
from sconnx.reference.quantized.registry import quantized
from sconnx.reference.requantize import requantize_fully_connected, requantize_products
from sconnx.reference.run import Int8Array, Run


@quantized(Conv2D)
def conv2d(run: Run) -> Int8Array:
    operator = cast(Conv2D, as_2d(run.node.operator))
    return convolution.conv2d(
        run.image(0),
        run.image(1),
        run.bias,
        stride=operator.stride_dims,
        dilation=operator.dilation_dims,
        padding=operator.padding,
        groups=operator.groups,
        **run.weighted(requantize_products),
    )


@quantized(DepthwiseConv2D)
def depthwise_conv2d(run: Run) -> Int8Array:
    operator = cast(DepthwiseConv2D, as_2d(run.node.operator))
    return convolution.depthwise_conv2d(
        run.image(0),
        run.image(1),
        run.bias,
        stride=operator.stride_dims,
        dilation=operator.dilation_dims,
        padding=operator.padding,
        **run.weighted(requantize_products),
    )


@quantized(TransposedConv2D)
def transposed_conv2d(run: Run) -> Int8Array:
    operator = cast(TransposedConv2D, as_2d(run.node.operator))
    return convolution.transposed_conv2d(
        run.image(0),
        run.image(1),
        run.bias,
        stride=operator.stride_dims,
        dilation=operator.dilation_dims,
        padding=operator.padding,
        output_padding=operator.output_padding,
        groups=operator.groups,
        **run.weighted(requantize_products),
    )


@quantized(TransposedConv1D)
def transposed_conv1d(run: Run) -> Int8Array:
    return transposed_conv2d(run)[:, 0]


@quantized(MatMul)
def matmul(run: Run) -> Int8Array:
    """The scale of b takes the part of the weights' scale in a fully connected layer."""
    operator = cast(MatMul, run.node.operator)
    a, b = (run.affine(tensor) for tensor in run.node.inputs[:2])
    y = run.affine(run.node.outputs[0])
    first, second = run.int8(0), run.int8(1)
    return convolution.matmul(
        np.swapaxes(first, -1, -2) if operator.transpose_a else first,
        np.swapaxes(second, -1, -2) if operator.transpose_b else second,
        a_zero_point=a.zero_point,
        b_zero_point=b.zero_point,
        requantize=run.requantize(
            requantize_fully_connected(run.rule, a.scale, b.scale, y.scale, y.zero_point, operator.activation.value),
            operator.activation.value,
        ),
    )


@quantized(Conv1D)
def conv1d(run: Run) -> Int8Array:
    return conv2d(run)[:, 0]


@quantized(DepthwiseConv1D)
def depthwise_conv1d(run: Run) -> Int8Array:
    return depthwise_conv2d(run)[:, 0]


@quantized(FullyConnected)
def fully_connected(run: Run) -> Int8Array:
    return convolution.fully_connected(run.int8(0), run.int8(1), run.bias, **run.weighted(requantize_fully_connected))
