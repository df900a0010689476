# SPDX-License-Identifier: Apache-2.0
"""Discrete Fourier transforms as products with constant matrices: what a microcontroller's few points are fast enough for."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.movers import reshaped, transposed
from sconnx.frontend.onnx.operands import real
from sconnx.frontend.onnx.values import Unsupported, Value, View
from sconnx.frontend.onnx.writer import axes_from, wide_axes
from sconnx.graph.operator import Conv1D, FullyConnected


def _transform(count: int, parts: int, length: int, *, inverse: bool, onesided: bool) -> NDArray[np.float32]:
    """The matrix of a transform: float32 [count * parts, bins * parts of the result].

    Args:
        count: numbers that there are; zeros follow, or numbers are left out, up to `length`.
        parts: of a number: 1 of a real one, 2 of a complex one.
    """
    every = np.eye(count * parts).reshape(count * parts, count, parts)
    signals = every[..., 0] + (1j * every[..., 1] if parts == 2 else 0)
    if inverse and onesided:
        made = np.fft.irfft(signals, length, 1)[..., None]
    else:
        bins = length // 2 + 1 if onesided else length
        complex_bins = (np.fft.ifft if inverse else np.fft.fft)(signals, length, 1)[:, :bins]
        made = np.stack([complex_bins.real, complex_bins.imag], -1)
    return made.reshape(count * parts, -1).astype(np.float32)


def _number(call: Call, position: int, what: str) -> int | None:
    """An input that is one integer, or None when it is absent."""
    given = call.constant_integers(position, what)
    if given is not None and len(given) != 1:
        raise Unsupported(f"{what} {call.name(position)} is not one number")
    return None if given is None else given[0]


@translates("DFT")
def fourier(call: Call) -> Value:
    """Along one axis; the last dimension has the real and the imaginary part, or the real one alone."""
    x = call.value(0)
    count = len(x.dims)
    axis = call.integer("axis", 1) if call.opset < 20 else _number(call, 2, "axis")
    (axis,) = axes_from(count, (-2 if axis is None else axis,))
    if count < 2 or axis == count - 1 or x.dims[-1] not in (1, 2):
        raise Unsupported(f"axis {axis} of dims {x.dims}")
    inverse, onesided = bool(call.integer("inverse", 0)), bool(call.integer("onesided", 0))
    size, parts = x.dims[axis], x.dims[-1]
    length = _number(call, 1, "dft_length") or (2 * (size - 1) if inverse and onesided else size)
    matrix = _transform(size, parts, length, inverse=inverse, onesided=onesided)
    axes = (*(other for other in range(count - 1) if other != axis), axis, count - 1)
    rest = tuple(x.dims[other] for other in axes[:-2])
    rows = reshaped(call, transposed(call, x, axes), (math.prod(rest), size * parts))
    made = 1 if inverse and onesided else 2
    bins = reshaped(call, call.as_value(_product(call, rows, matrix)), (*rest, matrix.shape[1] // made, made))
    return transposed(call, bins, tuple(int(place) for place in np.argsort(axes)))


def _product(call: Call, rows: Value, matrix: NDArray[np.float32]) -> View:
    weights = call.writer.constant(f"{call.node.output[0]}/transform", np.ascontiguousarray(matrix.T))
    tensor = call.writer.in_order(call.named(real, rows))
    dims = (rows.dims[0], matrix.shape[1])
    return View(call.writer.node(FullyConnected(), (tensor, weights.tensor), None, call.index), dims, wide_axes(dims))


@translates("STFT")
def short_time_fourier(call: Call) -> Value:
    """Windows of a signal [N, L, parts], transformed: a convolution along time."""
    x, step = call.real(0), _number(call, 1, "frame_step")
    window = None if call.optional(2) is None else call.constant(2, "window").real()
    length = _number(call, 3, "frame_length") or (0 if window is None else window.size)
    if (
        len(x.dims) != 3
        or not step
        or not 0 < length <= x.dims[1]
        or (window is not None and window.shape != (length,))
    ):
        raise Unsupported(f"frames of {length} every {step} elements of dims {x.dims}")
    parts = x.dims[2]
    matrix = _transform(length, parts, length, inverse=False, onesided=bool(call.integer("onesided", 1)))
    kernel = matrix.T.reshape(-1, length, parts)
    if window is not None:
        kernel = kernel * window[:, None]
    weights = call.writer.constant(f"{call.node.output[0]}/transform", np.ascontiguousarray(kernel))
    operator = Conv1D(kernel_dims=(length,), stride_dims=(step,))
    dims = operator.output_dims([x.dims, weights.dims])
    output = call.writer.node(operator, (call.writer.in_order(x), weights.tensor), None, call.index)
    frames = call.writer.reshape(View(output, dims, wide_axes(dims)), (*dims[:2], dims[2] // 2, 2), call.index)
    return call.as_value(frames)
