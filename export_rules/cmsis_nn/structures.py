# SPDX-License-Identifier: Apache-2.0
"""The fields of CMSIS-NN's structures, and what their widths allow."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from export_rules.generic.quantized import zero_point
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.node import ExportNode, Operand
from sconnx.graph.operator import AveragePooling2D, DepthwiseConv2D, MaxPooling2D
from sconnx.graph.params import Params
from sconnx.reference.requantize import Requantize

LARGEST_EXTENT = 32767
"""CMSIS-NN keeps positions in int16_t."""
LARGEST_WINDOW = 65535
"""It counts the elements of a window, kernel height * width * channels, in uint16_t."""


def too_large(node: ExportNode, window: int) -> str | None:
    """A reason when a convolution does not fit CMSIS-NN's counters; `window`: elements of one window."""
    images = (node.input(0), node.output)
    largest = max(extent for image in images for extent in (image.height, image.width, image.channels))
    if largest > LARGEST_EXTENT:
        return f"a dimension of {largest}, the limit is {LARGEST_EXTENT}"
    return f"{window} elements in a window, the limit is {LARGEST_WINDOW}" if window > LARGEST_WINDOW else None


def misses_input(node: ExportNode, operator: DepthwiseConv2D | AveragePooling2D | MaxPooling2D) -> str | None:
    """A reason when a window holds nothing but padding.

    CMSIS-NN's poolings refuse that, and its depthwise convolution then writes beyond the end of its scratch buffer.
    """
    extents = [(node.input(0).height, node.output.height), (node.input(0).width, node.output.width)]
    for axis, (size, count) in enumerate(extents):
        first = -operator.padding[axis]
        last = first + (count - 1) * operator.stride_dims[axis]
        if first + operator.kernel_dims[axis] <= 0 or last >= size:
            return "a window that holds nothing but padding"
    return None


def dims(n: int, h: int, w: int, c: int) -> dict[str, CValue]:
    """`cmsis_nn_dims`."""
    return {"n": n, "h": h, "w": w, "c": c}


def image_dims(image: Operand) -> dict[str, CValue]:
    """`cmsis_nn_dims` of an image."""
    return dims(image.batch, image.height, image.width, image.channels)


def tile(height_width: tuple[int, ...]) -> dict[str, CValue]:
    """`cmsis_nn_tile`: of a padding the top and the left one."""
    return {"w": height_width[1], "h": height_width[0]}


def activation(minimum: int, maximum: int) -> dict[str, CValue]:
    """`cmsis_nn_activation`."""
    return {"min": minimum, "max": maximum}


def offsets(node: ExportNode, params: Params) -> dict[str, CValue]:
    """The zero points of input and output, in CMSIS-NN's signs."""
    return {"input_offset": -zero_point(params, node.input(0)), "output_offset": zero_point(params, node.output)}


def scaling(requantize: Requantize, count: int) -> Mapping[str, CValue]:
    """`sx_cmsis_scaling` of `count` channels: int32 multipliers and shifts."""
    return {
        "multiplier": Array(np.broadcast_to(requantize.multiplier, count).astype(np.int32)),
        "shift": Array(np.broadcast_to(requantize.shift, count).astype(np.int32)),
    }
