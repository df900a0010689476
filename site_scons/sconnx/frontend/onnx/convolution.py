# SPDX-License-Identifier: Apache-2.0
"""Conv and ConvTranspose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.onnx.binary import binary
from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.computed import Read, computed
from sconnx.frontend.onnx.linear import Linear, flat_bias, pending
from sconnx.frontend.onnx.values import Folded, Pending, Unsupported, Value, View
from sconnx.frontend.onnx.window import Window, numbers, spatial_dims, window
from sconnx.frontend.onnx.writer import CHANNELS_LAST, order_of
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import (
    Activation,
    Add,
    Conv1D,
    Conv2D,
    Conv3D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    Dims,
    Operator,
    TransposedConv1D,
    TransposedConv2D,
)

CONVOLUTIONS: dict[int, Callable[..., Operator]] = {1: Conv1D, 2: Conv2D, 3: Conv3D}
DEPTHWISE: dict[int, Callable[..., Operator]] = {1: DepthwiseConv1D, 2: DepthwiseConv2D}
TRANSPOSED: dict[int, Callable[..., Operator]] = {1: TransposedConv1D, 2: TransposedConv2D}
Array = NDArray[np.generic]


@translates("Conv")
def conv(call: Call) -> Value:
    """A convolution; a depthwise one when every group has one input channel and there are several."""
    x, weights = call.value(0), call.value(1)
    if len(weights.dims) != len(x.dims):
        raise Unsupported(f"weights of dims {weights.dims} do not fit an input of dims {x.dims}")
    spatial = spatial_dims(x.dims)
    groups = call.integer("group", 1)
    channels, outputs = x.dims[1], weights.dims[0]
    if groups < 1 or weights.dims[1] * groups != channels or outputs % groups:
        raise Unsupported(f"weights of dims {weights.dims} in {groups} groups do not fit {channels} channels")
    size = window(call, x.dims, weights.dims[2:])
    dims = (x.dims[0], outputs, *size.output_dims(spatial))
    if not isinstance(weights, Folded):
        operator = CONVOLUTIONS[len(spatial)](**asdict(size), groups=groups)
        return _with_computed_weights(call, operator, dims)
    if groups == channels and groups > 1 and len(spatial) in DEPTHWISE:
        operator = DEPTHWISE[len(spatial)](**asdict(size), channel_multiplier=outputs // channels)
        return _linear(call, operator, dims, lambda value: np.moveaxis(value[:, 0], 0, -1), len(spatial), 0)
    operator = CONVOLUTIONS[len(spatial)](**asdict(size), groups=groups)
    return _linear(call, operator, dims, lambda value: np.moveaxis(value, 1, -1), 0, 0)


def _linear(
    call: Call, operator: Operator, dims: Dims, arrange: Callable[[Array], Array], channel_axis: int, source_axis: int
) -> Value:
    axes, bias = CHANNELS_LAST[len(dims)], call.optional(2)
    linear = Linear(
        operator=operator,
        axes=axes,
        dims=dims,
        order=order_of(axes, dims),
        weights=call.constant(1, "weights"),
        arrange=arrange,
        channel_axis=channel_axis,
        source_axis=source_axis,
        bias=_flat_bias(bias, dims) if isinstance(bias, Folded) else None,
        bias_axis=1,
    )
    return _plus_bias(call, pending(call, linear), bias)


def _flat_bias(bias: Folded, dims: Dims) -> Folded:
    column = replace(bias, value=bias.value.reshape(-1, *[1] * (len(dims) - 2)))
    return flat_bias(column, dims, 1)


def _plus_bias(call: Call, result: Pending, bias: Value | None) -> Value:
    """The result with a bias that is computed at run time; one that is constant is in it already."""
    if bias is None or isinstance(bias, Folded):
        return result
    column = call.plain(2)
    dims = (*bias.dims, *[1] * (len(result.dims) - 2))
    return binary(call, Add(), result, call.as_value(call.writer.reshape(column, dims, call.index)))


def _with_computed_weights(call: Call, operator: Operator, dims: Dims) -> Value:
    """A convolution whose weights are known at run time only; in float32."""
    axes, bias = CHANNELS_LAST[len(dims)], call.optional(2)

    def build(read: Read, quant: QuantValues | None, _: Activation) -> View:
        if quant is not None:
            raise Unsupported(f"weights {call.name(1)} must be constant, known at build time")
        writer = call.writer
        tensors = [writer.stored(read(0), axes), writer.stored(read(1), axes)]
        if isinstance(bias, Folded):
            tensors.append(writer.stored(read(2), (0,)))
        return View(writer.node(operator, tuple(tensors), None, call.index), dims, order_of(axes, dims))

    operands = [call.value(0), call.value(1), *([bias] if isinstance(bias, Folded) else [])]
    return _plus_bias(call, computed(call, dims, build, operands=operands), bias)


@translates("ConvTranspose")
def conv_transpose(call: Call) -> Value:
    """Weights are [C, M/groups, ...]; they must be constant."""
    x, weights = call.value(0), call.constant(1, "weights")
    spatial = spatial_dims(x.dims)
    if len(spatial) not in TRANSPOSED:
        raise Unsupported(f"its input has dims {x.dims}; only [N, C, L] and [N, C, H, W] are supported")
    groups, channels = call.integer("group", 1), x.dims[1]
    if groups < 1 or channels % groups or len(weights.dims) != len(x.dims) or weights.dims[0] != channels:
        raise Unsupported(f"weights of dims {weights.dims} in {groups} groups do not fit an input of dims {x.dims}")
    kernel, ones = numbers(call, "kernel_shape", weights.dims[2:]), (1,) * len(spatial)
    if kernel != weights.dims[2:]:
        raise Unsupported(f"kernel_shape {kernel} does not fit weights of {weights.dims[2:]}")
    size = Window(kernel, numbers(call, "strides", ones), numbers(call, "dilations", ones), ())
    more = call.integers("output_padding") or (0,) * len(spatial)
    if len(more) != len(spatial) or min(more) < 0:
        raise Unsupported(f"output_padding {list(more)} does not fit {len(spatial)} dimensions")
    padding = _transposed_padding(call, size, spatial, more)
    operator = TRANSPOSED[len(spatial)](**asdict(replace(size, padding=padding)), output_padding=more, groups=groups)
    axes = CHANNELS_LAST[len(x.dims)]
    stored = operator.output_dims(
        [tuple(x.dims[axis] for axis in axes), (weights.dims[1] * groups, *kernel, channels // groups)]
    )
    dims = tuple(stored[axes.index(axis)] for axis in range(len(stored)))
    return _linear(call, operator, dims, partial(_by_output, groups=groups), 0, 1 if groups == 1 else -1)


def _by_output(value: Array, groups: int) -> Array:
    """Weights [C, M/groups, ...] as [M, ..., C/groups]."""
    kernel = value.shape[2:]
    grouped = value.reshape(groups, -1, *value.shape[1:])
    return np.moveaxis(grouped, 1, -1).reshape(-1, *kernel, value.shape[0] // groups)


def _transposed_padding(call: Call, size: Window, spatial: Dims, more: Dims) -> Dims:
    """What is cut off before each dimension, then after: `pads`, or what an output size given or derived asks for."""
    mode, shape = call.string("auto_pad", "NOTSET"), call.integers("output_shape")
    count = len(spatial)
    if mode not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
        raise Unsupported(f"auto_pad {mode!r} is unknown")
    if shape is None and mode in ("NOTSET", "VALID"):
        pads = (call.integers("pads") if mode == "NOTSET" else None) or (0,) * (2 * count)
        if len(pads) != 2 * count:
            raise Unsupported(f"pads {list(pads)} do not fit {count} dimensions")
        return pads
    if shape is None:
        shape = tuple(dim * stride for dim, stride in zip(spatial, size.stride_dims, strict=True))
    if len(shape) == count + 2:
        shape = shape[2:]
    if len(shape) != count:
        raise Unsupported(f"output_shape {list(shape)} does not fit {count} dimensions")
    before, after = [], []
    for dim, stride, extent, extra, wanted in zip(spatial, size.stride_dims, size.extents, more, shape, strict=True):
        total = stride * (dim - 1) + extra + extent - wanted
        small = total // 2
        before.append(small if mode == "SAME_UPPER" else total - small)
        after.append(total - small if mode == "SAME_UPPER" else small)
    return (*before, *after)
