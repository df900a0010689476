# SPDX-License-Identifier: Apache-2.0
"""Resampling along dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sconnx.graph.operator.base import Dims, Operator


class Interpolation(Enum):
    """What lies between the elements."""

    NEAREST = "nearest"
    LINEAR = "linear"
    CUBIC = "cubic"


class Coordinates(Enum):
    """Which place x of the input output element i of n shows, with scale = n / size; ONNX's names."""

    HALF_PIXEL = "half_pixel"
    HALF_PIXEL_SYMMETRIC = "half_pixel_symmetric"
    PYTORCH_HALF_PIXEL = "pytorch_half_pixel"
    ALIGN_CORNERS = "align_corners"
    ASYMMETRIC = "asymmetric"
    CROP = "tf_crop_and_resize"


class Nearest(Enum):
    """How NEAREST rounds a place between two elements."""

    ROUND_PREFER_FLOOR = "round_prefer_floor"
    ROUND_PREFER_CEIL = "round_prefer_ceil"
    FLOOR = "floor"
    CEIL = "ceil"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize(Operator):
    """Input: x, resampled to `dims`; the output keeps x's quantization. Dimension by dimension, so any rank.

    Args:
        scales: output by input size of each dimension, where it is given; else dims decide.
        crop: of Coordinates.CROP: (start, end) of each dimension, from 0 to 1.
        extrapolation: of Coordinates.CROP: the real value outside of x.
        cubic: the coefficient a of CUBIC.
        exclude_outside: weights outside of x are 0 and the others scaled to add up to 1.
        antialias: when shrinking, the window grows with the factor.
    """

    dims: Dims
    scales: tuple[float, ...] = ()
    interpolation: Interpolation = Interpolation.NEAREST
    coordinates: Coordinates = Coordinates.HALF_PIXEL
    nearest: Nearest = Nearest.ROUND_PREFER_FLOOR
    crop: tuple[tuple[float, float], ...] = ()
    extrapolation: float = 0.0
    cubic: float = -0.75
    exclude_outside: bool = False
    antialias: bool = False

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        if len(self.dims) != len(inputs[0]) or (self.scales and len(self.scales) != len(self.dims)):
            raise ValueError(f"dims {inputs[0]} cannot be resized to {self.dims} by {self.scales}")
        return self.dims
