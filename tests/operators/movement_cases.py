# SPDX-License-Identifier: Apache-2.0
"""Cases of the operators that move elements, and of resizing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from tests.operators.case import Case, Operand, codes, constant, dims_of, given, scale, zero_point

Generator = np.random.Generator


def _ints(*values: Any) -> Operand:
    """A parameter of int32."""
    return constant(np.array(values[0] if len(values) == 1 else values, np.int32))


def _source(rng: Generator, dims: tuple[int, ...], dtype: str) -> Operand:
    return given(codes(rng, dims, dtype), scale(rng), zero_point(rng, dtype))


def _moved(x: Operand, dims: tuple[int, ...]) -> Operand:
    """An output with the quantisation of an input."""
    return replace(x, dims=tuple(int(dim) for dim in dims), value=None, given=False)


def pad(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """PAD with the zero point, PADV2 with any value, on up to four dimensions."""
    for index in range(40):
        x = _source(rng, dims_of(rng, 4 if index % 2 else int(rng.integers(1, 5))), dtype)
        sides = rng.integers(0, 4, (len(x.dims), 2)).astype(np.int32)
        inputs: tuple[Operand, ...] = (x, constant(sides))
        if operator == "PADV2":
            value = np.array(x.zero_point if index % 3 == 0 else codes(rng, (), dtype)).astype(dtype)
            inputs = (*inputs, constant(value, x.scale[0], x.zero_point))
        dims = tuple(np.array(x.dims) + sides.sum(axis=1))
        yield Case(operator, inputs, (_moved(x, dims),), "PadV2Options" if operator == "PADV2" else "PadOptions")


def mirror_pad(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(24):
        x, symmetric = _source(rng, dims_of(rng, int(rng.integers(1, 5))), dtype), index % 2
        sides = np.array([rng.integers(0, dim + symmetric, 2) for dim in x.dims], np.int32)
        dims = tuple(np.array(x.dims) + sides.sum(axis=1))
        yield Case(operator, (x, constant(sides)), (_moved(x, dims),), "MirrorPadOptions", {"mode": symmetric})


def concatenation(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(30):
        dims, count = dims_of(rng, int(rng.integers(1, 5))), int(rng.integers(1, 5))
        axis = int(rng.integers(len(dims)))
        sizes = [int(n) for n in rng.integers(1, 6, count)]
        first = _source(rng, (*dims[:axis], sizes[0], *dims[axis + 1 :]), dtype)
        further = (
            given(codes(rng, (*dims[:axis], n, *dims[axis + 1 :]), dtype), first.scale[0], first.zero_point)
            for n in sizes[1:]
        )
        output = _moved(first, (*dims[:axis], sum(sizes), *dims[axis + 1 :]))
        fields = {"axis": axis - len(dims) * (index % 2)}
        yield Case(operator, (first, *further), (output,), "ConcatenationOptions", fields)


def pack(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(24):
        dims, count = dims_of(rng, int(rng.integers(1, 4))), int(rng.integers(1, 5))
        axis = int(rng.integers(len(dims) + 1))
        first = _source(rng, dims, dtype)
        further = (given(codes(rng, dims, dtype), first.scale[0], first.zero_point) for _ in range(count - 1))
        output = _moved(first, (*dims[:axis], count, *dims[axis:]))
        fields = {"axis": axis - (len(dims) + 1) * (index % 2), "valuesCount": count}
        yield Case(operator, (first, *further), (output,), "PackOptions", fields)


def unpack(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(24):
        x = _source(rng, dims_of(rng, int(rng.integers(2, 5)), 4), dtype)
        axis = int(rng.integers(len(x.dims)))
        dims = (*x.dims[:axis], *x.dims[axis + 1 :])
        fields = {"axis": axis - len(x.dims) * (index % 2), "num": x.dims[axis]}
        yield Case(operator, (x,), (_moved(x, dims),) * x.dims[axis], "UnpackOptions", fields)


def split(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """SPLIT into equal parts, SPLIT_V into any."""
    for index in range(30):
        dims, count = dims_of(rng, int(rng.integers(1, 5))), int(rng.integers(1, 5))
        axis = int(rng.integers(len(dims)))
        sizes = [int(n) for n in rng.integers(1, 6, count)] if operator == "SPLIT_V" else [dims[axis]] * count
        x = _source(rng, (*dims[:axis], sum(sizes), *dims[axis + 1 :]), dtype)
        stated = _ints(axis - len(dims) * (index % 2))
        inputs = (x, _ints(sizes), stated) if operator == "SPLIT_V" else (stated, x)
        outputs = tuple(_moved(x, (*dims[:axis], n, *dims[axis + 1 :])) for n in sizes)
        yield Case(
            operator,
            inputs,
            outputs,
            "SplitVOptions" if operator == "SPLIT_V" else "SplitOptions",
            {"numSplits": count},
        )


def slice_(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(24):
        x = _source(rng, dims_of(rng, int(rng.integers(1, 5))), dtype)
        begin = [int(rng.integers(dim)) for dim in x.dims]
        size = [int(rng.integers(1, dim - start + 1)) for dim, start in zip(x.dims, begin, strict=True)]
        stated = [
            -1 if index % 3 == 0 and start + n == dim else n for start, n, dim in zip(begin, size, x.dims, strict=True)
        ]
        yield Case(operator, (x, _ints(begin), _ints(stated)), (_moved(x, tuple(size)),), "SliceOptions")


def strided_slice(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """The output's dims are those of numpy's slices."""
    for index in range(60):
        x = _source(rng, dims_of(rng, int(rng.integers(1, 5))), dtype)
        shown = tuple(_one_slice(rng, dim, index % 3 == 0) for dim in x.dims)
        assert x.value is not None
        result = x.value[tuple(cut for cut, _ in shown)]
        if 0 in result.shape or result.ndim == 0:
            continue
        begins = [0 if masks["begin"] else _begin(cut) for cut, masks in shown]
        ends = [0 if masks["end"] else _end(cut) for cut, masks in shown]
        strides = [cut.step if isinstance(cut, slice) else 1 for cut, _ in shown]
        fields = {
            f"{name}Mask": sum(masks[name] << axis for axis, (_, masks) in enumerate(shown))
            for name in ("begin", "end", "shrinkAxis")
        }
        inputs = (x, _ints(begins), _ints(ends), _ints(strides))
        yield Case(operator, inputs, (_moved(x, result.shape),), "StridedSliceOptions", fields)


def _begin(cut: Any) -> int:
    return int(cut.start if isinstance(cut, slice) else cut)


def _end(cut: Any) -> int:
    return int(cut.stop if isinstance(cut, slice) else cut + 1)


def _one_slice(rng: Generator, dim: int, shrink: bool) -> tuple[Any, dict[str, int]]:
    """A slice or index of numpy along one dimension, and which of the masks it sets."""
    masks = {"begin": int(rng.integers(2)), "end": int(rng.integers(2)), "shrinkAxis": 0}
    if shrink and rng.integers(3) == 0:
        return int(rng.integers(dim)), {"begin": 0, "end": 0, "shrinkAxis": 1}
    step = int(rng.choice([1, 1, 2, 3, -1, -2]))
    first, last = sorted(int(n) for n in rng.integers(0, dim + 1, 2))
    if step > 0:
        cut = slice(first - (dim if rng.integers(2) and first < dim else 0), last, step)
    else:
        cut = slice(min(last, dim - 1), first - dim - 1, step)
    return slice(None if masks["begin"] else cut.start, None if masks["end"] else cut.stop, step), masks


def gather(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(24):
        x = _source(rng, dims_of(rng, int(rng.integers(1, 4))), dtype)
        axis = int(rng.integers(len(x.dims)))
        indices = rng.integers(0, x.dims[axis], dims_of(rng, 1 + index % 2, 4)).astype(np.int32)
        given_or_not = given(indices) if index % 3 == 0 else constant(indices)
        dims = (*x.dims[:axis], *indices.shape, *x.dims[axis + 1 :])
        yield Case(operator, (x, given_or_not), (_moved(x, dims),), "GatherOptions", {"axis": axis, "batchDims": 0})


def gather_nd(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(24):
        x = _source(rng, dims_of(rng, int(rng.integers(1, 5))), dtype)
        depth = int(rng.integers(1, len(x.dims) + 1))
        lead = dims_of(rng, 1 + index % 2, 4)
        indices = np.stack([rng.integers(0, dim, lead) for dim in x.dims[:depth]], axis=-1).astype(np.int32)
        given_or_not = given(indices) if index % 3 == 0 else constant(indices)
        yield Case(operator, (x, given_or_not), (_moved(x, (*lead, *x.dims[depth:])),), "GatherNdOptions")


def resize(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    options = "ResizeBilinearOptions" if operator == "RESIZE_BILINEAR" else "ResizeNearestNeighborOptions"
    for index in range(36):
        x = _source(rng, dims_of(rng, 4, 7), dtype)
        height, width = (int(n) for n in rng.integers(1, 12, 2))
        align, half = [(False, False), (True, False), (False, True)][index % 3]
        fields = {"alignCorners": align, "halfPixelCenters": half}
        dims = (x.dims[0], height, width, x.dims[3])
        yield Case(operator, (x, _ints([height, width])), (_moved(x, dims),), options, fields)


def transpose(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for _ in range(24):
        x = _source(rng, dims_of(rng, int(rng.integers(1, 6))), dtype)
        permutation = [int(n) for n in rng.permutation(len(x.dims))]
        output = _moved(x, tuple(x.dims[axis] for axis in permutation))
        yield Case(operator, (x, _ints(permutation)), (output,), "TransposeOptions")


def reshape(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """RESHAPE, SQUEEZE and EXPAND_DIMS."""
    for _ in range(12):
        dims = dims_of(rng, int(rng.integers(1, 4)))
        axis = int(rng.integers(len(dims) + 1))
        expanded = (*dims[:axis], 1, *dims[axis:])
        if operator == "SQUEEZE":
            x = _source(rng, expanded, dtype)
            yield Case(operator, (x,), (_moved(x, dims),), "SqueezeOptions", {"squeezeDims": [axis]})
            continue
        x = _source(rng, dims, dtype)
        if operator == "EXPAND_DIMS":
            yield Case(operator, (x, _ints(axis)), (_moved(x, expanded),), "ExpandDimsOptions")
        else:
            yield Case(
                operator,
                (x, _ints([-1, dims[-1]])),
                (_moved(x, (int(np.prod(dims[:-1])), dims[-1])),),
                "ReshapeOptions",
            )


def depth_and_space(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    to_depth = operator == "SPACE_TO_DEPTH"
    for _ in range(12):
        block = int(rng.integers(1, 4))
        batch, height, width, channels = dims_of(rng, 4, 4)
        space, depth = (
            (batch, height * block, width * block, channels),
            (batch, height, width, channels * block * block),
        )
        x = _source(rng, space if to_depth else depth, dtype)
        options = "SpaceToDepthOptions" if to_depth else "DepthToSpaceOptions"
        yield Case(operator, (x,), (_moved(x, depth if to_depth else space),), options, {"blockSize": block})


def batch_and_space(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """Of images and of sequences; padded or cropped."""
    to_batch = operator == "SPACE_TO_BATCH_ND"
    for index in range(24):
        spatial = 2 if index % 3 else 1
        blocks = [int(n) for n in rng.integers(1, 4, spatial)]
        batch, channels, *counts = dims_of(rng, 2 + spatial, 4)
        whole = [count * block for count, block in zip(counts, blocks, strict=True)]
        sides = np.array([rng.integers(0, max(1, min(3, size // 2)), 2) for size in whole], np.int32)
        small = (batch, *(size - int(pair.sum()) for size, pair in zip(whole, sides, strict=True)), channels)
        large = (batch * int(np.prod(blocks)), *counts, channels)
        x = _source(rng, small if to_batch else large, dtype)
        if to_batch and sides.any():
            # tflite-micro fills with a byte that it never sets (output_offset), which is 0 where memory is fresh.
            x = replace(x, zero_point=0)
        inputs = (x, _ints(blocks), constant(sides))
        options = "SpaceToBatchNDOptions" if to_batch else "BatchToSpaceNDOptions"
        yield Case(operator, inputs, (_moved(x, large if to_batch else small),), options)


def broadcast_to(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for _ in range(40):
        dims = dims_of(rng, int(rng.integers(1, 6)), 4)
        low = tuple(1 if rng.integers(2) else dim for dim in dims)
        x = _source(rng, low[int(rng.integers(len(dims))) :], dtype)
        yield Case(operator, (x, _ints(dims)), (_moved(x, dims),), "BroadcastToOptions")


def zeros_like(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for _ in range(4):
        x = _source(rng, dims_of(rng, int(rng.integers(1, 5))), dtype)
        yield Case(operator, (x,), (_moved(x, x.dims),), "ZerosLikeOptions")


def reverse(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for _ in range(12):
        x = _source(rng, dims_of(rng, int(rng.integers(1, 5))), dtype)
        axes = [int(rng.integers(len(x.dims)))]
        yield Case(operator, (x, _ints(axes)), (_moved(x, x.dims),), "ReverseV2Options")
