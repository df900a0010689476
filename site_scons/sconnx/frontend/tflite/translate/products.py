# SPDX-License-Identifier: Apache-2.0
"""Products of matrices."""

from __future__ import annotations

import math

from sconnx.frontend.tflite.operand import Unsupported
from sconnx.frontend.tflite.operands import NOT_HYBRID, Operands
from sconnx.frontend.tflite.options import BatchMatMulOptions, FullyConnectedOptions
from sconnx.frontend.tflite.translation import Translation, clamp, one, same_type, translates
from sconnx.graph.operator import FullyConnected, MatMul, Reshape
from sconnx.graph.tensor import DType


@translates("FULLY_CONNECTED")
def fully_connected(node: Operands) -> Translation:
    options = node.options(FullyConnectedOptions)
    data, output = node.input(0), node.output()
    same_type(data, output)
    weights = node.weights(1, data, rank=2, axis=0)
    if options.weights_format != 0:
        raise Unsupported("the weights are shuffled")
    units, depth = weights.dims
    rows, rest = divmod(math.prod(data.dims), depth)
    if rest:
        raise Unsupported(f"the weights read {depth} elements, no divisor of input 0's dims {list(data.dims)}")
    bias, translation = node.bias(2, data, units), Translation()
    if not (options.keep_num_dims and data.dims[-1:] == (depth,)) and data.dims != (rows, depth):
        data = translation.between(Reshape(dims=(rows, depth)), data, like=data)
    operator = FullyConnected(activation=clamp(options.activation))
    return translation.into_reshaped(operator, data, weights, bias, output=output)


@translates("BATCH_MATMUL")
def batch_matmul(node: Operands) -> Translation:
    options = node.options(BatchMatMulOptions)
    a, b, output = node.input(0), node.input(1), node.output()
    if {a.dtype, b.dtype} == {DType.FLOAT32, DType.INT8}:
        raise Unsupported(f"hybrid: a product of {a.dtype.value} and {b.dtype.value}", NOT_HYBRID)
    same_type(a, b, output)
    return one(MatMul(transpose_a=options.adjoint_x, transpose_b=options.adjoint_y), a, b, output=output)
