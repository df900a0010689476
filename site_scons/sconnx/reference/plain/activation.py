# SPDX-License-Identifier: Apache-2.0
"""The clamps that are fused to the end of operators, on real numbers."""

from __future__ import annotations

import math

import numpy as np

from sconnx.graph.operator import Activation
from sconnx.reference.plain.registry import Array

LIMITS = {
    Activation.NONE: (-math.inf, math.inf),
    Activation.RELU: (0.0, math.inf),
    Activation.RELU6: (0.0, 6.0),
    Activation.RELU_N1_TO_1: (-1.0, 1.0),
}
"""The least and the largest value; infinite where there is none."""


def activate(x: Array, activation: Activation) -> Array:
    """The values within the limits of an activation; NaN stays NaN."""
    low, high = LIMITS[activation]
    return x if activation is Activation.NONE else np.clip(x, low, high)
