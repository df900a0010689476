# SPDX-License-Identifier: Apache-2.0
"""The sliding window of convolutions and pools: kernel, strides, dilations, padding."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.frontend.onnx.call import Call
from sconnx.frontend.onnx.movers import through
from sconnx.frontend.onnx.values import Unsupported, Value, View
from sconnx.graph.operator import Dims, window_count

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """All pairs are (height, width); padding is (top, left, bottom, right)."""

    kernel_dims: Pair
    stride_dims: Pair
    dilation_dims: Pair
    padding: tuple[int, int, int, int]

    def output_dims(self, dims: Pair) -> Pair:
        """How many windows fit. Raises `Unsupported` when none does."""
        counts = [
            window_count(
                dims[axis],
                self.kernel_dims[axis],
                self.stride_dims[axis],
                self.dilation_dims[axis],
                self.padding[axis],
                self.padding[axis + 2],
            )
            for axis in (0, 1)
        ]
        if min(counts) < 1:
            raise Unsupported(f"kernel {self.kernel_dims} with padding {self.padding} does not fit {dims}")
        return counts[0], counts[1]


def image_dims(dims: Dims) -> Dims:
    """NCHW dims; [N, C, L] is an image of height 1."""
    if len(dims) == 3:
        return (dims[0], dims[1], 1, dims[2])
    if len(dims) != 4:
        raise Unsupported(f"its input has dims {dims}; only [N, C, H, W] and [N, C, L] are supported")
    return dims


def as_image(call: Call, view: View) -> View:
    """A view of [N, C, L] as an image of height 1."""
    dims = image_dims(view.dims)
    return view if dims == view.dims else call.writer.reshape(view, dims, call.index)


def like_input(call: Call, value: Value, dims: Dims) -> Value:
    """The result of an operator on an image, without the height again when the input of `dims` had none."""
    if len(dims) == 4:
        return value
    flat = (*value.dims[:2], value.dims[3])
    return through(value, flat, lambda view: call.writer.reshape(view, flat, call.index))


def _pair(call: Call, name: str, default: Pair, count: int) -> Pair:
    """An attribute of `count` numbers; the height's is 1 when there is none."""
    values = call.integers(name)
    if values is None:
        return default
    if len(values) != count:
        raise Unsupported(f"{name} {list(values)} does not fit {count} dimensions")
    if min(values) < 1:
        raise Unsupported(f"{name} {list(values)} is not positive")
    return (values[0], values[1]) if count == 2 else (1, values[0])


def window(call: Call, dims: Dims, kernel_dims: Pair | None) -> Window:
    """The window of a node whose input has dims [N, C, H, W] or [N, C, L].

    Args:
        kernel_dims: of the weights, or None when the attribute must say it.
    """
    *_, height, width = image_dims(dims)
    count = len(dims) - 2
    if kernel_dims is None and call.integers("kernel_shape") is None:
        raise Unsupported("kernel_shape is missing")
    kernel = _pair(call, "kernel_shape", kernel_dims or (1, 1), count)
    if kernel_dims not in (None, kernel):
        raise Unsupported(f"kernel_shape {kernel} does not fit weights of {kernel_dims}")
    stride = _pair(call, "strides", (1, 1), count)
    dilation = _pair(call, "dilations", (1, 1), count)
    padding = _padding(call, (height, width), kernel, stride, dilation, count)
    result = Window(kernel, stride, dilation, padding)
    result.output_dims((height, width))
    if call.integer("ceil_mode", 0):
        _check_ceil_mode(result, (height, width))
    return result


def _padding(
    call: Call, dims: Pair, kernel: Pair, stride: Pair, dilation: Pair, count: int
) -> tuple[int, int, int, int]:
    mode = call.string("auto_pad", "NOTSET")
    if mode == "NOTSET":
        pads = call.integers("pads") or (0,) * (2 * count)
        if len(pads) != 2 * count:
            raise Unsupported(f"pads {list(pads)} do not fit {count} dimensions")
        if min(pads) < 0:
            raise Unsupported(f"pads {list(pads)} are negative")
        return (pads[0], pads[1], pads[2], pads[3]) if count == 2 else (0, pads[0], 0, pads[1])
    if mode == "VALID":
        return 0, 0, 0, 0
    if mode not in ("SAME_UPPER", "SAME_LOWER"):
        raise Unsupported(f"auto_pad {mode!r} is unknown")
    before, after = [], []
    for axis in (0, 1):
        windows = -(-dims[axis] // stride[axis])
        total = max(0, (windows - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1 - dims[axis])
        small, large = total // 2, total - total // 2
        before.append(large if mode == "SAME_LOWER" else small)
        after.append(small if mode == "SAME_LOWER" else large)
    return before[0], before[1], after[0], after[1]


def _check_ceil_mode(result: Window, dims: Pair) -> None:
    """ceil_mode adds a window when the last stride is cut short, unless it would start in the padding."""
    for axis in (0, 1):
        before, after = result.padding[axis], result.padding[axis + 2]
        extent = (result.kernel_dims[axis] - 1) * result.dilation_dims[axis] + 1
        stride = result.stride_dims[axis]
        span = dims[axis] + before + after - extent
        windows = span // stride + 1
        if span % stride and windows * stride < dims[axis] + before:
            raise Unsupported("ceil_mode adds a window that reaches over the edge; export with ceil_mode=0")
