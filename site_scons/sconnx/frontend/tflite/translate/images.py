# SPDX-License-Identifier: Apache-2.0
"""Operators that rearrange or resample images."""

from __future__ import annotations

from sconnx.frontend.tflite.operand import DataTensor, Unsupported
from sconnx.frontend.tflite.operands import Operands
from sconnx.frontend.tflite.options import BlockOptions, ResizeBilinearOptions, ResizeNearestNeighborOptions
from sconnx.frontend.tflite.translate.window import image_of
from sconnx.frontend.tflite.translation import Translation, one, same_quantization, translates
from sconnx.graph.operator import Coordinates, Interpolation, Nearest, Pad, Reshape, Resize, Slice, Transpose


@translates("RESIZE_BILINEAR", reads=(0,))
def resize_bilinear(node: Operands) -> Translation:
    options = node.options(ResizeBilinearOptions)
    return _resize(node, Interpolation.LINEAR, options.align_corners, options.half_pixel_centers)


@translates("RESIZE_NEAREST_NEIGHBOR", reads=(0,))
def resize_nearest_neighbor(node: Operands) -> Translation:
    options = node.options(ResizeNearestNeighborOptions)
    return _resize(node, Interpolation.NEAREST, options.align_corners, options.half_pixel_centers)


def _resize(node: Operands, interpolation: Interpolation, align: bool, half_pixel: bool) -> Translation:
    """To the size of the output. TFLite takes the pixel at floor(y * scale), or round(y * scale) with aligned corners, or
    floor((y + 0.5) * scale) with centres of pixels, which is the rounding of (y + 0.5) * scale - 0.5."""
    image, output = image_of(node.input(0)), node.output()
    same_quantization(image, output)
    if (image.dims[0], image.dims[-1]) != (output.dims[0], output.dims[-1]):
        raise Unsupported(f"output 0 has the dims {list(output.dims)}; those of the image are {list(image.dims)}")
    if align and half_pixel:
        raise Unsupported("both align_corners and half_pixel_centers")
    coordinates, nearest = Coordinates.ASYMMETRIC, Nearest.FLOOR
    if align or half_pixel:
        coordinates = Coordinates.ALIGN_CORNERS if align else Coordinates.HALF_PIXEL
        nearest = Nearest.ROUND_PREFER_CEIL
    operator = Resize(dims=output.dims, interpolation=interpolation, coordinates=coordinates, nearest=nearest)
    return one(operator, image, output=output)


@translates("SPACE_TO_DEPTH")
def space_to_depth(node: Operands) -> Translation:
    image, output, block, translation = *_blocked(node), Translation()
    batch, height, width, channels = image.dims
    if height % block or width % block:
        raise Unsupported(f"blocks of {block} by {block} do not divide the dims {list(image.dims)}")
    blocks = (batch, height // block, block, width // block, block, channels)
    apart = translation.between(Reshape(dims=blocks), image, like=output)
    moved = translation.between(Transpose(permutation=(0, 1, 3, 2, 4, 5)), apart, like=output)
    dims = (batch, height // block, width // block, channels * block * block)
    return translation.into(Reshape(dims=dims), moved, outputs=(output,))


@translates("DEPTH_TO_SPACE")
def depth_to_space(node: Operands) -> Translation:
    image, output, block, translation = *_blocked(node), Translation()
    batch, height, width, channels = image.dims
    if channels % (block * block):
        raise Unsupported(f"blocks of {block} by {block} do not divide the dims {list(image.dims)}")
    depth = channels // (block * block)
    apart = translation.between(Reshape(dims=(batch, height, width, block, block, depth)), image, like=output)
    moved = translation.between(Transpose(permutation=(0, 1, 3, 2, 4, 5)), apart, like=output)
    return translation.into(Reshape(dims=(batch, height * block, width * block, depth)), moved, outputs=(output,))


def _blocked(node: Operands) -> tuple[DataTensor, DataTensor, int]:
    image, output, block = image_of(node.input(0)), node.output(), node.options(BlockOptions).block_size
    same_quantization(image, output)
    if block < 1:
        raise Unsupported(f"blocks of {block} by {block}")
    return image, output, block


@translates("SPACE_TO_BATCH_ND")
def space_to_batch_nd(node: Operands) -> Translation:
    """Pads, then makes every block-th element along each spatial dimension a batch of its own."""
    data, output, blocks, sides, translation = *_batched(node), Translation()
    if any(any(pair) for pair in sides):
        more = ((0, 0), *sides, *((0, 0),) * (len(data.dims) - 1 - len(blocks)))
        operator = Pad(before=tuple(pair[0] for pair in more), after=tuple(pair[1] for pair in more))
        data = translation.between(operator, data, like=output)
    batch, spatial, rest = data.dims[0], data.dims[1 : 1 + len(blocks)], data.dims[1 + len(blocks) :]
    if any(size % block for size, block in zip(spatial, blocks, strict=True)):
        raise Unsupported(f"blocks of {list(blocks)} do not divide the dims {list(data.dims)}")
    counts = tuple(size // block for size, block in zip(spatial, blocks, strict=True))
    pairs = tuple(size for pair in zip(counts, blocks, strict=True) for size in pair)
    apart = translation.between(Reshape(dims=(batch, *pairs, *rest)), data, like=output)
    order = (*range(2, 2 * len(blocks) + 1, 2), 0, *range(1, 2 * len(blocks), 2))
    order = (*order, *range(len(order), len(apart.dims)))
    moved = translation.between(Transpose(permutation=order), apart, like=output)
    return translation.into_reshaped(Reshape(dims=output.dims), moved, output=output)


@translates("BATCH_TO_SPACE_ND")
def batch_to_space_nd(node: Operands) -> Translation:
    """The inverse: interleaves batches along the spatial dimensions, then crops."""
    data, output, blocks, crops, translation = *_batched(node), Translation()
    count, spatial, rest = len(blocks), data.dims[1 : 1 + len(blocks)], data.dims[1 + len(blocks) :]
    batch = data.dims[0]
    for block in blocks:
        if batch % block:
            raise Unsupported(f"blocks of {list(blocks)} do not divide the dims {list(data.dims)}")
        batch //= block
    apart = translation.between(Reshape(dims=(*blocks, batch, *spatial, *rest)), data, like=output)
    pairs = tuple(axis for i in range(count) for axis in (count + 1 + i, i))
    order = (count, *pairs, *range(2 * count + 1, len(apart.dims)))
    moved = translation.between(Transpose(permutation=order), apart, like=output)
    whole = (batch, *(size * block for size, block in zip(spatial, blocks, strict=True)), *rest)
    if not any(any(pair) for pair in crops):
        return translation.into(Reshape(dims=whole), moved, outputs=(output,))
    joined = translation.between(Reshape(dims=whole), moved, like=output)
    starts = (0, *(before for before, _ in crops), *(0,) * len(rest))
    operator = Slice(starts=starts, sizes=output.dims, steps=(1,) * len(starts))
    return translation.into(operator, joined, outputs=(output,))


def _batched(node: Operands) -> tuple[DataTensor, DataTensor, tuple[int, ...], tuple[tuple[int, int], ...]]:
    """The input, the output, the blocks of the spatial dimensions, and what is padded or cropped of these."""
    data, output, blocks, sides = node.input(0), node.output(), node.integers(1), node.pairs(2)
    same_quantization(data, output)
    if len(blocks) != len(sides) or len(blocks) >= len(data.dims) or min((*blocks, 1)) < 1:
        raise Unsupported(f"blocks of {list(blocks)} in dims {list(data.dims)}")
    return data, output, blocks, sides
