# SPDX-License-Identifier: Apache-2.0
"""Which arithmetic makes an int8 value of an int32 accumulator. A model has one rule, given by its source."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """How results are scaled and rounded.

    TFLITE: Q31 multiplier and shift, rounded twice; equals the tflite-micro reference kernels.
    ONNX: float32 factor, rounded half to even; equals ONNX Runtime with graph optimisations off.
    """

    TFLITE = "tflite"
    ONNX = "onnx"


class ScaleError(ValueError):
    """Scales or zero points that the arithmetic of an operator cannot have by the model's rule, and why."""
