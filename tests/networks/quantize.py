# SPDX-License-Identifier: Apache-2.0
"""Scales, zero points and biases from what a seeded input makes of a layer.

The statistics are sums of integers, and real numbers are only combined element by element, so that neither the number of
threads nor the order of summation changes a bit. Every scale is rounded to 3 significant digits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]

REAL_LIMITS: dict[str, tuple[float, float]] = {
    "none": (-np.inf, np.inf),
    "relu": (0.0, np.inf),
    "relu6": (0.0, 6.0),
}
"""What a fused activation limits a real value to."""


@dataclass(frozen=True, slots=True)
class Quantization:
    """real = scale * (code - zero_point), codes from -128 to 127."""

    scale: float
    zero_point: int

    def __post_init__(self) -> None:
        if not (0 < self.scale < np.inf and -128 <= self.zero_point <= 127):
            raise ValueError(f"scale {self.scale}, zero point {self.zero_point}")

    def centred(self, codes: NDArray[np.int8]) -> Integers:
        """code - zero_point."""
        return codes.astype(np.int64) - self.zero_point

    def real(self, codes: NDArray[np.int8]) -> Reals:
        return self.centred(codes).astype(np.float64) * self.scale

    def codes(self, real: Reals, activation: str = "none") -> NDArray[np.int8]:
        """The nearest codes, limited by a fused activation."""
        low, high = REAL_LIMITS[activation]
        steps = np.rint(np.clip(real, low, high) / self.scale)
        codes: NDArray[np.int8] = np.clip(steps + self.zero_point, -128, 127).astype(np.int8)
        return codes


@dataclass(frozen=True, slots=True, eq=False)
class Normalization:
    """Weight scales and biases that give the outputs of a linear layer the wanted centre and spread.

    Attributes:
        scale: of the weights, (channels,).
        bias: int32, (channels,), in units of input scale times weight scale.
        real: the layer's real outputs [..., channels], before the activation.
    """

    scale: Reals
    bias: NDArray[np.int32]
    real: Reals


def rounded(values: ArrayLike) -> Reals:
    """3 significant digits, as the float32 that a file stores."""
    shape = np.shape(values)
    digits = [float(f"{value:.3g}") for value in np.ravel(values)]
    return np.array(digits, np.float32).astype(np.float64).reshape(shape)


def covering(real: Reals, activation: str, margin: float) -> Quantization:
    """The quantisation whose codes span 0 and all of the values that the activation lets through.

    Args:
        margin: by which part the range reaches beyond the values; relu6 has the scale 6/255 whatever they are.
    """
    lower, upper = REAL_LIMITS[activation]
    if np.isfinite(upper):
        return Quantization(float(rounded((upper - lower) / 255)), -128)
    low = max(lower, (1 + margin) * min(0.0, float(real.min())))
    high = (1 + margin) * max(0.0, float(real.max()))
    scale = float(rounded(max(high - low, 1e-3) / 255))
    return Quantization(scale, int(np.clip(np.rint(-128 - low / scale), -128, 127)))


def statistics(accumulators: Integers) -> tuple[Integers, Integers]:
    """Mean and mean absolute deviation per channel, rounded down; the deviation is at least 1.

    Args:
        accumulators: [..., channels].
    """
    rows = accumulators.reshape(-1, accumulators.shape[-1])
    mean = rows.sum(0) // len(rows)
    return mean, np.maximum(np.abs(rows - mean).sum(0) // len(rows), 1)


def normalize(
    accumulators: Integers, input_scale: float, centre: Reals, spread: Reals, per_channel: bool = True
) -> Normalization:
    """What a batch normalisation folded into the layer would do: shift and scale the outputs of every channel.

    Args:
        accumulators: [..., channels], of the centred input and the weight codes, without bias.
        centre: wanted real mean, (channels,).
        spread: wanted real mean absolute deviation, (channels,); without `per_channel` its first entry is that of all.
    """
    mean, deviation = statistics(accumulators)
    if not per_channel:
        deviation = np.full_like(deviation, deviation.sum() // deviation.size)
        spread = np.full_like(spread, spread[0])
    scale = rounded(spread / (input_scale * deviation))
    unit = input_scale * scale
    bias = np.rint(centre / unit).astype(np.int64) - mean
    if np.abs(bias).max() >= 1 << 31:
        raise OverflowError("a bias does not fit int32")
    return Normalization(scale, bias.astype(np.int32), (accumulators + bias) * unit)
