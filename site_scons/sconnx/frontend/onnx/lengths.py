# SPDX-License-Identifier: Apache-2.0
"""LpNormalization: vectors of length 1."""

from __future__ import annotations

import numpy as np

from sconnx.frontend.onnx.binary import binary
from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.reduction import reduced
from sconnx.frontend.onnx.values import Folded, Unsupported, Value
from sconnx.frontend.onnx.writer import axes_from
from sconnx.graph.operator import Div, Maximum, ReduceL1, ReduceL2

NORMS = {1: ReduceL1, 2: ReduceL2}


@translates("LpNormalization")
def lp_normalization(call: Call) -> Value:
    """x / |x| along one axis; a vector of zeros stays one."""
    x, p = call.value(0), call.integer("p", 2)
    (axis,) = axes_from(len(x.dims), (call.integer("axis", -1),))
    if p not in NORMS:
        raise Unsupported(f"p is {p}, neither 1 nor 2")
    length = reduced(call, NORMS[p], x, (axis,), keep=True)
    least = Folded(f"{call.node.output[0]}/least", np.full((1,) * len(x.dims), np.finfo(np.float32).tiny))
    return binary(call, Div(), x, binary(call, Maximum(), length, least))
