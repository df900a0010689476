# SPDX-License-Identifier: Apache-2.0
"""Reading an image at places that another tensor names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sconnx.graph.operator.base import CHANNELS_LAST, Dims, Operator
from sconnx.graph.operator.resize import Interpolation


class Outside(Enum):
    """What is read outside of an image: 0, its edge, or the image mirrored at its borders."""

    ZEROS = "zeros"
    BORDER = "border"
    REFLECTION = "reflection"


@dataclass(frozen=True, slots=True, kw_only=True)
class GridSample(Operator):
    """Inputs: x channels last, up to 3 spatial dimensions; grid [N, places..., spatial]. Output: [N, places..., C].

    A place is named from -1 to 1 along each spatial dimension, the last dimension first.

    Args:
        align_corners: -1 and 1 are the centres of the first and the last element; else their outer borders.
    """

    interpolation: Interpolation = Interpolation.LINEAR
    outside: Outside = Outside.ZEROS
    align_corners: bool = False

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        x, grid = inputs[0], inputs[1]
        rank = len(x) - 2
        if rank not in CHANNELS_LAST:
            raise ValueError(f"dims {x} are no image of 1 to 3 dimensions")
        if len(grid) != len(x) or grid[0] != x[0] or grid[-1] != rank:
            raise ValueError(f"grid of dims {grid} does not fit dims {x}")
        return (*grid[:-1], x[-1])
