# SPDX-License-Identifier: Apache-2.0
"""Windows that slide over images. SAME and VALID padding as TensorFlow defines them."""

from __future__ import annotations

from sconnx.frontend.tflite.operand import DataTensor, Unsupported

Pair = tuple[int, int]

_SAME, _VALID = 0, 1


def image_of(data: DataTensor, position: int = 0) -> DataTensor:
    """The same tensor, known to be NHWC; `position` is that of the input."""
    if len(data.dims) != 4:
        raise Unsupported(f"input {position} has the dims {list(data.dims)}; they are not NHWC")
    return data


def check_window(kernel: Pair, strides: Pair, dilations: Pair = (1, 1)) -> None:
    """Raise Unsupported unless all extents are positive."""
    for what, pair in (("kernel", kernel), ("stride", strides), ("dilation", dilations)):
        if min(pair) < 1:
            raise Unsupported(f"{what} {pair[0]} by {pair[1]}")


def is_same(scheme: int) -> bool:
    """Whether padding is SAME; else it is VALID."""
    if scheme not in (_SAME, _VALID):
        raise Unsupported(f"padding {scheme} is neither SAME nor VALID")
    return scheme == _SAME


def padding_of(
    scheme: int, image: DataTensor, kernel: Pair, strides: Pair, dilations: Pair = (1, 1)
) -> tuple[int, int, int, int]:
    """(top, left, bottom, right). SAME makes ceil(size / stride) windows and rounds top and left down."""
    check_window(kernel, strides, dilations)
    if not is_same(scheme):
        return 0, 0, 0, 0
    totals = []
    for size, extent, stride, dilation in zip(image.dims[1:3], kernel, strides, dilations, strict=True):
        reach = (-(-size // stride) - 1) * stride + (extent - 1) * dilation + 1
        totals.append(max(reach - size, 0))
    top, left = totals[0] // 2, totals[1] // 2
    return top, left, totals[0] - top, totals[1] - left
