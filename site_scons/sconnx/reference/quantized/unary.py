# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators of one tensor: tables of 8 bits, formulas of other integers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.operator import Requantize, Rsqrt, Sigmoid, Tanh
from sconnx.reference.lookup import lookup, signed_zero_point, table_of, tabulated
from sconnx.reference.quantized.registry import quantized
from sconnx.reference.reciprocal_root import reciprocal_square_root
from sconnx.reference.rescale import RESCALED, rescale
from sconnx.reference.run import Run, Scales
from sconnx.reference.sigmoid16 import scaled_input, sigmoid16, tanh16, tanh_input


@quantized(*(operator for operator in tabulated() if operator is not Requantize))
def unary(run: Run) -> NDArray[Any]:
    """Raises ValueError: an operator that has no formula for these integers."""
    operator, x, dtype = run.node.operator, run.int8(0), run.dtypes[0]
    if x.dtype == np.int8 and dtype == np.int8:
        return lookup(x, table_of(operator, run.rule, **run.scales))
    quantization = run.affine(run.node.inputs[0])
    if isinstance(operator, RESCALED):
        output = run.affine(run.node.outputs[0])
        return rescale(operator, run.rule, quantization, output, dtype)(x, dtype)
    if x.dtype == dtype == np.int16 and isinstance(operator, Rsqrt):
        return reciprocal_square_root(quantization, run.affine(run.node.outputs[0]))(x)
    if x.dtype == dtype == np.int16 and isinstance(operator, Sigmoid):
        return sigmoid16(x.astype(np.int64), *scaled_input(quantization.scale)).astype(np.int16)
    if x.dtype == dtype == np.int16 and isinstance(operator, Tanh):
        return tanh16(x.astype(np.int64), *tanh_input(quantization.scale)).astype(np.int16)
    raise ValueError(f"{operator.type_name} of {x.dtype} to {dtype} has no reference")


@quantized(Requantize)
def requantize(run: Run) -> NDArray[Any]:
    """Of 8 bits by a table: an element of uint8 and its zero point are the int8 ones and 128."""
    x = run.operands[0]
    assert x is not None
    (dtype,) = run.dtypes
    if max(x.dtype.itemsize, dtype.itemsize) > 1:
        return unary(run)
    scales: Scales = {
        **run.scales,
        "input_zero_point": signed_zero_point(x.dtype, run.scales["input_zero_point"]),
        "output_zero_point": signed_zero_point(dtype, run.scales["output_zero_point"]),
    }
    signed = x if x.dtype == np.int8 else (x ^ np.uint8(128)).view(np.int8)
    result = lookup(signed, table_of(run.node.operator, run.rule, **scales))
    return result if dtype == np.int8 else result.view(np.uint8) ^ np.uint8(128)
