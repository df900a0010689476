# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators of two tensors."""

from __future__ import annotations

from typing import cast

from sconnx.graph.operator import Add, Mul, Sub
from sconnx.reference.binary import binary
from sconnx.reference.quantized.registry import quantized
from sconnx.reference.run import Int8Array, Run


@quantized(Add, Sub, Mul)
def arithmetic(run: Run) -> Int8Array:
    left, right = run.node.inputs
    activation = cast(Add | Sub | Mul, run.node.operator).activation.value
    output = run.affine(run.node.outputs[0])
    function = binary(run.node.type, run.rule, run.affine(left), run.affine(right), output, activation)
    return function(run.int8(0), run.int8(1))
