# SPDX-License-Identifier: Apache-2.0
"""The sliding window of convolutions and pools: kernel, strides, dilations, padding."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sconnx.frontend.onnx.call import Call
from sconnx.frontend.onnx.values import Unsupported
from sconnx.graph.operator import Dims, window_count


@dataclass(frozen=True, slots=True)
class Window:
    """(height, width), (length,) or (depth, height, width); padding is before each, then after each. Names as the operators'."""

    kernel_dims: Dims
    stride_dims: Dims
    dilation_dims: Dims
    padding: Dims

    @property
    def extents(self) -> Dims:
        """What a window spans."""
        pairs = zip(self.kernel_dims, self.dilation_dims, strict=True)
        return tuple((kernel - 1) * dilation + 1 for kernel, dilation in pairs)

    def output_dims(self, dims: Dims) -> Dims:
        """How many windows fit. Raises `Unsupported` when none does."""
        count = len(dims)
        befores, afters = self.padding[:count], self.padding[count:]
        axes = zip(dims, self.kernel_dims, self.stride_dims, self.dilation_dims, befores, afters, strict=True)
        windows = tuple(window_count(*axis) for axis in axes)
        if min(windows) < 1:
            raise Unsupported(f"kernel {self.kernel_dims} with padding {self.padding} does not fit {dims}")
        return windows


def spatial_dims(dims: Dims) -> Dims:
    """Height and width of [N, C, H, W], length of [N, C, L], or depth, height and width of [N, C, D, H, W]."""
    if len(dims) not in (3, 4, 5):
        raise Unsupported(f"its input has dims {dims}; only [N, C, L], [N, C, H, W] and [N, C, D, H, W] are supported")
    return dims[2:]


def numbers(call: Call, name: str, default: Dims) -> Dims:
    """An attribute of as many positive numbers as the default has."""
    values = call.integers(name)
    if values is None:
        return default
    if len(values) != len(default):
        raise Unsupported(f"{name} {list(values)} does not fit {len(default)} dimensions")
    if min(values) < 1:
        raise Unsupported(f"{name} {list(values)} is not positive")
    return values


def window(call: Call, dims: Dims, kernel_dims: Dims | None, *, with_ceil: bool = True) -> Window:
    """The window of a node whose input has dims [N, C, ...].

    Args:
        kernel_dims: of the weights, or None when the attribute must say it.
        with_ceil: whether the padding holds a last window that reaches over the edge, where ceil_mode asks for it.
    """
    spatial = spatial_dims(dims)
    ones = (1,) * len(spatial)
    if kernel_dims is None and call.integers("kernel_shape") is None:
        raise Unsupported("kernel_shape is missing")
    kernel = numbers(call, "kernel_shape", kernel_dims or ones)
    if kernel_dims not in (None, kernel):
        raise Unsupported(f"kernel_shape {kernel} does not fit weights of {kernel_dims}")
    unpadded = Window(kernel, numbers(call, "strides", ones), numbers(call, "dilations", ones), ())
    result = replace(unpadded, padding=_padding(call, spatial, unpadded))
    result.output_dims(spatial)
    return _extended(result, spatial) if with_ceil and call.integer("ceil_mode", 0) else result


def _padding(call: Call, dims: Dims, size: Window) -> Dims:
    mode, count = call.string("auto_pad", "NOTSET"), len(dims)
    if mode == "NOTSET":
        pads = call.integers("pads") or (0,) * (2 * count)
        if len(pads) != 2 * count:
            raise Unsupported(f"pads {list(pads)} do not fit {count} dimensions")
        if min(pads) < 0:
            raise Unsupported(f"pads {list(pads)} are negative")
        return pads
    if mode == "VALID":
        return (0,) * (2 * count)
    if mode not in ("SAME_UPPER", "SAME_LOWER"):
        raise Unsupported(f"auto_pad {mode!r} is unknown")
    before, after = [], []
    for dim, stride, extent in zip(dims, size.stride_dims, size.extents, strict=True):
        windows = -(-dim // stride)
        total = max(0, (windows - 1) * stride + extent - dim)
        small, large = total // 2, total - total // 2
        before.append(large if mode == "SAME_LOWER" else small)
        after.append(small if mode == "SAME_LOWER" else large)
    return (*before, *after)


def _extended(result: Window, dims: Dims) -> Window:
    """ceil_mode: the padding with which a last window that is cut short fits; a window never starts in the padding."""
    after = []
    for axis, (dim, stride, extent) in enumerate(zip(dims, result.stride_dims, result.extents, strict=True)):
        before, behind = result.padding[axis], result.padding[axis + len(dims)]
        span = dim + before + behind - extent
        is_cut = span % stride and (span // stride + 1) * stride < dim + before
        after.append(behind + (stride - span % stride if is_cut else 0))
    return replace(result, padding=(*result.padding[: len(dims)], *after))
