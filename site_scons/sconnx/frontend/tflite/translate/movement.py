# SPDX-License-Identifier: Apache-2.0
"""Operators that join, cut up, and rearrange tensors."""

from __future__ import annotations

from sconnx.frontend.tflite.operand import DataTensor, Unsupported
from sconnx.frontend.tflite.operands import Operands
from sconnx.frontend.tflite.options import ConcatenationOptions, GatherOptions, PackOptions, UnpackOptions
from sconnx.frontend.tflite.translation import (
    Translation,
    axis_of,
    clamp,
    one,
    same_quantization,
    same_type,
    translates,
)
from sconnx.graph.operator import Activation, Concat, Dims, Gather, GatherND, Reshape, Split, Transpose
from sconnx.graph.tensor import DType


@translates("RESHAPE", "SQUEEZE", "EXPAND_DIMS", reads=(0,))
def reshape(node: Operands) -> Translation:
    """The new dims are those of the output; the inputs and options that repeat them are not read."""
    data, output = node.input(0), node.output()
    same_quantization(data, output)
    return one(Reshape(dims=output.dims), data, output=output)


@translates("TRANSPOSE")
def transpose(node: Operands) -> Translation:
    data, output = node.input(0), node.output()
    same_quantization(data, output)
    permutation = tuple(axis_of(axis, data.dims) for axis in node.integers(1))
    return one(Transpose(permutation=permutation), data, output=output)


@translates("CONCATENATION")
def concatenation(node: Operands) -> Translation:
    options = node.options(ConcatenationOptions)
    activation = clamp(options.activation)
    if activation is not Activation.NONE:
        raise Unsupported(f"fused activation {activation.name}")
    parts, output = _parts(node)
    return one(Concat(axis=axis_of(options.axis, output.dims)), *parts, output=output)


def _parts(node: Operands) -> tuple[tuple[DataTensor, ...], DataTensor]:
    """The inputs that make up an output, and the output."""
    parts, output = node.inputs(), node.output()
    same_type(*parts, output)
    for position, part in enumerate(parts):
        if not part.same_quantization(output):
            raise Unsupported(f"the quantisation of input {position} differs from that of its output")
    return parts, output


@translates("PACK")
def pack(node: Operands) -> Translation:
    """Tensors of equal dims along a new dimension."""
    parts, output = _parts(node)
    axis, translation = axis_of(node.options(PackOptions).axis, output.dims), Translation()
    dims = (*parts[0].dims[:axis], 1, *parts[0].dims[axis:])
    expanded = [translation.between(Reshape(dims=dims), part, like=part) for part in parts]
    return translation.into(Concat(axis=axis), *expanded, outputs=(output,))


@translates("UNPACK")
def unpack(node: Operands) -> Translation:
    data, outputs, translation = node.input(0), node.outputs(), Translation()
    for output in outputs:
        same_quantization(data, output)
    axis = axis_of(node.options(UnpackOptions).axis, data.dims)
    if data.dims[axis] != len(outputs):
        raise Unsupported(f"it has {len(outputs)} outputs; axis {axis} of dims {list(data.dims)} has {data.dims[axis]}")
    parts = translation.several(Split(axis=axis, sizes=(1,) * len(outputs)), data, like=data)
    dims = (*data.dims[:axis], *data.dims[axis + 1 :])
    for part, output in zip(parts, outputs, strict=True):
        translation.into(Reshape(dims=dims), part, outputs=(output,))
    return translation


@translates("SPLIT")
def split(node: Operands) -> Translation:
    """Into equal parts."""
    data, outputs = node.input(1), node.outputs()
    axis, count = axis_of(node.integer(0), data.dims), len(outputs)
    size, rest = divmod(data.dims[axis], count)
    if rest:
        raise Unsupported(f"axis {axis} of dims {list(data.dims)} does not fall into {count} equal parts")
    return _cut(data, outputs, axis, (size,) * count)


@translates("SPLIT_V")
def split_v(node: Operands) -> Translation:
    """Into parts of the sizes that input 1 gives; one of them may be left open by -1."""
    data, outputs, sizes = node.input(0), node.outputs(), list(node.integers(1))
    axis = axis_of(node.integer(2), data.dims)
    if sizes.count(-1) == 1:
        sizes[sizes.index(-1)] = data.dims[axis] - sum(sizes) - 1
    if len(sizes) != len(outputs):
        raise Unsupported(f"it has {len(outputs)} outputs and {len(sizes)} sizes")
    return _cut(data, outputs, axis, tuple(sizes))


def _cut(data: DataTensor, outputs: tuple[DataTensor, ...], axis: int, sizes: Dims) -> Translation:
    for output in outputs:
        same_quantization(data, output)
    return Translation().into(Split(axis=axis, sizes=sizes), data, outputs=outputs)


@translates("GATHER")
def gather(node: Operands) -> Translation:
    options = node.options(GatherOptions)
    data, indices, output = node.input(0), _indices(node, 1), node.output()
    same_quantization(data, output)
    operator = Gather(axis=axis_of(options.axis, data.dims), batch_dims=options.batch_dims)
    return one(operator, data, indices, output=output)


@translates("GATHER_ND")
def gather_nd(node: Operands) -> Translation:
    data, indices, output = node.input(0), _indices(node, 1), node.output()
    same_quantization(data, output)
    return one(GatherND(), data, indices, output=output)


@translates("EMBEDDING_LOOKUP")
def embedding_lookup(node: Operands) -> Translation:
    """Rows of a table."""
    indices, data, output = _indices(node, 0), node.input(1), node.output()
    same_quantization(data, output)
    return one(Gather(axis=0), data, indices, output=output)


def _indices(node: Operands, position: int) -> DataTensor:
    indices = node.input(position)
    if indices.dtype not in (DType.INT32, DType.INT64):
        raise Unsupported(f"input {position} is {indices.dtype.value}, not int32 or int64")
    return indices
