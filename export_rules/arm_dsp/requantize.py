# SPDX-License-Identifier: Apache-2.0
"""The fields of `sx_requantize_s8_dsp`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sconnx.codegen.c_value import Array, CValue
from sconnx.reference.requantize import INT8_MAX, INT8_MIN, Requantize
from sconnx.reference.rule import Rule

SHORT_SHIFTS = (1, 24)
"""Right shifts for which five instructions are exact: see kernels/arm_dsp/sx_requantize_s8_dsp.h."""


def is_short(requantize: Requantize) -> NDArray[np.bool_]:
    """For which multipliers the short form is exact."""
    if requantize.rule is not Rule.TFLITE:
        return np.ones(requantize.multiplier.size, np.bool_)
    low, high = SHORT_SHIFTS
    shift = -requantize.shift.astype(np.int32)
    result: NDArray[np.bool_] = (low <= shift) & (shift <= high) & (requantize.multiplier != 0)
    return result


def per_channel(requantize: Requantize, channels: int) -> Requantize:
    """The same with a multiplier for each channel."""
    shift = requantize.shift
    return replace(
        requantize,
        multiplier=np.broadcast_to(requantize.multiplier, channels),
        shift=np.broadcast_to(shift, channels) if shift.size else shift,
    )


def two_at_a_time(requantize: Requantize) -> Requantize:
    """The same with one multiplier more where their number is odd, for kernels that read two at a time."""
    odd = requantize.multiplier.size % 2
    return replace(
        requantize,
        multiplier=np.pad(requantize.multiplier, (0, odd), mode="edge"),
        shift=np.pad(requantize.shift, (0, odd), mode="edge") if requantize.shift.size else requantize.shift,
    )


def requantize_fields(requantize: Requantize) -> dict[str, CValue]:
    """Twice the multipliers, and shifts to the right; the factors of the ONNX rule as they are."""
    multiplier, shift = requantize.multiplier, -requantize.shift
    if requantize.rule is Rule.TFLITE:
        multiplier = (multiplier.astype(np.uint32) * np.uint32(2)).view(np.int32)
    return {
        "multiplier": Array(multiplier),
        "shift": Array(shift),
        "step": int(multiplier.size > 1),
        "zero_point": requantize.zero_point,
        "minimum": requantize.minimum,
        "maximum": requantize.maximum,
        "short_shifts": int(is_short(requantize).all()),
        "narrow": int((requantize.minimum, requantize.maximum) != (INT8_MIN, INT8_MAX)),
    }
