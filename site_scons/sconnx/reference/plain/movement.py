# SPDX-License-Identifier: Apache-2.0
"""Operators that move elements, whatever these stand for."""

from __future__ import annotations

import numpy as np

from sconnx.graph.operator import (
    BroadcastTo,
    Concat,
    Gather,
    GatherElements,
    GatherND,
    Pad,
    Pad2D,
    PadMode,
    Reshape,
    ScatterND,
    Slice,
    Split,
    Tile,
    Transpose,
)
from sconnx.reference.pad import pad2d
from sconnx.reference.plain.registry import Array, plain

PAD_MODES = {
    PadMode.REFLECT: "reflect",
    PadMode.SYMMETRIC: "symmetric",
    PadMode.EDGE: "edge",
    PadMode.WRAP: "wrap",
}
"""What numpy calls the modes other than CONSTANT."""


@plain(Reshape)
def reshape(operator: Reshape, x: Array, *_: Array | None) -> Array:
    return x.reshape(operator.dims)


@plain(Transpose)
def transpose(operator: Transpose, x: Array) -> Array:
    return np.transpose(x, operator.permutation)


@plain(Concat)
def concat(operator: Concat, *parts: Array) -> Array:
    return np.concatenate(parts, axis=operator.axis)


@plain(Split)
def split(operator: Split, x: Array, *_: Array | None) -> tuple[Array, ...]:
    return tuple(np.split(x, np.cumsum(operator.sizes)[:-1], axis=operator.axis))


def pad_with(operator: Pad, x: Array, value: Array) -> Array:
    """x cut off where pads are negative, then surrounded; `value` is an element."""
    kept = tuple(
        slice(max(-before, 0), dim - max(-after, 0))
        for dim, before, after in zip(x.shape, operator.before, operator.after, strict=True)
    )
    widths = [(max(before, 0), max(after, 0)) for before, after in zip(operator.before, operator.after, strict=True)]
    if operator.mode is PadMode.CONSTANT:
        return np.pad(x[kept], widths, constant_values=value)
    return np.pad(x[kept], widths, mode=PAD_MODES[operator.mode])  # type: ignore[call-overload,no-any-return]


@plain(Pad)
def pad(operator: Pad, x: Array, *_: Array | None) -> Array:
    return pad_with(operator, x, np.array(operator.value).astype(x.dtype))


@plain(Pad2D)
def pad_image(operator: Pad2D, x: Array, *_: Array | None) -> Array:
    """x [N, H, W, C] surrounded by 0."""
    return pad2d(x, operator.padding, 0)


@plain(Slice)
def slice_(operator: Slice, x: Array, *_: Array | None) -> Array:
    indices = (
        start + np.arange(size) * step
        for start, size, step in zip(operator.starts, operator.sizes, operator.steps, strict=True)
    )
    return x[np.ix_(*indices)] if x.ndim else x


@plain(Gather)
def gather(operator: Gather, x: Array, indices: Array) -> Array:
    if not operator.batch_dims:
        return np.take(x, indices, axis=operator.axis)
    batch = x.shape[: operator.batch_dims]
    axis = operator.axis - operator.batch_dims
    parts = [np.take(x[place], indices[place], axis=axis) for place in np.ndindex(batch)]
    return np.stack(parts).reshape((*batch, *parts[0].shape))


@plain(GatherElements)
def gather_elements(operator: GatherElements, x: Array, indices: Array) -> Array:
    places: list[Array] = list(np.indices(indices.shape))
    places[operator.axis] = indices
    found: Array = x[tuple(places)]
    return found


@plain(GatherND)
def gather_nd(operator: GatherND, x: Array, indices: Array) -> Array:
    batch = indices.shape[: operator.batch_dims]
    parts = [x[place][tuple(np.moveaxis(indices[place], -1, 0))] for place in np.ndindex(batch)]
    return np.stack(parts).reshape((*batch, *parts[0].shape))


@plain(ScatterND)
def scatter_nd(_: ScatterND, x: Array, indices: Array, updates: Array) -> Array:
    result = x.copy()
    for place in np.ndindex(indices.shape[:-1]):
        result[tuple(indices[place])] = updates[place]
    return result


@plain(BroadcastTo)
def broadcast_to(operator: BroadcastTo, x: Array, *_: Array | None) -> Array:
    return np.broadcast_to(x, operator.dims)


@plain(Tile)
def tile(operator: Tile, x: Array, *_: Array | None) -> Array:
    return np.tile(x, operator.repeats)
