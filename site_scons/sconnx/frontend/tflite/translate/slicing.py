# SPDX-License-Identifier: Apache-2.0
"""Parts of tensors."""

from __future__ import annotations

from sconnx.frontend.tflite.operand import Unsupported
from sconnx.frontend.tflite.operands import Operands
from sconnx.frontend.tflite.options import StridedSliceOptions
from sconnx.frontend.tflite.translation import Translation, axis_of, one, same_quantization, translates
from sconnx.graph.operator import Reshape, Slice


@translates("SLICE")
def slice_(node: Operands) -> Translation:
    """A size of -1 is what is left."""
    data, output = node.input(0), node.output()
    same_quantization(data, output)
    starts, sizes = node.integers(1), node.integers(2)
    if not len(starts) == len(sizes) == len(data.dims):
        raise Unsupported(f"it begins at {list(starts)} with sizes {list(sizes)} in dims {list(data.dims)}")
    extents = zip(data.dims, starts, sizes, strict=True)
    sizes = tuple(dim - start if size == -1 else size for dim, start, size in extents)
    return one(Slice(starts=starts, sizes=sizes, steps=(1,) * len(sizes)), data, output=output)


@translates("STRIDED_SLICE")
def strided_slice(node: Operands) -> Translation:
    """Python's slices, for which a bit of a mask stands for an index that is left out, or for a dimension that is dropped."""
    options = node.options(StridedSliceOptions)
    data, output, translation = node.input(0), node.output(), Translation()
    same_quantization(data, output)
    if options.ellipsis_mask or options.new_axis_mask or options.offset:
        raise Unsupported("it has an ellipsis mask, a new axis mask, or ends that count from the beginnings")
    begins, ends, steps = node.integers(1), node.integers(2), node.integers(3)
    if not len(begins) == len(ends) == len(steps) <= len(data.dims) or 0 in steps:
        raise Unsupported(f"it goes from {list(begins)} to {list(ends)} by {list(steps)} in dims {list(data.dims)}")
    starts, sizes, strides = [0] * len(data.dims), list(data.dims), [1] * len(data.dims)
    for axis, (begin, end, step) in enumerate(zip(begins, ends, steps, strict=True)):
        bit = 1 << axis
        if options.shrink_axis_mask & bit:
            starts[axis], sizes[axis] = axis_of(begin, (1,) * data.dims[axis]), 1
            continue
        cut = slice(None if options.begin_mask & bit else begin, None if options.end_mask & bit else end, step)
        shown = range(data.dims[axis])[cut]
        starts[axis], sizes[axis], strides[axis] = shown.start, len(shown), step
    operator = Slice(starts=tuple(starts), sizes=tuple(sizes), steps=tuple(strides))
    if not options.shrink_axis_mask:
        return one(operator, data, output=output)
    part = translation.between(operator, data, like=output)
    dims = tuple(size for axis, size in enumerate(sizes) if not options.shrink_axis_mask >> axis & 1)
    return translation.into(Reshape(dims=dims), part, outputs=(output,))


@translates("REVERSE_V2")
def reverse(node: Operands) -> Translation:
    data, output = node.input(0), node.output()
    same_quantization(data, output)
    axes = {axis_of(axis, data.dims) for axis in node.integers(1)}
    starts = tuple(dim - 1 if axis in axes else 0 for axis, dim in enumerate(data.dims))
    steps = tuple(-1 if axis in axes else 1 for axis in range(len(data.dims)))
    return one(Slice(starts=starts, sizes=data.dims, steps=steps), data, output=output)
