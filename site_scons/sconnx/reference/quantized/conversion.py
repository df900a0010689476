# SPDX-License-Identifier: Apache-2.0
"""float32 to the integers that stand for it, and back; one scale, or one per index of the quantisation's axis."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.operator import Dequantize, Quantize
from sconnx.reference import quantize as host
from sconnx.reference.quantized.registry import quantized
from sconnx.reference.run import Run


def _along(run: Run, tensor: int, rank: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Scales and zero points, shaped so that they broadcast to a tensor."""
    scale, zero_point = run.params.scale[tensor], run.params.zero_point[tensor]
    if scale.size == 1:
        return scale.reshape(()), zero_point.reshape(())
    axis = run.axis(tensor)
    shape = tuple(scale.size if dimension == axis else 1 for dimension in range(rank))
    return scale.reshape(shape), zero_point.reshape(shape)


@quantized(Quantize)
def quantize(run: Run) -> NDArray[Any]:
    x = cast(NDArray[np.float32], run.operands[0])
    scale, zero_point = _along(run, run.node.outputs[0], x.ndim)
    return host.quantize(run.rule, x, scale, zero_point, run.dtypes[0])


@quantized(Dequantize)
def dequantize(run: Run) -> NDArray[np.float32]:
    tensor = run.node.reads[0]
    q = cast(NDArray[Any], run.operands[0])
    return host.dequantize(q, *_along(run, tensor, q.ndim))
