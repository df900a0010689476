# SPDX-License-Identifier: Apache-2.0
"""Convolutions and fully connected layers."""

from __future__ import annotations

from typing import cast

from sconnx.graph.operator import Conv1D, Conv2D, DepthwiseConv1D, DepthwiseConv2D, FullyConnected, as_2d
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


@quantized(Conv1D)
def conv1d(run: Run) -> Int8Array:
    return conv2d(run)[:, 0]


@quantized(DepthwiseConv1D)
def depthwise_conv1d(run: Run) -> Int8Array:
    return depthwise_conv2d(run)[:, 0]


@quantized(FullyConnected)
def fully_connected(run: Run) -> Int8Array:
    return convolution.fully_connected(run.int8(0), run.int8(1), run.bias, **run.weighted(requantize_fully_connected))
