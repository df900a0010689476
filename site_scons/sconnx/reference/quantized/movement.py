# SPDX-License-Identifier: Apache-2.0
"""Operators that move elements, and what surrounds them."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from sconnx.graph.operator import Concat, Pad, Pad2D, Reshape, Split, Transpose
from sconnx.reference import parts
from sconnx.reference.pad import pad2d
from sconnx.reference.plain.movement import pad_with
from sconnx.reference.quantized.registry import quantized
from sconnx.reference.run import Int8Array, Run


@quantized(Reshape)
def reshape(run: Run) -> Int8Array:
    return run.int8(0).reshape(cast(Reshape, run.node.operator).dims)


@quantized(Transpose)
def transpose(run: Run) -> Int8Array:
    return np.transpose(run.int8(0), cast(Transpose, run.node.operator).permutation)


@quantized(Pad)
def pad_any(run: Run) -> Any:
    """The value between the elements is the nearest stored one, halves to the even one."""
    operator, x = cast(Pad, run.node.operator), run.operands[0]
    assert x is not None
    affine, limits = run.affine(run.node.inputs[0]), np.iinfo(x.dtype)
    stored = np.clip(np.rint(operator.value / affine.scale) + affine.zero_point, limits.min, limits.max)
    return pad_with(operator, x, stored.astype(x.dtype))


@quantized(Pad2D)
def pad(run: Run) -> Int8Array:
    return pad2d(run.int8(0), cast(Pad2D, run.node.operator).padding, run.affine(run.node.inputs[0]).zero_point)


@quantized(Concat)
def concat(run: Run) -> Int8Array:
    operands = [run.int8(position) for position in range(len(run.node.inputs))]
    return parts.concat(operands, cast(Concat, run.node.operator).axis)


@quantized(Split)
def split(run: Run) -> tuple[Int8Array, ...]:
    operator = cast(Split, run.node.operator)
    return parts.split(run.int8(0), operator.axis, operator.sizes)
