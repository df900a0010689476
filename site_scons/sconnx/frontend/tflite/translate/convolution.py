# SPDX-License-Identifier: Apache-2.0
"""Convolutions."""

from __future__ import annotations

from sconnx.frontend.tflite.operand import Unsupported
from sconnx.frontend.tflite.operands import Operands, constant_like
from sconnx.frontend.tflite.options import Conv2DOptions, DepthwiseConv2DOptions, TransposeConvOptions
from sconnx.frontend.tflite.translate.window import Pair, check_window, image_of, is_same, padding_of
from sconnx.frontend.tflite.translation import Translation, clamp, one, same_type, translates
from sconnx.graph.operator import Conv2D, DepthwiseConv2D, TransposedConv2D


@translates("CONV_2D")
def conv_2d(node: Operands) -> Translation:
    options = node.options(Conv2DOptions)
    image, output = image_of(node.input(0)), node.output()
    same_type(image, output)
    weights = node.weights(1, image, rank=4, axis=0)
    channels, height, width, depth = weights.dims
    if image.dims[3] % depth:
        raise Unsupported(f"the weights read {depth} channels, no divisor of the input's {image.dims[3]}")
    strides = (options.stride_height, options.stride_width)
    dilations = (options.dilation_height, options.dilation_width)
    operator = Conv2D(
        kernel_dims=(height, width),
        stride_dims=strides,
        dilation_dims=dilations,
        padding=padding_of(options.padding, image, (height, width), strides, dilations),
        groups=image.dims[3] // depth,
        activation=clamp(options.activation),
    )
    return one(operator, image, weights, node.bias(2, image, channels), output=output)


@translates("DEPTHWISE_CONV_2D")
def depthwise_conv_2d(node: Operands) -> Translation:
    options = node.options(DepthwiseConv2DOptions)
    image, output = image_of(node.input(0)), node.output()
    same_type(image, output)
    weights = node.weights(1, image, rank=4, axis=3)
    first, height, width, channels = weights.dims
    if first != 1 or channels != image.dims[3] * options.depth_multiplier:
        raise Unsupported(
            f"the weights have the dims {list(weights.dims)} for {image.dims[3]} channels"
            f" and multiplier {options.depth_multiplier}"
        )
    assert weights.value is not None
    weights = constant_like(weights, weights.value.reshape(height, width, channels), quantization_axis=2)
    strides = (options.stride_height, options.stride_width)
    dilations = (options.dilation_height, options.dilation_width)
    operator = DepthwiseConv2D(
        kernel_dims=(height, width),
        stride_dims=strides,
        dilation_dims=dilations,
        padding=padding_of(options.padding, image, (height, width), strides, dilations),
        channel_multiplier=options.depth_multiplier,
        activation=clamp(options.activation),
    )
    return one(operator, image, weights, node.bias(2, image, channels), output=output)


@translates("TRANSPOSE_CONV", reads=(1, 2, 3))
def transpose_conv(node: Operands) -> Translation:
    """Input 0 gives the dims of the output, from which follows what SAME cuts off: half of what is too much, rounded down,
    at the top and left, the rest at the bottom and right; both add rows where there are too few."""
    options = node.options(TransposeConvOptions)
    image, output = image_of(node.input(2), 2), node.output()
    same_type(image, output)
    weights = node.weights(1, image, rank=4, axis=0)
    channels, height, width, _ = weights.dims
    if len(output.dims) != 4:
        raise Unsupported(f"output 0 has the dims {list(output.dims)}; they are not NHWC")
    kernel, strides = (height, width), (options.stride_height, options.stride_width)
    check_window(kernel, strides)
    same = is_same(options.padding)
    before, after = zip(
        *(_cut(image.dims[i + 1], output.dims[i + 1], kernel, strides, i, same) for i in (0, 1)), strict=True
    )
    operator = TransposedConv2D(
        kernel_dims=kernel,
        stride_dims=strides,
        padding=(*before, *after),
        activation=clamp(options.activation),
    )
    return one(operator, image, weights, node.bias(3, image, channels), output=output)


def _cut(size: int, wanted: int, kernel: Pair, strides: Pair, axis: int, same: bool) -> Pair:
    """How many rows or columns are cut off before and after the transposed convolution of `size` of them."""
    total = (size - 1) * strides[axis] + kernel[axis] - wanted
    before = max(total, 0) // 2 if same else 0
    return before, total - before
