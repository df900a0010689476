# SPDX-License-Identifier: Apache-2.0
"""Writing elements to places that another tensor names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sconnx.graph.operator.base import Dims, Operator, axis_of


class Scattering(Enum):
    """What becomes of an element and its update: the update, or the two joined."""

    REPLACE = "none"
    ADD = "add"
    MULTIPLY = "mul"
    MINIMUM = "min"
    MAXIMUM = "max"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScatterElements(Operator):
    """Inputs: x, indices, updates of the indices' dims. x, with updates[i][j] written to x[indices[i][j]][j] for axis 0.

    In ascending order of updates, where several meet. Negative indices count from the end; others outside of x write nothing.
    """

    axis: int
    scattering: Scattering = Scattering.REPLACE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        x, indices, updates = inputs[0], inputs[1], inputs[2]
        axis = axis_of(self.axis, x)
        if indices != updates or len(x) != len(indices):
            raise ValueError(f"indices {indices} and updates {updates} do not fit dims {x}")
        if any(have > most for place, (have, most) in enumerate(zip(indices, x, strict=True)) if place != axis):
            raise ValueError(f"indices {indices} do not fit dims {x} along axis {axis}")
        return x
