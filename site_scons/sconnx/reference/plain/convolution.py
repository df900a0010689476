# SPDX-License-Identifier: Apache-2.0
"""Convolutions and products of matrices. Sums of products are gathered in float64."""

from __future__ import annotations

import numpy as np

from sconnx.graph.operator import (
    Conv1D,
    Conv2D,
    Conv3D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    Dims,
    FullyConnected,
    MatMul,
    TransposedConv1D,
    TransposedConv2D,
)
from sconnx.reference.plain.activation import activate
from sconnx.reference.plain.registry import Array, plain
from sconnx.reference.plain.sliding import taps


def wide(x: Array) -> Array:
    """Floats in float64, in which sums of products of float32 hardly round; integers as they are."""
    return x.astype(np.float64) if np.issubdtype(x.dtype, np.floating) else x


@plain(Conv1D, Conv2D, Conv3D)
def convolution(operator: Conv1D | Conv2D | Conv3D, x: Array, weights: Array, bias: Array | None = None) -> Array:
    """x [N, ..., C], weights [O, ..., C/groups]."""
    groups = operator.groups
    by_group = wide(weights).reshape(groups, len(weights) // groups, *weights.shape[1:])
    sums: Array | float = 0.0
    window = (operator.kernel_dims, operator.stride_dims, operator.dilation_dims, operator.padding)
    for position, values in taps(wide(x), *window, fill=0):
        parts = values.reshape(*values.shape[:-1], groups, -1)
        sums = sums + np.einsum("...gc,goc->...go", parts, _at(by_group, position))
    summed = np.asarray(sums)
    return activate(_biased(summed.reshape(*summed.shape[:-2], -1), bias), operator.activation)


@plain(DepthwiseConv1D, DepthwiseConv2D)
def depthwise(
    operator: DepthwiseConv1D | DepthwiseConv2D, x: Array, weights: Array, bias: Array | None = None
) -> Array:
    """x [N, ..., C], weights [..., C * multiplier]."""
    sums: Array | float = 0.0
    window = (operator.kernel_dims, operator.stride_dims, operator.dilation_dims, operator.padding)
    for position, values in taps(wide(x), *window, fill=0):
        sums = sums + np.repeat(values, operator.channel_multiplier, axis=-1) * wide(weights)[position]
    return activate(_biased(np.asarray(sums), bias), operator.activation)


@plain(TransposedConv1D, TransposedConv2D)
def transposed(
    operator: TransposedConv1D | TransposedConv2D, x: Array, weights: Array, bias: Array | None = None
) -> Array:
    """x [N, ..., C], weights [O, ..., C/groups]: every input element adds its share to the outputs under the kernel."""
    groups, rank = operator.groups, len(operator.kernel_dims)
    dims = operator.output_dims([x.shape, weights.shape])
    by_group = wide(weights).reshape(groups, len(weights) // groups, *weights.shape[1:])
    parts = wide(x).reshape(*x.shape[:-1], groups, -1)
    axes = zip(x.shape[1:-1], operator.kernel_dims, operator.stride_dims, operator.dilation_dims, strict=True)
    before, after = operator.padding[:rank], operator.padding[rank:]
    # The whole plane that the kernel reaches, with room for what negative padding adds.
    reach = [(size - 1) * stride + (kernel - 1) * dilation + 1 for size, kernel, stride, dilation in axes]
    more = [max(0, -low) for low in before]
    size = [
        add + length + more_after + max(0, -high)
        for add, length, more_after, high in zip(more, reach, operator.output_padding, after, strict=True)
    ]
    plane = np.zeros((len(x), *size, dims[-1]))
    for position in np.ndindex(*operator.kernel_dims):
        starts = [
            add + index * dilation for add, index, dilation in zip(more, position, operator.dilation_dims, strict=True)
        ]
        under = tuple(
            slice(start, start + (count - 1) * stride + 1, stride)
            for start, count, stride in zip(starts, x.shape[1:-1], operator.stride_dims, strict=True)
        )
        share = np.einsum("...gc,goc->...go", parts, _at(by_group, position))
        plane[(slice(None), *under)] += share.reshape(*share.shape[:-2], -1)
    first = [low + add for low, add in zip(before, more, strict=True)]
    inside = tuple(slice(start, start + count) for start, count in zip(first, dims[1:-1], strict=True))
    return activate(_biased(plane[(slice(None), *inside)], bias), operator.activation)


@plain(FullyConnected)
def fully_connected(operator: FullyConnected, x: Array, weights: Array, bias: Array | None = None) -> Array:
    return activate(_biased(wide(x) @ wide(weights).T, bias), operator.activation)


@plain(MatMul)
def matmul(operator: MatMul, a: Array, b: Array) -> Array:
    left = np.swapaxes(a, -1, -2) if operator.transpose_a else a
    right = np.swapaxes(b, -1, -2) if operator.transpose_b else b
    return activate(wide(left) @ wide(right), operator.activation)


def _at(by_group: Array, position: Dims) -> Array:
    """Weights [groups, O/groups, C/groups] of one kernel element."""
    return np.asarray(np.moveaxis(by_group, (0, 1), (-3, -2))[position])


def _biased(sums: Array, bias: Array | None) -> Array:
    return sums if bias is None else sums + wide(bias)
