# SPDX-License-Identifier: Apache-2.0
"""Resampling: bilinear interpolation computes, nearest neighbours only move."""

from __future__ import annotations

from typing import Any, cast

from numpy.typing import NDArray

from sconnx.graph.operator import Interpolation, Resize
from sconnx.reference.interpolation import line, resize_bilinear
from sconnx.reference.plain import PLAIN
from sconnx.reference.quantized.registry import quantized
from sconnx.reference.run import Run


@quantized(Resize)
def resize(run: Run) -> NDArray[Any]:
    operator, x = cast(Resize, run.node.operator), run.int8(0)
    if operator.interpolation is Interpolation.NEAREST:
        (result,) = PLAIN[Resize](run)
        return cast(NDArray[Any], result)
    rows, columns = (line(x.shape[axis], operator.dims[axis], operator.coordinates) for axis in (1, 2))
    return resize_bilinear(x, rows, columns)
