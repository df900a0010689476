# SPDX-License-Identifier: Apache-2.0
"""conv2d, depthwise_conv2d and fully_connected against the numpy reference, bit for bit."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import (
    Axis,
    axes,
    int8_tensor,
    int32_bias,
    replay_image,
    requantize_structure,
    requantizes,
    seeds,
    zero_points,
)
from kernel_structures import Conv2D, DepthwiseConv2D, FullyConnected

from sconnx.reference import convolution
from sconnx.reference.requantize import requantize_by
from sconnx.reference.rule import Rule

VARIANTS = ("", "dsp_")
"""The kernels of lib `generic`, and those of `arm_dsp` with the C twins of its instructions."""

weights_zero_points = st.one_of(st.just(0), zero_points)


def _padding(rows: Axis, columns: Axis) -> tuple[int, int, int, int]:
    return rows.before, columns.before, rows.after, columns.after


@kernel_settings
@given(st.data(), axes(), axes(), zero_points, weights_zero_points, seeds)
def test_conv2d(
    libraries: tuple[KernelLibrary, ...],
    data: st.DataObject,
    rows: Axis,
    columns: Axis,
    x_zero: int,
    w_zero: int,
    seed: int,
) -> None:
    groups, group_in, group_out = (data.draw(st.integers(1, most)) for most in (3, 5, 4))
    in_channels, out_channels = groups * group_in, groups * group_out
    largest = 1 << (10 + (rows.kernel * columns.kernel * group_in).bit_length())
    requantize = data.draw(requantizes(out_channels, largest))
    rng = np.random.default_rng(seed)
    x = int8_tensor(rng, rows.size, columns.size, in_channels)
    weights = int8_tensor(rng, out_channels, rows.kernel, columns.kernel, group_in)
    bias = int32_bias(rng, out_channels, largest)
    expected = convolution.conv2d(
        x[np.newaxis],
        weights,
        bias,
        input_zero_point=x_zero,
        weights_zero_point=w_zero,
        stride=(rows.stride, columns.stride),
        dilation=(rows.dilation, columns.dilation),
        padding=_padding(rows, columns),
        groups=groups,
        requantize=requantize,
    )[0]
    parameters = Conv2D(
        weights=weights,
        bias=bias,
        requantize=requantize_structure(requantize),
        input_zero_point=x_zero,
        weights_zero_point=w_zero,
        in_width=columns.size,
        in_channels=in_channels,
        out_width=columns.output,
        out_channels=out_channels,
        kernel_height=rows.kernel,
        kernel_width=columns.kernel,
        stride_width=columns.stride,
        dilation_width=columns.dilation,
        pad_left=columns.before,
        groups=groups,
    )
    image = replay_image(rows, columns.size * in_channels, columns.output * out_channels)
    for library, variant in itertools.product(libraries, VARIANTS):
        actual = library.replay(f"conv2d_{variant}{requantize.rule.value}", parameters, image, x, expected.shape)
        np.testing.assert_array_equal(actual, expected, f"{library.name} {variant}")


@kernel_settings
@given(st.data(), axes(), axes(), zero_points, weights_zero_points, seeds)
def test_depthwise_conv2d(
    libraries: tuple[KernelLibrary, ...],
    data: st.DataObject,
    rows: Axis,
    columns: Axis,
    x_zero: int,
    w_zero: int,
    seed: int,
) -> None:
    in_channels, channel_multiplier = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 4))
    out_channels = in_channels * channel_multiplier
    largest = 1 << (10 + (rows.kernel * columns.kernel).bit_length())
    requantize = data.draw(requantizes(out_channels, largest))
    rng = np.random.default_rng(seed)
    x = int8_tensor(rng, rows.size, columns.size, in_channels)
    weights = int8_tensor(rng, rows.kernel, columns.kernel, out_channels)
    bias = int32_bias(rng, out_channels, largest)
    expected = convolution.depthwise_conv2d(
        x[np.newaxis],
        weights,
        bias,
        input_zero_point=x_zero,
        weights_zero_point=w_zero,
        stride=(rows.stride, columns.stride),
        dilation=(rows.dilation, columns.dilation),
        padding=_padding(rows, columns),
        requantize=requantize,
    )[0]
    parameters = DepthwiseConv2D(
        weights=weights,
        bias=bias,
        requantize=requantize_structure(requantize),
        input_zero_point=x_zero,
        weights_zero_point=w_zero,
        in_width=columns.size,
        in_channels=in_channels,
        out_width=columns.output,
        channel_multiplier=channel_multiplier,
        kernel_height=rows.kernel,
        kernel_width=columns.kernel,
        stride_width=columns.stride,
        dilation_width=columns.dilation,
        pad_left=columns.before,
    )
    image = replay_image(rows, columns.size * in_channels, columns.output * out_channels)
    for library in libraries:
        actual = library.replay(f"depthwise_conv2d_{requantize.rule.value}", parameters, image, x, expected.shape)
        np.testing.assert_array_equal(actual, expected, library.name)


@kernel_settings
@given(
    st.data(),
    st.integers(1, 3),
    st.integers(1, 70),
    st.integers(1, 9),
    zero_points,
    weights_zero_points,
    seeds,
)
def test_fully_connected(
    libraries: tuple[KernelLibrary, ...],
    data: st.DataObject,
    batch: int,
    in_features: int,
    out_features: int,
    x_zero: int,
    w_zero: int,
    seed: int,
) -> None:
    largest = data.draw(st.sampled_from((1 << (10 + in_features.bit_length()), (1 << 31) - (1 << 23))))
    requantize = data.draw(requantizes(out_features, largest))
    rng = np.random.default_rng(seed)
    x = int8_tensor(rng, batch, in_features)
    weights = int8_tensor(rng, out_features, in_features)
    bias = int32_bias(rng, out_features, largest)
    expected = convolution.fully_connected(
        x, weights, bias, input_zero_point=x_zero, weights_zero_point=w_zero, requantize=requantize
    )
    parameters = FullyConnected(
        weights=weights,
        bias=bias,
        requantize=requantize_structure(requantize),
        input_zero_point=x_zero,
        weights_zero_point=w_zero,
        batch=batch,
        in_features=in_features,
        out_features=out_features,
    )
    for library, variant in itertools.product(libraries, VARIANTS):
        actual = library.run(f"fully_connected_s8_{variant}{requantize.rule.value}", parameters, [x], expected.shape)
        np.testing.assert_array_equal(actual, expected, f"{library.name} {variant}")


def test_pointwise_conv2d_takes_the_whole_tensor_as_one_row(libraries: tuple[KernelLibrary, ...]) -> None:
    rng = np.random.default_rng(1)
    x, weights = int8_tensor(rng, 6, 7, 8), int8_tensor(rng, 5, 1, 1, 8)
    requantize = requantize_by(Rule.TFLITE, 0.003, 0.1, 3)
    expected = convolution.conv2d(x[np.newaxis], weights, None, input_zero_point=-5, requantize=requantize)[0]
    parameters = Conv2D(
        weights=weights,
        bias=None,
        requantize=requantize_structure(requantize),
        input_zero_point=-5,
        weights_zero_point=0,
        in_width=42,
        in_channels=8,
        out_width=42,
        out_channels=5,
        kernel_height=1,
        kernel_width=1,
        stride_width=1,
        dilation_width=1,
        pad_left=0,
        groups=1,
    )
    for library in libraries:
        actual = library.run("conv2d_s8_tflite", parameters, [x], expected.shape)
        np.testing.assert_array_equal(actual, expected, library.name)
