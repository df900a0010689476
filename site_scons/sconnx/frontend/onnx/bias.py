# SPDX-License-Identifier: Apache-2.0
"""The bias in units of the accumulator, and weights that leave room for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.onnx.printable import printable
from sconnx.frontend.onnx.values import Folded, Unsupported
from sconnx.graph.model import QuantValues

ACCUMULATOR_MAX = 2**31 - 1
SCALE_MAX = 1e9
"""Of weights; larger ones are refused where they are read, too."""

Weights = tuple[NDArray[np.int8], QuantValues]


def fit_bias(
    bias: Folded, source: QuantValues, weights: Weights, channel_axis: int
) -> tuple[NDArray[np.int32], Weights]:
    """A bias in units of source scale * weights scale: as stored when it has that scale, else rounded to it.

    A channel that died in training may have weights of a scale so small that the accumulator has no room for its
    bias. Such a channel gets weights in a larger unit, a power of two times the old one, which rounds most to 0.

    Args:
        bias: flat, one element per output channel.
        source: quantisation of the input.
        channel_axis: dimension of the weights that numbers the output channels.

    Returns:
        The bias, and the weights to use with it.

    Raises:
        Unsupported: there is no room for the bias, and the weights have one scale for all channels.
    """
    values, quant = weights
    unit = np.float64(source.scale[0]) * quant.scale.astype(np.float64)
    real = real_bias(bias)
    integers = bias.value.astype(np.float64) if _has_scale(bias, unit) else np.rint(real / unit)
    too_large = np.abs(integers) + _largest_sums(source, weights, channel_axis) > ACCUMULATOR_MAX
    if not too_large.any():
        return integers.astype(np.int32), weights
    if quant.axis is None and integers.size > 1:
        raise Unsupported(f"bias {printable(bias.name)} is too large for the scale of the weights")
    exponent = np.ceil(np.log2(np.maximum(np.abs(integers) / (ACCUMULATOR_MAX // 2), 1)))
    factor = np.exp2(np.where(too_large, exponent, 0))
    scale = (quant.scale * factor).astype(np.float32)
    integers = np.where(factor > 1, np.rint(real / (np.float64(source.scale[0]) * scale)), integers)
    shape = [1] * values.ndim
    shape[channel_axis] = -1
    point = quant.zero_point.reshape(shape)
    coarse = np.rint((values - point) / factor.reshape(shape)) + point
    return integers.astype(np.int32), (coarse.astype(np.int8), replace(quant, scale=scale))


def scaled_weights(weights: Weights, factor: NDArray[np.float64], channel_axis: int) -> Weights:
    """The weights times a factor for each output channel: the scales take its size, the integers its sign.

    Raises:
        Unsupported: the negative of a weight is no int8, or a scale is too large.
    """
    values, quant = weights
    point = int(quant.zero_point[0])
    shape = [1] * values.ndim
    shape[channel_axis] = -1
    signed = (values.astype(np.int64) - point) * np.sign(factor).astype(np.int64).reshape(shape) + point
    if signed.min() < -128 or signed.max() > 127:
        raise Unsupported("a channel is scaled by a negative number, and the negative of one of its weights is no int8")
    scale = quant.scale.astype(np.float64) * np.where(factor == 0, 1, np.abs(factor))
    # Below the least float32 a scale would be 0, which no bias is a multiple of; such a channel is its bias.
    scale = np.maximum(scale, np.finfo(np.float32).tiny)
    if scale.max() > SCALE_MAX:
        raise Unsupported(f"the weights would have a scale above {SCALE_MAX:g}")
    return signed.astype(np.int8), QuantValues.of(scale, point, channel_axis)


def _largest_sums(source: QuantValues, weights: Weights, channel_axis: int) -> NDArray[np.float64]:
    """How large the sum of products of each output channel can become."""
    values, quant = weights
    point = int(source.zero_point[0])
    centred = np.abs(values.astype(np.float64) - int(quant.zero_point[0]))
    others = tuple(axis for axis in range(values.ndim) if axis != channel_axis)
    sums: NDArray[np.float64] = centred.sum(axis=others) * max(128 + point, 127 - point)
    return sums


def real_bias(bias: Folded) -> NDArray[np.float64]:
    """The real numbers that a bias stands for. Raises Unsupported when some are not finite."""
    quant = bias.quantization
    values = bias.value.astype(np.float64)
    real = values if quant is None else (values - quant.zero_point) * quant.scale.astype(np.float64)
    if not np.all(np.isfinite(real)):
        raise Unsupported(f"bias {printable(bias.name)} has elements that are no finite numbers")
    return real


def _has_scale(bias: Folded, unit: NDArray[np.float64]) -> bool:
    """Whether a bias is stored as int32 in the unit of the accumulator."""
    quant = bias.quantization
    if quant is None or bias.value.dtype != np.int32 or quant.zero_point.any():
        return False
    return bool(np.all(np.abs(quant.scale.astype(np.float64) - unit) <= 1e-6 * unit))
