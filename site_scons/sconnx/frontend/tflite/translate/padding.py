# SPDX-License-Identifier: Apache-2.0
"""Operators that surround a tensor."""

from __future__ import annotations

from sconnx.frontend.tflite.operand import DataTensor, Unsupported
from sconnx.frontend.tflite.operands import Operands
from sconnx.frontend.tflite.options import MirrorPadOptions
from sconnx.frontend.tflite.translation import Translation, one, same_quantization, translates
from sconnx.graph.operator import Pad, Pad2D, PadMode, Reshape

_MODES = {0: PadMode.REFLECT, 1: PadMode.SYMMETRIC}

Sides = tuple[tuple[int, int], ...]


@translates("PAD")
def pad(node: Operands) -> Translation:
    data, output, sides = _padded(node)
    return _with_zero(data, output, sides)


@translates("PADV2")
def pad_v2(node: Operands) -> Translation:
    data, output, sides = _padded(node)
    value = node.number(2, data)
    if value == 0:
        return _with_zero(data, output, sides)
    return one(Pad(before=_befores(sides), after=_afters(sides), value=value), data, output=output)


@translates("MIRROR_PAD")
def mirror_pad(node: Operands) -> Translation:
    data, output, sides = _padded(node)
    mode = node.options(MirrorPadOptions).mode
    if mode not in _MODES:
        raise Unsupported(f"mode {mode} is neither REFLECT nor SYMMETRIC")
    return one(Pad(before=_befores(sides), after=_afters(sides), mode=_MODES[mode]), data, output=output)


def _padded(node: Operands) -> tuple[DataTensor, DataTensor, Sides]:
    """The input, the output, and what is added before and behind each dimension."""
    data, output, sides = node.input(0), node.output(), node.pairs(1)
    same_quantization(data, output)
    if len(sides) != len(data.dims) or min((min(pair) for pair in sides), default=0) < 0:
        raise Unsupported(f"the padding is {[list(pair) for pair in sides]} for the dims {list(data.dims)}")
    return data, output, sides


def _befores(sides: Sides) -> tuple[int, ...]:
    return tuple(before for before, _ in sides)


def _afters(sides: Sides) -> tuple[int, ...]:
    return tuple(after for _, after in sides)


def _with_zero(data: DataTensor, output: DataTensor, sides: Sides) -> Translation:
    """Images are padded as such, for that may be folded into the convolution behind it, and sequences as images of height 1."""
    rank = len(data.dims)
    if rank not in (3, 4) or any((*sides[0], *sides[-1])):
        return one(Pad(before=_befores(sides), after=_afters(sides)), data, output=output)
    (top, bottom), (left, right) = sides[1:-1] if rank == 4 else ((0, 0), *sides[1:-1])
    operator = Pad2D(padding=(top, left, bottom, right))
    if rank == 4:
        return one(operator, data, output=output)
    translation = Translation()
    image = translation.between(Reshape(dims=(data.dims[0], 1, *data.dims[1:])), data, like=data)
    padded = translation.between(operator, image, like=output)
    return translation.into(Reshape(dims=(padded.dims[0], *padded.dims[2:])), padded, outputs=(output,))
