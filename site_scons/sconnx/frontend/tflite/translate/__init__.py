# SPDX-License-Identifier: Apache-2.0
"""TFLite operators to operators of the graph, one module per family of operators."""

from sconnx.frontend.tflite.translate import (
    convolution,
    elementwise,
    images,
    movement,
    normalization,
    padding,
    pooling,
    products,
    quantization,
    recurrent,
    reduction,
    shape,
    slicing,
    variables,
)
from sconnx.frontend.tflite.translation import TRANSLATORS

FAMILIES = (
    convolution,
    elementwise,
    images,
    movement,
    normalization,
    padding,
    pooling,
    products,
    quantization,
    recurrent,
    reduction,
    shape,
    slicing,
    variables,
)
"""The modules that fill the registry."""

__all__ = ["FAMILIES", "TRANSLATORS"]
