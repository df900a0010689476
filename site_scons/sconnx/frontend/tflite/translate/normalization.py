# SPDX-License-Identifier: Apache-2.0
"""Operators that normalise along the last dimension."""

from __future__ import annotations

import math

from sconnx.frontend.tflite.operand import Unsupported
from sconnx.frontend.tflite.operands import Operands
from sconnx.frontend.tflite.options import L2NormOptions, LocalResponseNormalizationOptions, SoftmaxOptions
from sconnx.frontend.tflite.translation import Translation, clamp, fixed_quantization, one, same_type, translates
from sconnx.graph.operator import L2Normalization, LocalResponseNormalization, LogSoftmax, Softmax
from sconnx.graph.tensor import DType

_SHORT_TOLERANCE = 0.001
"""TFLite's own, of the scale that it takes the int16 results of a softmax to have."""


@translates("SOFTMAX")
def softmax(node: Operands) -> Translation:
    """Of int8 to int8 or, with a zero point that other int16 do not have, to int16."""
    beta = node.options(SoftmaxOptions).beta
    data, output = node.input(0), node.output(any_zero_point=True)
    if not (math.isfinite(beta) and beta > 0):
        raise Unsupported(f"beta is {beta}")
    if (data.dtype, output.dtype) == (DType.INT8, DType.INT16):
        fixed_quantization(output, _SHORT_TOLERANCE, int16=(65536, -32768))
    else:
        same_type(data, output)
        tolerance = _SHORT_TOLERANCE if output.dtype is DType.INT16 else 0.0
        fixed_quantization(output, tolerance, int8=(256, -128), int16=(32768, 0))
    return one(Softmax(beta=beta), data, output=output)


@translates("LOG_SOFTMAX")
def log_softmax(node: Operands) -> Translation:
    data, output = node.input(0), node.output()
    same_type(data, output)
    fixed_quantization(output, int8=(16, 127))
    return one(LogSoftmax(), data, output=output)


@translates("L2_NORMALIZATION")
def l2_normalization(node: Operands) -> Translation:
    data, output = node.input(0), node.output()
    same_type(data, output)
    fixed_quantization(output, int8=(128, 0))
    activation = clamp(node.options(L2NormOptions).activation)
    return Translation().clamped(L2Normalization(), data, output=output, activation=activation)


@translates("LOCAL_RESPONSE_NORMALIZATION")
def local_response_normalization(node: Operands) -> Translation:
    options = node.options(LocalResponseNormalizationOptions)
    data, output = node.input(0), node.output()
    same_type(data, output)
    operator = LocalResponseNormalization(
        before=options.radius, after=options.radius, alpha=options.alpha, beta=options.beta, bias=options.bias
    )
    return one(operator, data, output=output)
