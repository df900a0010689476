# SPDX-License-Identifier: Apache-2.0
"""The plain references of convolutions, products of matrices and poolings against ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnxruntime")
from sconnx.graph import operator as op
from tests.reference.one_node import by_onnxruntime, by_reference, channels_first, channels_last, close

RANKS = (1, 2, 3)
CONVOLUTIONS = {1: op.Conv1D, 2: op.Conv2D, 3: op.Conv3D}
AVERAGES = {1: op.AveragePooling1D, 2: op.AveragePooling2D, 3: op.AveragePooling3D}
MAXIMA = {1: op.MaxPooling1D, 2: op.MaxPooling2D, 3: op.MaxPooling3D}
Generator = np.random.Generator
Window = dict[str, tuple[int, ...]]


def reals(rng: Generator, *dims: int) -> np.ndarray:
    return rng.standard_normal(dims).astype(np.float32)


def window(rng: Generator, rank: int, *, fits: bool = False) -> tuple[Window, tuple[int, ...]]:
    """Random attributes, and the size of an input; fits: padding is less than the kernel."""
    kernel = tuple(int(size) for size in rng.integers(1, 4, rank))
    dilation = tuple(int(size) for size in rng.integers(1, 3, rank))
    most = kernel if fits else (3,) * rank
    padding = tuple(int(rng.integers(0, limit)) for limit in most * 2)
    size = tuple((k - 1) * d + 1 + int(rng.integers(0, 5)) for k, d in zip(kernel, dilation, strict=True))
    stride = tuple(int(step) for step in rng.integers(1, 4, rank))
    return {"kernel_dims": kernel, "stride_dims": stride, "dilation_dims": dilation, "padding": padding}, size


def in_onnx(attributes: Window) -> dict[str, Any]:
    return {
        "kernel_shape": attributes["kernel_dims"],
        "strides": attributes["stride_dims"],
        "dilations": attributes["dilation_dims"],
        "pads": attributes["padding"],
    }


@pytest.mark.parametrize("rank", RANKS)
def test_convolutions(rank: int) -> None:
    rng = np.random.default_rng(rank)
    for round_ in range(20):
        attributes, size = window(rng, rank)
        groups, per_group, out = (int(count) for count in rng.integers(1, 4, 3))
        x = reals(rng, 2, *size, groups * per_group)
        weights = reals(rng, groups * out, *attributes["kernel_dims"], per_group)
        bias = reals(rng, groups * out) if round_ % 2 else None
        operator = CONVOLUTIONS[rank](**attributes, groups=groups)  # type: ignore[arg-type]
        operands = [channels_first(x), channels_first(weights), bias]
        (expected,) = by_onnxruntime("Conv", operands, **in_onnx(attributes), group=groups)
        close(by_reference(operator, [x, weights, bias]), [channels_last(expected)])


@pytest.mark.parametrize("rank", (1, 2))
def test_depthwise_convolutions(rank: int) -> None:
    rng = np.random.default_rng(rank)
    for _ in range(20):
        attributes, size = window(rng, rank)
        channels, multiplier = (int(count) for count in rng.integers(1, 4, 2))
        x, bias = reals(rng, 1, *size, channels), reals(rng, channels * multiplier)
        weights = reals(rng, *attributes["kernel_dims"], channels * multiplier)
        kind = op.DepthwiseConv1D if rank == 1 else op.DepthwiseConv2D
        operator = kind(**attributes, channel_multiplier=multiplier)  # type: ignore[arg-type]
        grouped = np.ascontiguousarray(np.moveaxis(weights, -1, 0)[:, np.newaxis])
        (expected,) = by_onnxruntime("Conv", [channels_first(x), grouped, bias], **in_onnx(attributes), group=channels)
        close(by_reference(operator, [x, weights, bias]), [channels_last(expected)])


@pytest.mark.parametrize("rank", (1, 2))
def test_transposed_convolutions(rank: int) -> None:
    rng = np.random.default_rng(rank)
    for _ in range(30):
        attributes, size = window(rng, rank, fits=True)
        more = tuple(int(rng.integers(0, stride)) for stride in attributes["stride_dims"])
        groups, per_group, out = (int(count) for count in rng.integers(1, 4, 3))
        x, bias = reals(rng, 2, *size, groups * per_group), reals(rng, groups * out)
        weights = reals(rng, groups * out, *attributes["kernel_dims"], per_group)
        kind = op.TransposedConv1D if rank == 1 else op.TransposedConv2D
        operator = kind(**attributes, output_padding=more, groups=groups)  # type: ignore[arg-type]
        by_input = weights.reshape(groups, out, *attributes["kernel_dims"], per_group)
        by_input = np.moveaxis(by_input, -1, 1).reshape(groups * per_group, out, *attributes["kernel_dims"])
        operands = [channels_first(x), np.ascontiguousarray(by_input), bias]
        (expected,) = by_onnxruntime(
            "ConvTranspose", operands, **in_onnx(attributes), group=groups, output_padding=more
        )
        close(by_reference(operator, [x, weights, bias]), [channels_last(expected)])


def test_negative_padding_of_a_transposed_convolution_adds_biases() -> None:
    x, weights, bias = np.ones((1, 2, 1), np.float32), np.full((1, 1, 1), 3, np.float32), np.ones(1, np.float32)
    operator = op.TransposedConv1D(kernel_dims=(1,), stride_dims=(2,), padding=(-1, -2))
    (y,) = by_reference(operator, [x, weights, bias])
    assert y[0, :, 0].tolist() == [1, 4, 1, 4, 1, 1]


def test_products_of_matrices() -> None:
    rng = np.random.default_rng(4)
    for a, b in (((3, 4), (4, 5)), ((2, 1, 3, 4), (5, 4, 2)), ((6, 2, 3), (3, 3))):
        left, right = reals(rng, *a), reals(rng, *b)
        expected = by_onnxruntime("MatMul", [left, right])
        close(by_reference(op.MatMul(), [left, right]), expected)
        turned = [np.ascontiguousarray(np.swapaxes(values, -1, -2)) for values in (left, right)]
        close(by_reference(op.MatMul(transpose_a=True, transpose_b=True), turned), expected)
    x, weights, bias = reals(rng, 3, 7), reals(rng, 5, 7), reals(rng, 5)
    close(by_reference(op.FullyConnected(), [x, weights, bias]), by_onnxruntime("Gemm", [x, weights, bias], transB=1))


@pytest.mark.parametrize("rank", RANKS)
def test_poolings(rank: int) -> None:
    rng = np.random.default_rng(rank)
    for round_ in range(20):
        attributes, size = window(rng, rank, fits=True)
        x = reals(rng, 2, *size, 3)
        count = bool(round_ % 2)
        (average,) = by_onnxruntime(
            "AveragePool", [channels_first(x)], **in_onnx(attributes), count_include_pad=int(count)
        )
        operator = AVERAGES[rank](**attributes, count_include_pad=count)  # type: ignore[arg-type]
        close(by_reference(operator, [x]), [channels_last(average)])
        (largest,) = by_onnxruntime("MaxPool", [channels_first(x)], **in_onnx(attributes))
        close(by_reference(MAXIMA[rank](**attributes), [x]), [channels_last(largest)])  # type: ignore[arg-type]


@pytest.mark.parametrize("power", [1, 2, 3])
def test_lp_pooling(power: int) -> None:
    rng = np.random.default_rng(power)
    for _ in range(10):
        attributes, size = window(rng, 2, fits=True)
        x = reals(rng, 1, *size, 3)
        (expected,) = by_onnxruntime("LpPool", [channels_first(x)], **in_onnx(attributes), p=power)
        operator = op.LpPooling2D(**attributes, p=power)  # type: ignore[arg-type]
        close(by_reference(operator, [x]), [channels_last(expected)])


@pytest.mark.parametrize(
    ("activation", "limits"),
    [
        (op.Activation.RELU, (0, np.inf)),
        (op.Activation.RELU6, (0, 6)),
        (op.Activation.RELU_N1_TO_1, (-1, 1)),
    ],
)
def test_activations_at_the_end(activation: op.Activation, limits: tuple[float, float]) -> None:
    rng = np.random.default_rng(5)
    x, weights = 4 * reals(rng, 6, 5), reals(rng, 4, 5)
    (plain,) = by_reference(op.FullyConnected(), [x, weights])
    (clamped,) = by_reference(op.FullyConnected(activation=activation), [x, weights])
    np.testing.assert_array_equal(clamped, np.clip(plain, *limits))
