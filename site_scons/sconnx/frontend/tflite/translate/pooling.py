# SPDX-License-Identifier: Apache-2.0
"""Pooling of images."""

from __future__ import annotations

from sconnx.frontend.tflite.operand import DataTensor
from sconnx.frontend.tflite.operands import Operands
from sconnx.frontend.tflite.options import Pool2DOptions
from sconnx.frontend.tflite.translate.window import image_of, padding_of
from sconnx.frontend.tflite.translation import Translation, clamp, one, same_quantization, translates
from sconnx.graph.operator import Activation, AveragePooling2D, MaxPooling2D, Sqrt, Square


def _pooling(
    node: Operands, cls: type[AveragePooling2D | MaxPooling2D]
) -> tuple[DataTensor, AveragePooling2D | MaxPooling2D]:
    options = node.options(Pool2DOptions)
    image = image_of(node.input(0))
    kernel = (options.kernel_height, options.kernel_width)
    strides = (options.stride_height, options.stride_width)
    operator = cls(
        kernel_dims=kernel,
        stride_dims=strides,
        padding=padding_of(options.padding, image, kernel, strides),
        activation=clamp(options.activation),
    )
    return image, operator


@translates("AVERAGE_POOL_2D")
def average_pool_2d(node: Operands) -> Translation:
    output = node.output()
    same_quantization(node.input(0), output)
    image, operator = _pooling(node, AveragePooling2D)
    return one(operator, image, output=output)


@translates("MAX_POOL_2D")
def max_pool_2d(node: Operands) -> Translation:
    output = node.output()
    same_quantization(node.input(0), output)
    image, operator = _pooling(node, MaxPooling2D)
    return one(operator, image, output=output)


@translates("L2_POOL_2D")
def l2_pool_2d(node: Operands) -> Translation:
    """The square root of the mean of the squares."""
    output, translation = node.output(), Translation()
    same_quantization(node.input(0), output)
    image, operator = _pooling(node, AveragePooling2D)
    activation, mean = (
        operator.activation,
        AveragePooling2D(kernel_dims=operator.kernel_dims, stride_dims=operator.stride_dims, padding=operator.padding),
    )
    squares = translation.between(Square(), image, like=output)
    means = translation.between(mean, squares, like=output)
    # roots are not negative
    activation = Activation.NONE if activation is Activation.RELU else activation
    return translation.clamped(Sqrt(), means, output=output, activation=activation)
