# SPDX-License-Identifier: Apache-2.0
"""Dims as values, and operators that repeat elements to given dims. Dims are fixed, so most of it is known at import."""

from __future__ import annotations

import numpy as np

from sconnx.frontend.tflite.operand import Unsupported
from sconnx.frontend.tflite.operands import Operands
from sconnx.frontend.tflite.translation import Translation, known, one, same_quantization, translates
from sconnx.graph.operator import BroadcastTo, Tile, broadcast_dims


@translates("SHAPE", reads=())
def shape(node: Operands) -> Translation:
    return known(node.output(), np.array(node.input(0).dims))


@translates("RANK", reads=())
def rank(node: Operands) -> Translation:
    return known(node.output(), np.array(len(node.input(0).dims)))


@translates("RANGE")
def range_(node: Operands) -> Translation:
    output = node.output()
    start, limit, step = (node.number(position, output) for position in range(3))
    if step == 0:
        raise Unsupported("it goes by 0")
    return known(output, np.arange(start, limit, step))


@translates("BROADCAST_ARGS")
def broadcast_args(node: Operands) -> Translation:
    a, b = node.integers(0), node.integers(1)
    try:
        return known(node.output(), np.array(broadcast_dims([a, b])))
    except ValueError as error:
        raise Unsupported(str(error)) from None


@translates("ZEROS_LIKE", reads=())
def zeros_like(node: Operands) -> Translation:
    """Codes of 0, whatever these stand for."""
    output = node.output()
    return known(output, np.zeros(output.dims, output.dtype.value))


@translates("FILL", reads=(1,))
def fill(node: Operands) -> Translation:
    data, output = node.input(1), node.output()
    same_quantization(data, output)
    return one(BroadcastTo(dims=output.dims), data, output=output)


@translates("BROADCAST_TO", reads=(0,))
def broadcast_to(node: Operands) -> Translation:
    data, output = node.input(0), node.output()
    same_quantization(data, output)
    return one(BroadcastTo(dims=output.dims), data, output=output)


@translates("TILE", reads=(0,))
def tile(node: Operands) -> Translation:
    data, output = node.input(0), node.output()
    same_quantization(data, output)
    if len(data.dims) != len(output.dims):
        raise Unsupported(f"output 0 has the dims {list(output.dims)}; input 0 has {list(data.dims)}")
    repeats = tuple(whole // part for whole, part in zip(output.dims, data.dims, strict=True))
    return one(Tile(repeats=repeats), data, output=output)
