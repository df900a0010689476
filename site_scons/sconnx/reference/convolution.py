# SPDX-License-Identifier: Apache-2.0
"""Convolutions and fully connected layers: exact int32 accumulators, then requantisation.

accumulator = sum of (x - zero_point_x) * (w - zero_point_w), plus bias. Sums are formed in float64, which is
exact below 2^53 and quick.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sconnx.reference.requantize import Requantize
from sconnx.reference.window import Padding, Pair, taps

Int8Array = NDArray[np.int8]
Bias = NDArray[np.int32] | None


def conv2d(
    x: Int8Array,
    weights: Int8Array,
    bias: Bias,
    *,
    input_zero_point: int,
    weights_zero_point: ArrayLike = 0,
    stride: Pair = (1, 1),
    dilation: Pair = (1, 1),
    padding: Padding = (0, 0, 0, 0),
    groups: int = 1,
    requantize: Requantize,
) -> Int8Array:
    """Convolution of x [N, H, W, C] with weights [O, kh, kw, C / groups] -> [N, rows, columns, O].

    Output channel o belongs to group o // (O / groups). Padding has the real value 0.

    Args:
        bias: (O,) or None.
        weights_zero_point: scalar or (O,).

    Raises:
        OverflowError: an accumulator does not fit int32.
    """
    outputs, height, width, depth = weights.shape
    centred = _centre(x, input_zero_point)
    factors = _centre(weights, np.reshape(np.asarray(weights_zero_point), (-1, 1, 1, 1)))
    per_group = outputs // groups
    total: Any = 0.0
    for i, j, values in taps(centred, (height, width), stride, dilation, padding, 0):
        total = total + np.concatenate(
            [
                values[..., g * depth : (g + 1) * depth] @ factors[g * per_group : (g + 1) * per_group, i, j].T
                for g in range(groups)
            ],
            axis=-1,
        )
    return requantize(_accumulator(total, bias, requantize))


def depthwise_conv2d(
    x: Int8Array,
    weights: Int8Array,
    bias: Bias,
    *,
    input_zero_point: int,
    weights_zero_point: ArrayLike = 0,
    stride: Pair = (1, 1),
    dilation: Pair = (1, 1),
    padding: Padding = (0, 0, 0, 0),
    requantize: Requantize,
) -> Int8Array:
    """Depthwise convolution of x [N, H, W, C] with weights [kh, kw, C * multiplier].

    Output channel c * multiplier + m is input channel c under its m-th kernel. Padding has the real value 0.

    Args:
        bias: (C * multiplier,) or None.
        weights_zero_point: scalar or (C * multiplier,).

    Raises:
        OverflowError: an accumulator does not fit int32.
    """
    height, width, outputs = weights.shape
    centred = np.repeat(_centre(x, input_zero_point), outputs // x.shape[-1], axis=-1)
    factors = _centre(weights, weights_zero_point)
    total: Any = 0.0
    for i, j, values in taps(centred, (height, width), stride, dilation, padding, 0):
        total = total + values * factors[i, j]
    return requantize(_accumulator(total, bias, requantize))


def fully_connected(
    x: Int8Array,
    weights: Int8Array,
    bias: Bias,
    *,
    input_zero_point: int,
    weights_zero_point: ArrayLike = 0,
    requantize: Requantize,
) -> Int8Array:
    """Product of x [..., I] with weights [O, I] -> [..., O].

    Args:
        bias: (O,) or None.
        weights_zero_point: scalar or (O,).

    Raises:
        OverflowError: an accumulator does not fit int32.
    """
    factors = _centre(weights, np.reshape(np.asarray(weights_zero_point), (-1, 1)))
    return requantize(_accumulator(_centre(x, input_zero_point) @ factors.T, bias, requantize))


def transposed_conv2d(
    x: Int8Array,
    weights: Int8Array,
    bias: Bias,
    *,
    input_zero_point: int,
    weights_zero_point: ArrayLike = 0,
    stride: Pair = (1, 1),
    dilation: Pair = (1, 1),
    padding: Padding = (0, 0, 0, 0),
    output_padding: Pair = (0, 0),
    groups: int = 1,
    requantize: Requantize,
) -> Int8Array:
    """Transposed convolution of x [N, H, W, C] with weights [O, kh, kw, C / groups] -> [N, rows, columns, O].

    Each input pixel times the kernel is added to the output; `padding` is cut off, or added where it is negative.

    Args:
        bias: (O,) or None.
        weights_zero_point: scalar or (O,).

    Raises:
        OverflowError: an accumulator does not fit int32.
    """
    outputs, *kernel, depth = weights.shape
    centred = _centre(x, input_zero_point)
    factors = _centre(weights, np.reshape(np.asarray(weights_zero_point), (-1, 1, 1, 1)))
    per_group = outputs // groups
    reach = [(size - 1) * step + 1 for size, step in zip(x.shape[1:3], stride, strict=True)]
    sizes = [
        span + (taps - 1) * gap + more
        for span, taps, gap, more in zip(reach, kernel, dilation, output_padding, strict=True)
    ]
    total = np.zeros((x.shape[0], *sizes, outputs))
    for i, j in np.ndindex(*kernel):
        place = total[:, i * dilation[0] :, j * dilation[1] :][:, : reach[0] : stride[0], : reach[1] : stride[1]]
        for g in range(groups):
            own = slice(g * per_group, (g + 1) * per_group)
            place[..., own] += centred[..., g * depth : (g + 1) * depth] @ factors[own, i, j].T
    top, left, bottom, right = padding
    total = np.pad(
        total,
        [(0, 0), *((max(-before, 0), max(-after, 0)) for before, after in ((top, bottom), (left, right))), (0, 0)],
    )
    kept = total[:, max(top, 0) : total.shape[1] - max(bottom, 0), max(left, 0) : total.shape[2] - max(right, 0)]
    return requantize(_accumulator(kept, bias, requantize))


def matmul(
    a: Int8Array,
    b: Int8Array,
    *,
    a_zero_point: int,
    b_zero_point: int,
    requantize: Requantize,
) -> Int8Array:
    """Product of matrices a [..., M, K] and b [..., K, N] whose batches broadcast -> [..., M, N].

    Raises:
        OverflowError: an accumulator does not fit int32.
    """
    return requantize(_accumulator(_centre(a, a_zero_point) @ _centre(b, b_zero_point), None, requantize))


def _centre(values: Int8Array, zero_point: ArrayLike) -> NDArray[np.float64]:
    return values.astype(np.float64) - np.asarray(zero_point, np.float64)


def _accumulator(total: NDArray[np.float64], bias: Bias, requantize: Requantize) -> NDArray[np.int64]:
    accumulator = total.astype(np.int64)
    if bias is not None:
        accumulator = accumulator + bias.astype(np.int64)
    limit = requantize.accumulator_limit
    if accumulator.size and (accumulator.min() < -limit - 1 or accumulator.max() > limit):
        raise OverflowError(f"an accumulator does not fit {'48 bits' if requantize.wide else 'int32'}")
    return accumulator
