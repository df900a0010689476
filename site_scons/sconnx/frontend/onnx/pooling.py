# SPDX-License-Identifier: Apache-2.0
"""MaxPool, AveragePool, GlobalAveragePool, ReduceMean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.movers import through
from sconnx.frontend.onnx.quantization import activation_of
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Unsupported, Value, View
from sconnx.frontend.onnx.window import Window, spatial_dims, window
from sconnx.frontend.onnx.writer import CHANNELS_LAST, axes_from
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import AveragePooling1D, AveragePooling2D, Dims, MaxPooling1D, MaxPooling2D, Operator

MAXIMA: dict[int, Callable[..., Operator]] = {1: MaxPooling1D, 2: MaxPooling2D}
AVERAGES: dict[int, Callable[..., AveragePooling1D | AveragePooling2D]] = {1: AveragePooling1D, 2: AveragePooling2D}


def _check_padding(size: Window) -> None:
    """Every window of a pool must see at least one element."""
    if any(pad >= extent for pad, extent in zip(size.padding, size.extents * 2, strict=True)):
        raise Unsupported(f"padding {size.padding} is not smaller than the kernel {size.kernel_dims}")


def _order(axes: tuple[int, ...], dims: Dims) -> tuple[int, ...]:
    """The axes that are longer than 1."""
    return tuple(axis for axis in axes if dims[axis] > 1)


@translates("MaxPool")
def max_pool(call: Call) -> Value:
    """The largest element keeps its quantisation, so MaxPool may stand before QuantizeLinear."""
    call.only_output()
    value = call.value(0)
    if isinstance(value, Folded):
        raise Unsupported(f"input {call.name(0)} is a constant")
    size = window(call, value.dims, None, cut_short=True)
    _check_padding(size)
    spatial = spatial_dims(value.dims)
    dims, axes = (*value.dims[:2], *size.output_dims(spatial)), CHANNELS_LAST[len(value.dims)]
    operator = MAXIMA[len(spatial)](**asdict(size))

    def move(view: View) -> View:
        writer = call.writer
        output = writer.node(operator, (writer.stored(view, axes),), writer.quantization(view), call.index)
        return View(output, dims, _order(axes, dims))

    return through(value, dims, move)


@translates("AveragePool")
def average_pool(call: Call) -> Value:
    view = call.view(0)
    size = window(call, view.dims, None)
    _check_padding(size)
    if max(size.dilation_dims) > 1:
        raise Unsupported(f"dilations {size.dilation_dims} are not 1")
    spatial = spatial_dims(view.dims)
    dims, axes = (*view.dims[:2], *size.output_dims(spatial)), CHANNELS_LAST[len(view.dims)]
    operator = AVERAGES[len(spatial)](
        kernel_dims=size.kernel_dims,
        stride_dims=size.stride_dims,
        padding=size.padding,
        count_include_pad=bool(call.integer("count_include_pad", 0)),
    )
    return _pending(call, view, operator, axes, dims, _order(axes, dims))


@translates("GlobalAveragePool")
def global_average_pool(call: Call) -> Value:
    view = call.view(0)
    spatial = spatial_dims(view.dims)
    return _mean(call, view, tuple(range(2, 2 + len(spatial))), keep=True)


@translates("ReduceMean")
def reduce_mean(call: Call) -> Value:
    """Over two of four dimensions, or one of three."""
    view = call.view(0)
    count = len(view.dims)
    given = call.integers("axes") if call.opset < 18 else call.constant_integers(1, "axes")
    axes = tuple(sorted(axes_from(count, given or ())))
    if (count, len(axes)) not in ((4, 2), (3, 1)):
        raise Unsupported(
            f"it averages axes {list(axes)} of dims {view.dims}; only height and width of [N, C, H, W] "
            "and length of [N, C, L] are supported"
        )
    return _mean(call, view, axes, keep=bool(call.integer("keepdims", 1)))


def _mean(call: Call, view: View, axes: tuple[int, ...], *, keep: bool) -> Value:
    """The mean over all dimensions but two, as one window; the last of the two holds the channels."""
    batch, channel = (axis for axis in range(len(view.dims)) if axis not in axes)
    operator = AVERAGES[len(axes)](kernel_dims=tuple(view.dims[axis] for axis in axes))
    if keep:
        dims = tuple(1 if axis in axes else dim for axis, dim in enumerate(view.dims))
        rest = (batch, channel)
    else:
        dims = (view.dims[batch], view.dims[channel])
        rest = (0, 1)
    return _pending(call, view, operator, (batch, *axes, channel), dims, _order(rest, dims))


def _pending(
    call: Call,
    view: View,
    operator: AveragePooling1D | AveragePooling2D,
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
