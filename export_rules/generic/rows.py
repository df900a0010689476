# SPDX-License-Identifier: Apache-2.0
"""What the kernels that compute an image row by row promise of their order."""

from __future__ import annotations

from collections.abc import Sequence

from sconnx.export.access import Columns, Elementwise, Window
from sconnx.export.node import ExportNode, Operand
from sconnx.graph.operator import AveragePooling2D, Conv2D, DepthwiseConv2D, LpPooling2D, MaxPooling2D
from sconnx.graph.tensor import DataFormat


def sliding(operator: Conv2D | DepthwiseConv2D | AveragePooling2D | MaxPooling2D | LpPooling2D) -> Window:
    """Output pixels from left to right; each channel of one is written after its window was read, then comes the next."""
    dilation, (top, left, _, _) = operator.dilation_dims, operator.padding
    columns = Columns(operator.kernel_dims[1], operator.stride_dims[1], dilation[1], left)
    return Window(operator.kernel_dims[0], operator.stride_dims[0], dilation[0], top, columns)


def element_by_element(node: ExportNode, inputs: Sequence[int] | None = None) -> Window | Elementwise:
    """The access of kernels that go through elements in ascending order: images one row a call, other tensors as a whole.

    An output that begins in the midst of its own input's pixel would overwrite what is still to be read. Where it does, it
    reaches into the next pixel as well, which the order of the pixels forbids already; only a row of one pixel has no next, and
    an output of smaller elements may end within its input's pixel.

    Args:
        inputs: positions of those that the kernel gets; None: all.
    """
    operands = node.inputs if inputs is None else tuple(node.input(position) for position in inputs)
    if not all(has_rows(operand) for operand in (*operands, *node.outputs) if operand is not None):
        return Elementwise()
    units = {operand.tensor.dtype.size_bytes for operand in (*operands, *node.outputs) if operand is not None}
    pixel_is_safe = node.output.channels == 1 or (node.output.width > 1 and len(units) == 1)
    return Window(1, 1, 1, 0, Columns(1, 1, 1, 0, reads_first=pixel_is_safe))


def elements_a_call(node: ExportNode, inputs: Sequence[int] | None = None) -> int:
    """The elements of one call by `element_by_element`."""
    by_rows = isinstance(element_by_element(node, inputs), Window)
    return node.output.width * node.output.channels if by_rows else node.output.size


def has_rows(operand: Operand) -> bool:
    """Whether an operand is one image of several rows."""
    return operand.tensor.data_format is DataFormat.NHWC and operand.batch == 1 and operand.height > 1
