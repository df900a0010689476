# SPDX-License-Identifier: Apache-2.0
"""MaxPool, AveragePool, GlobalAveragePool, ReduceMean."""

from __future__ import annotations

from dataclasses import replace

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.movers import through
from sconnx.frontend.onnx.quantization import activation_of
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Unsupported, Value, View
from sconnx.frontend.onnx.window import Window, as_image, image_dims, like_input, window
from sconnx.frontend.onnx.writer import NHWC, axes_from
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import AveragePooling2D, Dims, MaxPooling2D


def _check_padding(size: Window) -> None:
    """Every window of a pool must see at least one element."""
    extents = [
        (kernel - 1) * dilation + 1 for kernel, dilation in zip(size.kernel_dims, size.dilation_dims, strict=True)
    ]
    if any(pad >= extents[side % 2] for side, pad in enumerate(size.padding)):
        raise Unsupported(f"padding {size.padding} is not smaller than the kernel {size.kernel_dims}")


def _channels_last(dims: Dims) -> tuple[int, ...]:
    return tuple(axis for axis in NHWC if dims[axis] > 1)


@translates("MaxPool")
def max_pool(call: Call) -> Value:
    """The largest element keeps its quantisation, so MaxPool may stand before QuantizeLinear."""
    call.only_output()
    value = call.value(0)
    if isinstance(value, Folded):
        raise Unsupported(f"input {call.name(0)} is a constant")
    size = window(call, value.dims, None)
    _check_padding(size)
    batch, channels, height, width = image_dims(value.dims)
    dims = (batch, channels, *size.output_dims((height, width)))
    operator = MaxPooling2D(
        kernel_dims=size.kernel_dims,
        stride_dims=size.stride_dims,
        dilation_dims=size.dilation_dims,
        padding=size.padding,
    )

    def move(view: View) -> View:
        writer = call.writer
        source = writer.stored(as_image(call, view), NHWC)
        output = writer.node(operator, (source,), writer.quantization(view), call.index)
        return View(output, dims, _channels_last(dims))

    return like_input(call, through(value, dims, move), value.dims)


@translates("AveragePool")
def average_pool(call: Call) -> Value:
    flat = call.view(0)
    size = window(call, flat.dims, None)
    _check_padding(size)
    if size.dilation_dims != (1, 1):
        raise Unsupported(f"dilations {size.dilation_dims} are not 1")
    view = as_image(call, flat)
    dims = (*view.dims[:2], *size.output_dims((view.dims[2], view.dims[3])))
    operator = AveragePooling2D(
        kernel_dims=size.kernel_dims,
        stride_dims=size.stride_dims,
        padding=size.padding,
        count_include_pad=bool(call.integer("count_include_pad", 0)),
    )
    result = _pending(call, view, operator, NHWC, dims, _channels_last(dims))
    return like_input(call, result, flat.dims)


@translates("GlobalAveragePool")
def global_average_pool(call: Call) -> Value:
    flat = call.view(0)
    view = as_image(call, flat)
    return like_input(call, _mean(call, view, (2, 3), keep=True), flat.dims)


@translates("ReduceMean")
def reduce_mean(call: Call) -> Value:
    """Over two of four dimensions, or one of three, which is taken as the width of an image of height 1."""
    view = call.view(0)
    count = len(view.dims)
    given = call.integers("axes") if call.opset < 18 else call.constant_integers(1, "axes")
    axes = tuple(sorted(axes_from(count, given or ())))
    if (count, len(axes)) not in ((4, 2), (3, 1)):
        raise Unsupported(
            f"it averages axes {list(axes)} of dims {view.dims}; only height and width of [N, C, H, W] "
            "and length of [N, C, L] are supported"
        )
    keep = bool(call.integer("keepdims", 1))
    if count == 4:
        return _mean(call, view, axes, keep=keep)
    (axis,) = axes
    image = call.writer.reshape(view, (*view.dims[:axis], 1, *view.dims[axis:]), call.index)
    result = _mean(call, image, (axis, axis + 1), keep=keep)
    if not keep:
        return result
    dims = (*view.dims[:axis], 1, *view.dims[axis + 1 :])
    return through(result, dims, lambda mean: call.writer.reshape(mean, dims, call.index))


def _mean(call: Call, view: View, axes: tuple[int, ...], *, keep: bool) -> Value:
    """The mean over two of four dimensions, as one window; the last of the others holds the channels."""
    batch, channel = (axis for axis in range(4) if axis not in axes)
    height, width = axes
    operator = AveragePooling2D(kernel_dims=(view.dims[height], view.dims[width]))
    if keep:
        dims = tuple(1 if axis in axes else dim for axis, dim in enumerate(view.dims))
        rest = (batch, channel)
    else:
        dims = (view.dims[batch], view.dims[channel])
        rest = (0, 1)
    order = tuple(axis for axis in rest if dims[axis] > 1)
    return _pending(call, view, operator, (batch, height, width, channel), dims, order)


def _pending(
    call: Call,
    view: View,
    operator: AveragePooling2D,
    axes: tuple[int, ...],
    dims: Dims,
    order: tuple[int, ...],
) -> Pending:
    """An average over the view stored in the order of `axes`; the result has `dims` stored in `order`."""

    def emit(quant: QuantValues, bounds: Bounds) -> View:
        active = replace(operator, activation=activation_of(bounds, quant))
        source = call.writer.stored(view, axes)
        return View(call.writer.node(active, (source,), quant, call.index), dims, order)

    return Pending(dims, emit)
