# SPDX-License-Identifier: Apache-2.0
"""Pools: MaxPool, AveragePool, LpPool, over windows and over all there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.computed import Read, computed
from sconnx.frontend.onnx.movers import reshaped, through
from sconnx.frontend.onnx.pad import padded
from sconnx.frontend.onnx.values import Unsupported, Value, View
from sconnx.frontend.onnx.window import Window, spatial_dims, window
from sconnx.frontend.onnx.writer import CHANNELS_LAST, order_of
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import (
    Activation,
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    Dims,
    LpPooling2D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
    Operator,
)

AveragePooling = AveragePooling1D | AveragePooling2D | AveragePooling3D
MAXIMA: dict[int, Callable[..., Operator]] = {1: MaxPooling1D, 2: MaxPooling2D, 3: MaxPooling3D}
AVERAGES: dict[int, Callable[..., AveragePooling]] = {1: AveragePooling1D, 2: AveragePooling2D, 3: AveragePooling3D}


def _check_padding(size: Window) -> None:
    """Every window of a pool must see at least one element."""
    if any(pad >= extent for pad, extent in zip(size.padding, size.extents * 2, strict=True)):
        raise Unsupported(f"padding {size.padding} is not smaller than the kernel {size.kernel_dims}")


@translates("MaxPool")
def max_pool(call: Call) -> Value:
    call.only_output()
    size = window(call, call.value(0).dims, None)
    _check_padding(size)
    return _maximum(call, size)


@translates("GlobalMaxPool")
def global_max_pool(call: Call) -> Value:
    return _maximum(call, _whole(spatial_dims(call.value(0).dims)))


def _maximum(call: Call, size: Window) -> Value:
    """The largest element keeps its quantisation, so MaxPool may stand before QuantizeLinear."""
    value = call.value(0)
    spatial = spatial_dims(value.dims)
    dims, axes = (*value.dims[:2], *size.output_dims(spatial)), CHANNELS_LAST[len(value.dims)]
    operator = MAXIMA[len(spatial)](**asdict(size))

    def move(view: View) -> View:
        output = call.writer.mover(operator, (call.writer.stored(view, axes),), call.index)
        return View(output, dims, order_of(axes, dims))

    return through(call, value, dims, move)


def _whole(spatial: Dims) -> Window:
    """The window that covers everything."""
    ones = (1,) * len(spatial)
    return Window(spatial, ones, ones, (0,) * (2 * len(spatial)))


@translates("AveragePool")
def average_pool(call: Call) -> Value:
    """Padding counts or not; what a window of ceil_mode reaches over the edge and the padding never counts."""
    value = call.value(0)
    spatial = spatial_dims(value.dims)
    counted = bool(call.integer("count_include_pad", 0))
    size = window(call, value.dims, None)
    declared = window(call, value.dims, None, with_ceil=False) if counted else size
    if size.padding != declared.padding:
        value = padded(
            call, value, (0, 0, *declared.padding[: len(spatial)]), (0, 0, *declared.padding[len(spatial) :])
        )
        rest = tuple(all_ - own for all_, own in zip(size.padding, declared.padding, strict=True))
        size, counted, spatial = replace(size, padding=rest), False, spatial_dims(value.dims)
    _check_padding(size)
    operator = AVERAGES[len(spatial)](**asdict(size), count_include_pad=counted)
    dims, axes = (*value.dims[:2], *size.output_dims(spatial)), CHANNELS_LAST[len(value.dims)]
    return average(call, value, operator, axes, dims, order_of(axes, dims))


@translates("GlobalAveragePool")
def global_average_pool(call: Call) -> Value:
    value = call.value(0)
    return average_of_axes(call, value, tuple(range(2, 2 + len(spatial_dims(value.dims)))), keep=True)


def average_of_axes(call: Call, value: Value, axes: tuple[int, ...], *, keep: bool) -> Value:
    """The mean over all dimensions but two, as one window; the last of the two holds the channels."""
    batch, channel = (axis for axis in range(len(value.dims)) if axis not in axes)
    operator = AVERAGES[len(axes)](kernel_dims=tuple(value.dims[axis] for axis in axes))
    if keep:
        dims = tuple(1 if axis in axes else dim for axis, dim in enumerate(value.dims))
        rest = (batch, channel)
    else:
        dims = (value.dims[batch], value.dims[channel])
        rest = (0, 1)
    return average(call, value, operator, (batch, *axes, channel), dims, order_of(rest, dims))


def average(
    call: Call, value: Value, operator: AveragePooling, axes: tuple[int, ...], dims: Dims, order: tuple[int, ...]
) -> Value:
    """An average over a value stored in the order of `axes`; the result has `dims` stored in `order`."""

    def build(read: Read, quant: QuantValues | None, activation: Activation) -> View:
        if quant is not None and max(operator.dilation_dims) > 1:
            raise Unsupported("averages of dilated windows are computed in float32")
        active = replace(operator, activation=activation)
        source = call.writer.stored(read(0), axes)
        return View(call.writer.node(active, (source,), quant, call.index), dims, order)

    return computed(call, dims, build, operands=(value,), clamps=True)


@translates("LpPool")
def lp_pool(call: Call) -> Value:
    return _lp(call, window(call, call.value(0).dims, None))


@translates("GlobalLpPool")
def global_lp_pool(call: Call) -> Value:
    return _lp(call, _whole(spatial_dims(call.value(0).dims)))


def _lp(call: Call, size: Window) -> Value:
    """A sequence is an image of height 1."""
    value = call.value(0)
    spatial = spatial_dims(value.dims)
    if len(spatial) == 3:
        raise Unsupported(f"its input has dims {value.dims}; only [N, C, L] and [N, C, H, W] are supported")
    dims = (*value.dims[:2], *size.output_dims(spatial))
    if len(spatial) == 1:
        before, after = size.padding
        image = Window((1, *size.kernel_dims), (1, *size.stride_dims), (1, *size.dilation_dims), (0, before, 0, after))
        value = reshaped(call, value, (*value.dims[:2], 1, *spatial))
    else:
        image = size
    operator = LpPooling2D(**asdict(image), p=call.integer("p", 2))
    axes, inner = CHANNELS_LAST[4], (*dims[:2], *[1] * (2 - len(spatial)), *dims[2:])

    def build(read: Read, quant: QuantValues | None, _: Activation) -> View:
        output = call.writer.node(operator, (call.writer.stored(read(0), axes),), quant, call.index)
        return View(output, inner, order_of(axes, inner))

    result = computed(call, inner, build, operands=(value,))
    return result if inner == dims else reshaped(call, result, dims)
