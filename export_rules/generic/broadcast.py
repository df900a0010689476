# SPDX-License-Identifier: Apache-2.0
"""The fields of `sx_broadcast`: which elements of two operands meet."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sconnx.codegen.c_value import CValue
from sconnx.export.node import ExportNode

LARGEST_RANK = 6
"""SX_BROADCAST_RANK of sx_broadcast.h."""

Axis = tuple[int, tuple[int, ...]]
"""A dimension of the output, and the elements to the next one of each operand."""


def broadcast_axes(dims: Sequence[int], operands: Sequence[Sequence[int]]) -> list[Axis]:
    """The dimensions other than 1, neighbours that each operand goes through in one stride put together; at least one.

    Args:
        dims: of the output.
        operands: the dims of each operand, which broadcast to it.
    """
    axes: list[Axis] = []
    for axis, dim in enumerate(dims):
        steps = tuple(_step(own, axis - (len(dims) - len(own))) for own in operands)
        if axes and all(before == dim * step for before, step in zip(axes[-1][1], steps, strict=True)):
            axes[-1] = (axes[-1][0] * dim, steps)
        elif dim > 1:
            axes.append((dim, steps))
    return axes or [(1, (1,) * len(operands))]


def _step(dims: Sequence[int], axis: int) -> int:
    """The elements to the next one along an axis, 0 where there is but one."""
    return 0 if axis < 0 or dims[axis] == 1 else math.prod(dims[axis + 1 :])


def needs_few_axes(node: ExportNode) -> str | None:
    """A reason when the operands broadcast along more dimensions than the kernels have loops for."""
    count = len(broadcast_axes(node.output.dims, [node.input(0).dims, node.input(1).dims]))
    return f"the inputs broadcast in {count} groups of dimensions, the limit is {LARGEST_RANK}" if count > 6 else None


def broadcast_fields(node: ExportNode, element_bytes: int = 1) -> dict[str, CValue]:
    """`dims`, `a_steps` and `b_steps` of inputs 0 and 1."""
    axes = broadcast_axes(node.output.dims, [node.input(0).dims, node.input(1).dims])
    return axes_fields(axes, (element_bytes, element_bytes))


def axes_fields(axes: list[Axis], step_bytes: tuple[int, int]) -> dict[str, CValue]:
    """The same of known dimensions.

    Args:
        step_bytes: what a step of each operand is in bytes.
    """
    fields: dict[str, CValue] = {}
    for index, (dim, (a_step, b_step)) in enumerate([(1, (0, 0))] * (LARGEST_RANK - len(axes)) + axes):
        fields |= {
            f"dims[{index}]": dim,
            f"a_steps[{index}]": a_step * step_bytes[0],
            f"b_steps[{index}]": b_step * step_bytes[1],
        }
    return fields
