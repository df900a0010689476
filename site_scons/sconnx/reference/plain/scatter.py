# SPDX-License-Identifier: Apache-2.0
"""Writing elements to given places."""

from __future__ import annotations

import numpy as np

from sconnx.graph.operator import ScatterElements, Scattering
from sconnx.reference.plain.registry import Array, plain

JOIN = {
    Scattering.ADD: np.add,
    Scattering.MULTIPLY: np.multiply,
    Scattering.MINIMUM: np.minimum,
    Scattering.MAXIMUM: np.maximum,
}


@plain(ScatterElements)
def scatter_elements(operator: ScatterElements, x: Array, indices: Array, updates: Array) -> Array:
    out, size = x.copy(), x.shape[operator.axis]
    for place, index in np.ndenumerate(indices):
        if not -size <= index < size:
            continue
        at = (*place[: operator.axis], int(index), *place[operator.axis + 1 :])
        join = JOIN.get(operator.scattering)
        out[at] = updates[place] if join is None else join(out[at], updates[place])
    return out
