# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators of two tensors."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from sconnx.graph.operator import Operator
from sconnx.reference.pairs import PAIRS, pair_of
from sconnx.reference.quantized.registry import quantized
from sconnx.reference.run import Run


@quantized(*(Operator.types[name] for name in PAIRS))
def binary(run: Run) -> NDArray[Any]:
    left, right = (run.affine(tensor) for tensor in run.node.inputs[:2])
    (output,) = run.node.outputs
    quantization = run.affine(output) if output in run.params.scale else None
    return pair_of(run.node.operator, run.rule, left, right, quantization, run.dtypes[0])(run.int8(0), run.int8(1))
