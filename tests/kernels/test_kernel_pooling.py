# SPDX-License-Identifier: Apache-2.0
"""average_pooling2d and max_pooling2d against the numpy reference, bit for bit, also those that fold the rows one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import Int8Array, KernelLibrary, kernel_settings
from kernel_strategies import Axis, axes, int8_tensor, limits, replay_image, rules, seeds, zero_points
from kernel_structures import AveragePooling2D, MaxPooling2D

from sconnx.reference import pooling
from sconnx.reference.rule import Rule

pooling_axes = axes(dilated=False, only_padding=False)
whole_heights = st.integers(1, 9).map(lambda height: Axis(height, height, 1, 1, 0, 0))
channel_counts = st.one_of(st.integers(1, 9), st.sampled_from((17, 70)))
flags = st.booleans()
VARIANTS = ("", "dsp_", "mve_")
"""The kernels of lib `generic`, and those of `arm_dsp` and `arm_mve` with the C twins of their instructions."""


def average_case(
    rule: Rule,
    rows: Axis,
    columns: Axis,
    channels: int,
    zeros: tuple[int, int],
    clamp: tuple[int, int],
    count_include_pad: bool,
    seed: int,
    image: Int8Array | None = None,
) -> tuple[Int8Array, AveragePooling2D, Int8Array]:
    """A random image or a given one, the parameters, and the reference's output; zeros: of input and output."""
    rng = np.random.default_rng(seed)
    area = rows.kernel * columns.kernel
    onnx = rule is Rule.ONNX
    count_include_pad = onnx and count_include_pad
    scale = rng.uniform(0.3, 3.0)
    factors = (np.float32(scale) / np.arange(1, area + 1, dtype=np.float32)).view(np.int32)
    average = pooling.AveragePool(rule, factors, count_include_pad, *zeros, *clamp)
    x = int8_tensor(rng, rows.size, columns.size, channels) if image is None else image
    expected = pooling.average_pooling2d(
        x[np.newaxis],
        kernel=(rows.kernel, columns.kernel),
        stride=(rows.stride, columns.stride),
        padding=(rows.before, columns.before, rows.after, columns.after),
        average=average,
    )[0]
    parameters = AveragePooling2D(
        factor=(factors[-1:] if count_include_pad else factors) if onnx else None,
        factor_step=int(not count_include_pad),
        input_zero_point=zeros[0],
        zero_point=zeros[1],
        minimum=clamp[0],
        maximum=clamp[1],
        in_width=columns.size,
        channels=channels,
        out_width=columns.output,
        kernel_height=rows.kernel,
        kernel_width=columns.kernel,
        stride_width=columns.stride,
        pad_left=columns.before,
    )
    return x, parameters, expected


def max_case(
    rows: Axis, columns: Axis, channels: int, clamp: tuple[int, int], seed: int
) -> tuple[Int8Array, MaxPooling2D, Int8Array]:
    """A random image, the parameters, and the reference's output."""
    x = int8_tensor(np.random.default_rng(seed), rows.size, columns.size, channels)
    expected = pooling.max_pooling2d(
        x[np.newaxis],
        kernel=(rows.kernel, columns.kernel),
        stride=(rows.stride, columns.stride),
        dilation=(rows.dilation, columns.dilation),
        padding=(rows.before, columns.before, rows.after, columns.after),
        minimum=clamp[0],
        maximum=clamp[1],
    )[0]
    parameters = MaxPooling2D(
        minimum=clamp[0],
        maximum=clamp[1],
        in_width=columns.size,
        channels=channels,
        out_width=columns.output,
        kernel_height=rows.kernel,
        kernel_width=columns.kernel,
        stride_width=columns.stride,
        dilation_width=columns.dilation,
        pad_left=columns.before,
    )
    return x, parameters, expected


@kernel_settings
@given(rules, pooling_axes, pooling_axes, channel_counts, st.tuples(zero_points, zero_points), limits(), flags, seeds)
def test_average_pooling2d(
    libraries: tuple[KernelLibrary, ...],
    rule: Rule,
    rows: Axis,
    columns: Axis,
    channels: int,
    zeros: tuple[int, int],
    clamp: tuple[int, int],
    count_include_pad: bool,
    seed: int,
) -> None:
    x, parameters, expected = average_case(rule, rows, columns, channels, zeros, clamp, count_include_pad, seed)
    image = replay_image(rows, columns.size * channels, columns.output * channels)
    for library, variant in itertools.product(libraries, VARIANTS):
        actual = library.replay(f"average_pooling2d_{variant}{rule.value}", parameters, image, x, expected.shape)
        np.testing.assert_array_equal(actual, expected, f"{library.name} {variant}")


@kernel_settings
@given(axes(), axes(), channel_counts, limits(), seeds)
def test_max_pooling2d(
    libraries: tuple[KernelLibrary, ...],
    rows: Axis,
    columns: Axis,
    channels: int,
    clamp: tuple[int, int],
    seed: int,
) -> None:
    x, parameters, expected = max_case(rows, columns, channels, clamp, seed)
    image = replay_image(rows, columns.size * channels, columns.output * channels)
    for library, variant in itertools.product(libraries, VARIANTS):
        actual = library.replay(f"max_pooling2d_{variant}exact", parameters, image, x, expected.shape)
        np.testing.assert_array_equal(actual, expected, f"{library.name} {variant}")


@pytest.mark.parametrize("in_place", [False, True])
@kernel_settings
@given(rules, whole_heights, pooling_axes, channel_counts, st.tuples(zero_points, zero_points), limits(), flags, seeds)
def test_average_pooling2d_fold(
    libraries: tuple[KernelLibrary, ...],
    in_place: bool,
    rule: Rule,
    rows: Axis,
    columns: Axis,
    channels: int,
    zeros: tuple[int, int],
    clamp: tuple[int, int],
    count_include_pad: bool,
    seed: int,
) -> None:
    x, parameters, expected = average_case(rule, rows, columns, channels, zeros, clamp, count_include_pad, seed)
    for library, variant in itertools.product(libraries, VARIANTS):
        kernel = f"average_pooling2d_fold_s8_{variant}{rule.value}"
        actual = library.fold(kernel, parameters, x, expected.shape, 4 * expected.size, in_place)
        np.testing.assert_array_equal(actual, expected, f"{library.name} {variant}")


@pytest.mark.parametrize("in_place", [False, True])
@kernel_settings
@given(whole_heights, axes(), channel_counts, limits(), seeds)
def test_max_pooling2d_fold(
    libraries: tuple[KernelLibrary, ...],
    in_place: bool,
    rows: Axis,
    columns: Axis,
    channels: int,
    clamp: tuple[int, int],
    seed: int,
) -> None:
    x, parameters, expected = max_case(rows, columns, channels, clamp, seed)
    for library, variant in itertools.product(libraries, VARIANTS):
        kernel = f"max_pooling2d_fold_s8_{variant}exact"
        actual = library.fold(kernel, parameters, x, expected.shape, expected.size, in_place)
        np.testing.assert_array_equal(actual, expected, f"{library.name} {variant}")


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize(("height", "width"), [(1, 700), (17, 16), (16, 16)])
@pytest.mark.parametrize("extreme", [-128, 127])
def test_average_of_a_large_window(
    libraries: tuple[KernelLibrary, ...], rule: Rule, height: int, width: int, extreme: int
) -> None:
    """Sums that an int16 has no room for, or just so."""
    rows, columns = Axis(height, height, 1, 1, 0, 0), Axis(width, width, 1, 1, 0, 0)
    image = np.full((height, width, 6), extreme, np.int8)
    x, parameters, expected = average_case(rule, rows, columns, 6, (5, -9), (-128, 127), False, 1, image)
    rows_of_it = replay_image(rows, width * 6, 6)
    for library, variant in itertools.product(libraries, VARIANTS):
        kernel = f"average_pooling2d_fold_s8_{variant}{rule.value}"
        np.testing.assert_array_equal(library.fold(kernel, parameters, x, expected.shape, 4 * 6), expected)
        kernel = f"average_pooling2d_{variant}{rule.value}"
        np.testing.assert_array_equal(library.replay(kernel, parameters, rows_of_it, x, expected.shape), expected)
