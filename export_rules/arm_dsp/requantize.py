# SPDX-License-Identifier: Apache-2.0
"""The fields of `sx_requantize_s8_dsp`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.codegen.c_value import Array, CValue
from sconnx.reference.requantize import INT8_MAX, INT8_MIN, Requantize
from sconnx.reference.rule import Rule

SHORT_SHIFTS = (1, 24)
"""Right shifts for which five instructions are exact: see kernels/arm_dsp/sx_requantize_s8_dsp.h."""


def per_channel(requantize: Requantize, channels: int) -> Requantize:
    """The same with a multiplier for each channel, and one more where their number is odd: kernels read two at a time."""
    count = channels + channels % 2

    def filled(values: NDArray[Any]) -> NDArray[Any]:
        each = np.broadcast_to(values, channels) if values.size == 1 else values
        return np.pad(each, (0, count - each.size), mode="edge") if each.size else each

    return replace(requantize, multiplier=filled(requantize.multiplier), shift=filled(requantize.shift))


def requantize_fields(requantize: Requantize) -> dict[str, CValue]:
    """Twice the multipliers, and shifts to the right; the factors of the ONNX rule as they are."""
    multiplier, shift, is_short = requantize.multiplier, -requantize.shift, True
    if requantize.rule is Rule.TFLITE:
        low, high = SHORT_SHIFTS
        is_short = bool(np.all((low <= shift) & (shift <= high)) and np.all(multiplier != 0))
        multiplier = (multiplier.astype(np.uint32) * np.uint32(2)).view(np.int32)
    return {
        "multiplier": Array(multiplier),
        "shift": Array(shift),
        "step": int(multiplier.size > 1),
        "zero_point": requantize.zero_point,
        "minimum": requantize.minimum,
        "maximum": requantize.maximum,
        "short_shifts": int(is_short),
        "narrow": int((requantize.minimum, requantize.maximum) != (INT8_MIN, INT8_MAX)),
    }
