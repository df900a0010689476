# SPDX-License-Identifier: Apache-2.0
"""Elements written to given places: ScatterElements, and what is one with places that are known."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.onnx.binary import binary
from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.movers import reshaped
from sconnx.frontend.onnx.operands import plain
from sconnx.frontend.onnx.reduction import reduced
from sconnx.frontend.onnx.values import Folded, Unsupported, Value, View
from sconnx.frontend.onnx.writer import axes_from, wide_axes
from sconnx.graph.operator import (
    Add,
    BroadcastTo,
    Dims,
    GatherND,
    Mod,
    Mul,
    ReduceSum,
    ScatterElements,
    Scattering,
    ScatterND,
)

SCATTERINGS = {kind.value: kind for kind in Scattering}


@translates("Scatter", "ScatterElements")
def scatter_elements(call: Call) -> Value:
    reduction = call.string("reduction", "none")
    if reduction not in SCATTERINGS:
        raise Unsupported(f"reduction {reduction!r} is none that ONNX defines")
    x, indices, updates = (call.plain(position) for position in range(3))
    (axis,) = axes_from(len(x.dims), (call.integer("axis", 0),))
    operator = ScatterElements(axis=axis, scattering=SCATTERINGS[reduction])
    return call.as_value(_scattered(call, operator, (x, indices, updates)))


def _scattered(call: Call, operator: ScatterElements, views: Sequence[View]) -> View:
    dims = operator.output_dims([view.dims for view in views])
    tensors = tuple(call.writer.in_order(view) for view in views)
    output = call.writer.node(operator, tensors, None, call.index, call.writer.dtype(views[0]))
    return View(output, dims, wide_axes(dims))


def scatter_nd(call: Call) -> Value:
    """ScatterND that joins elements and updates: the place of each in the flat tensor is computed."""
    reduction = call.string("reduction", "none")
    if reduction not in SCATTERINGS:
        raise Unsupported(f"reduction {reduction!r} is none that ONNX defines")
    x, indices, updates = (call.value(position) for position in range(3))
    ScatterND().output_dims([x.dims, indices.dims, updates.dims])
    count, dtype = indices.dims[-1], call.dtype(indices).value
    if dtype not in ("int32", "int64"):
        raise Unsupported(f"its indices are {dtype}, not integers")
    sizes = np.array(x.dims[:count], dtype)
    strides = np.array([math.prod(x.dims[axis + 1 :]) for axis in range(count)], dtype)
    inside = binary(call, Mod(), indices, _made(call, "sizes", sizes))  # of negative ones, too
    places = binary(call, Mul(), inside, _made(call, "strides", strides))
    first = reduced(call, ReduceSum, places, (len(indices.dims) - 1,), keep=True)
    run = np.arange(math.prod(x.dims[count:]), dtype=dtype)
    every = binary(call, Add(), first, _made(call, "run", run))
    flat = [reshaped(call, value, (math.prod(value.dims),)) for value in (x, every, updates)]
    operator = ScatterElements(axis=0, scattering=SCATTERINGS[reduction])
    written = _scattered(call, operator, [call.named(plain, value) for value in flat])
    return call.as_value(call.writer.reshape(written, x.dims, call.index))


@translates("TensorScatter")
def tensor_scatter(call: Call) -> Value:
    """A cache [N, ..., length, ...] in which each sequence is continued from its own place; places may go round."""
    x, updates = call.value(0), call.value(1)
    count = len(x.dims)
    (axis,) = axes_from(count, (call.integer("axis", -2),))
    mode, batch = call.string("mode", "linear"), x.dims[0]
    if mode not in ("linear", "circular") or axis == 0 or len(updates.dims) != count:
        raise Unsupported(f"mode {mode!r} along axis {axis}")
    starts = call.optional(2) or _made(call, "starts", np.zeros(batch, np.int64))
    dtype, steps = call.dtype(starts).value, updates.dims[axis]
    run = np.arange(steps, dtype=dtype).reshape([steps if place == axis else 1 for place in range(count)])
    places = binary(call, Add(), reshaped(call, starts, (batch, *(1,) * (count - 1))), _made(call, "run", run))
    if mode == "circular":
        length = np.full((1,) * count, x.dims[axis], dtype)
        places = binary(call, Mod(), places, _made(call, "length", length))
    view = call.named(plain, places)
    wide = call.writer.node(
        BroadcastTo(dims=updates.dims), (call.writer.in_order(view),), None, call.index, call.writer.dtype(view)
    )
    indices = View(wide, updates.dims, wide_axes(updates.dims))
    return call.as_value(_scattered(call, ScatterElements(axis=axis), (call.plain(0), indices, call.plain(1))))


def _made(call: Call, what: str, value: NDArray[np.generic]) -> Folded:
    return Folded(f"{call.node.output[0]}/{what}", value)


def _zeros(call: Call, dims: Dims) -> View:
    """Made at run time, for a constant would take as much flash."""
    name = f"{call.node.output[0]}/zero"
    zero = call.writer.constant(name, np.zeros((1,) * len(dims), np.float32))
    return View(call.writer.node(BroadcastTo(dims=dims), (zero.tensor,), None, call.index), dims, wide_axes(dims))


@translates("Col2Im")
def columns_to_image(call: Call) -> Value:
    """The sum of blocks that overlap: each element of a column has one place in the image, or one in the padding."""
    image, block = (call.constant_integers(position, "shape") or () for position in (1, 2))
    rank = len(image)
    strides, dilations, pads = (
        call.integers(name) or (default,) * count
        for name, default, count in (("strides", 1, rank), ("dilations", 1, rank), ("pads", 0, 2 * rank))
    )
    x = call.real(0)
    numbers = (*strides, *dilations, *image, *block)
    counts = (len(block), len(strides), len(dilations), len(pads) // 2)
    if (
        len(x.dims) != 3
        or not rank
        or set(counts) != {rank}
        or len(pads) % 2
        or min(*numbers, *pads, 1) < 0
        or 0 in numbers
    ):
        raise Unsupported(f"dims {x.dims} are no columns of blocks {list(block)} of an image {list(image)}")
    places = _block_places(image, block, strides, dilations, pads)
    batch, columns = x.dims[0], x.dims[1] * x.dims[2]
    if not places.size or columns % places.size:
        raise Unsupported(f"dims {x.dims} are no columns of blocks {list(block)} of an image {list(image)}")
    channels = columns // places.size
    flat = (batch, channels, places.size)
    indices = call.writer.constant(
        f"{call.node.output[0]}/places", np.ascontiguousarray(np.broadcast_to(places.reshape(-1), flat))
    )
    updates = call.writer.reshape(x, flat, call.index)
    zeros = _zeros(call, (batch, channels, math.prod(image)))
    summed = _scattered(call, ScatterElements(axis=2, scattering=Scattering.ADD), (zeros, indices, updates))
    return call.as_value(call.writer.reshape(summed, (batch, channels, *image), call.index))


def _block_places(
    image: Dims, block: Dims, strides: Dims, dilations: Dims, pads: Dims
) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """int32 [elements of a block, blocks]: the place of each in the flat image; one behind the last is outside of it."""
    along = []
    for axis, (size, kernel, stride, dilation) in enumerate(zip(image, block, strides, dilations, strict=True)):
        before, after = pads[axis], pads[len(image) + axis]
        count = (size + before + after - (dilation * (kernel - 1) + 1)) // stride + 1
        along.append(np.arange(kernel)[:, None] * dilation - before + np.arange(max(count, 0))[None] * stride)
    outside = math.prod(image)
    places = np.full((math.prod(block), math.prod(part.shape[1] for part in along)), outside, np.int32)
    elements = itertools.product(*(range(kernel) for kernel in block))
    for row, element in enumerate(elements):
        for column, position in enumerate(itertools.product(*(range(part.shape[1]) for part in along))):
            at = [int(part[k, n]) for part, k, n in zip(along, element, position, strict=True)]
            if all(0 <= place < size for place, size in zip(at, image, strict=True)):
                places[row, column] = np.ravel_multi_index(at, image)
    return places


@translates("ReverseSequence")
def reverse_sequence(call: Call) -> Value:
    """The first elements of each sequence backwards; lengths are known."""
    x, lengths = call.plain(0), call.constant_integers(1, "sequence_lens") or ()
    time, batch = call.integer("time_axis", 0), call.integer("batch_axis", 1)
    if sorted((time, batch)) != [0, 1] or len(x.dims) < 2 or len(lengths) != x.dims[batch]:
        raise Unsupported(f"axes {time} and {batch} and {len(lengths)} lengths do not fit dims {x.dims}")
    if any(not 0 <= length <= x.dims[time] for length in lengths):
        raise Unsupported(f"lengths {list(lengths)} do not fit dims {x.dims}")
    steps, sequences = (np.arange(dim) for dim in (x.dims[time], x.dims[batch]))
    ends = np.array(lengths)[None]
    source = np.where(steps[:, None] < ends, ends - 1 - steps[:, None], steps[:, None])
    both = np.broadcast_arrays(source, sequences[None])
    indices = np.stack(both if time == 0 else both[::-1], -1)
    indices = indices if time == 0 else indices.transpose(1, 0, 2)
    places = call.writer.constant(f"{call.node.output[0]}/places", np.ascontiguousarray(indices).astype(np.int32))
    tensors = (call.writer.in_order(x), places.tensor)
    output = call.writer.node(GatherND(), tensors, None, call.index, call.writer.dtype(x))
    return call.as_value(View(output, x.dims, wide_axes(x.dims)))


@translates("MaxUnpool")
def max_unpool(call: Call) -> Value:
    """Places count in the whole output."""
    if call.optional(2) is not None:
        raise Unsupported("its output_shape is given; only the one that follows from kernel and strides is supported")
    x, indices = call.real(0), call.plain(1)
    rank = len(x.dims) - 2
    kernel = call.integers("kernel_shape") or ()
    strides, pads = call.integers("strides") or (1,) * rank, call.integers("pads") or (0,) * (2 * rank)
    if not len(kernel) == len(strides) == rank or len(pads) != 2 * rank or indices.dims != x.dims:
        raise Unsupported(f"kernel {list(kernel)} does not fit dims {x.dims}")
    sizes = zip(x.dims[2:], kernel, strides, pads[:rank], pads[rank:], strict=True)
    spatial = ((dim - 1) * stride + width - before - after for dim, width, stride, before, after in sizes)
    dims = (*x.dims[:2], *spatial)
    flat = (math.prod(x.dims),)
    updates, places = (call.writer.reshape(view, flat, call.index) for view in (x, indices))
    zeros = _zeros(call, (math.prod(dims),))
    written = _scattered(call, ScatterElements(axis=0), (zeros, places, updates))
    return call.as_value(call.writer.reshape(written, dims, call.index))
