# SPDX-License-Identifier: Apache-2.0
"""Operators that normalise along the last dimension."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.operator import L2Normalization, LogSoftmax, Softmax
from sconnx.reference import normalization
from sconnx.reference import softmax as arithmetic
from sconnx.reference.quantized.registry import quantized
from sconnx.reference.rule import Rule
from sconnx.reference.run import Int8Array, Run
from sconnx.reference.softmax16 import softmax16


@quantized(Softmax)
def softmax(run: Run) -> NDArray[Any]:
    x, y = run.affine(run.node.inputs[0]), run.affine(run.node.outputs[0])
    beta = cast(Softmax, run.node.operator).beta
    if run.dtypes[0] == np.int16 and run.rule is not Rule.TFLITE:
        raise ValueError("Softmax of int16 is computed by the rule of TFLite only")
    if run.int8(0).dtype == np.int16:
        return softmax16(x, y, beta)(cast(NDArray[np.int16], run.operands[0]))
    function = arithmetic.softmax(
        run.rule,
        input_scale=x.scale,
        output_scale=y.scale,
        output_zero_point=y.zero_point,
        beta=beta,
        dtype=run.dtypes[0],
    )
    return function(run.int8(0))


@quantized(LogSoftmax)
def log_softmax(run: Run) -> Int8Array:
    x, y = run.affine(run.node.inputs[0]), run.affine(run.node.outputs[0])
    return normalization.log_softmax(x.scale, y.scale, y.zero_point)(run.int8(0))


@quantized(L2Normalization)
def l2_normalization(run: Run) -> Int8Array:
    x, y = run.affine(run.node.inputs[0]), run.affine(run.node.outputs[0])
    return normalization.l2_normalization(
        run.int8(0), input_zero_point=x.zero_point, output_scale=y.scale, output_zero_point=y.zero_point
    )
