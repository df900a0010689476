# SPDX-License-Identifier: Apache-2.0
"""Dims and multiply-accumulates of operators, and one-dimensional operators as two-dimensional ones."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sconnx.graph.operator import (
    Activation,
    AveragePooling1D,
    AveragePooling2D,
    Concat,
    Conv1D,
    Conv2D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    Dims,
    MaxPooling1D,
    MaxPooling2D,
    Mul,
    Operator,
    Pad2D,
    Split,
    Sub,
    as_2d,
)

PAIRS: list[tuple[type[Operator], type[Operator]]] = [
    (Conv1D, Conv2D),
    (DepthwiseConv1D, DepthwiseConv2D),
    (AveragePooling1D, AveragePooling2D),
    (MaxPooling1D, MaxPooling2D),
]


@pytest.mark.parametrize(("of_sequence", "of_image"), PAIRS)
@given(
    length=st.integers(1, 12),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 3),
    padding=st.tuples(st.integers(0, 4), st.integers(0, 4)),
)
def test_a_sequence_is_an_image_of_height_1(
    of_sequence: type[Operator],
    of_image: type[Operator],
    length: int,
    kernel: int,
    stride: int,
    dilation: int,
    padding: tuple[int, int],
) -> None:
    names = {field.name for field in fields(of_sequence)}
    assert names == {field.name for field in fields(of_image)}
    given = {"kernel_dims": (kernel,), "stride_dims": (stride,), "dilation_dims": (dilation,), "padding": padding}
    operator = of_sequence(
        **{name: value for name, value in given.items() if name in names}, activation=Activation.RELU
    )
    image = as_2d(operator)
    assert type(image) is of_image
    assert as_2d(image) is image
    last = {Conv1D: [(5, kernel, 3)], DepthwiseConv1D: [(kernel, 3)]}.get(of_sequence, [])
    inputs: list[Dims] = [(1, length, 3), *last]
    taller = [(*dims[:-2], 1, *dims[-2:]) for dims in inputs]
    span = (kernel - 1) * (dilation if "dilation_dims" in names else 1) + 1
    if span > length + sum(padding):
        with pytest.raises(ValueError, match="does not fit input dims"):
            operator.output_dims(inputs)
        return
    batch, windows, channels = operator.output_dims(inputs)
    assert windows == len(range(0, length + sum(padding) - span + 1, stride))
    assert image.output_dims(taller) == (batch, 1, windows, channels)
    macs = {Conv1D: 5 * windows * kernel * 3, DepthwiseConv1D: 3 * windows * kernel}.get(of_sequence, 0)
    assert operator.macs(inputs, (batch, windows, channels)) == macs
    assert image.macs(taller, (batch, 1, windows, channels)) == macs


def test_pad() -> None:
    operator = Pad2D(padding=(1, 2, 3, 4))
    assert operator.output_dims([(1, 5, 6, 7)]) == (1, 9, 12, 7)
    assert operator.macs([(1, 5, 6, 7)], (1, 9, 12, 7)) == 0


def test_parts_and_the_whole() -> None:
    parts: list[Dims] = [(2, 3, 4), (2, 1, 4), (2, 5, 4)]
    assert Concat(axis=1).output_dims(parts) == (2, 9, 4)
    assert Concat(axis=1).dims_of_outputs(parts) == ((2, 9, 4),)
    assert Split(axis=1, sizes=(3, 1, 5)).dims_of_outputs([(2, 9, 4)]) == tuple(parts)
    assert Split(axis=1, sizes=(3, 1, 5)).output_dims([(2, 9, 4)]) == parts[0]


@pytest.mark.parametrize(
    ("operator", "inputs", "message"),
    [
        (Concat(axis=3), [(1, 5, 6)], "axis 3 does not fit dims (1, 5, 6)"),
        (Concat(axis=-1), [(1, 5, 6)], "axis -1 does not fit dims (1, 5, 6)"),
        (Concat(axis=1), [(1, 5), (1, 5), (2, 5)], "dims (1, 5) and (2, 5) do not fit each other along axis 1"),
        (Concat(axis=1), [(1, 5), (1, 5, 1)], "dims (1, 5) and (1, 5, 1) do not fit each other along axis 1"),
        (Split(axis=2, sizes=(1, 4)), [(1, 5)], "axis 2 does not fit dims (1, 5)"),
        (Split(axis=1, sizes=(1, 3)), [(1, 5)], "parts of [1, 3] do not make up axis 1 of dims (1, 5)"),
        (Split(axis=1, sizes=(6, -1)), [(1, 5)], "parts of [6, -1] do not make up axis 1 of dims (1, 5)"),
        (Split(axis=1, sizes=()), [(1, 5)], "parts of [] do not make up axis 1 of dims (1, 5)"),
        (Pad2D(padding=(1, 1, 1, 1)), [(1, 5, 6)], "input dims (1, 5, 6) are not NHWC"),
        (MaxPooling1D(kernel_dims=(2,)), [(1, 5, 6, 1)], "input dims (1, 5, 6, 1) are not NLC"),
        (
            MaxPooling1D(kernel_dims=(6,)),
            [(1, 5, 6)],
            "kernel (6,) does not fit input dims (1, 5, 6) with padding (0, 0)",
        ),
        (Conv1D(kernel_dims=(2,)), [(1, 5, 6), (4, 1, 2, 6)], "weights (4, 1, 2, 6) are not [O,k,C/groups]"),
        (
            Conv1D(kernel_dims=(2,), groups=2),
            [(1, 5, 6), (4, 2, 6)],
            "weights (4, 2, 6) do not fit input (1, 5, 6) with 2 groups",
        ),
        (
            DepthwiseConv1D(kernel_dims=(2,), channel_multiplier=2),
            [(1, 5, 6), (2, 6)],
            "weights (2, 6) do not fit input (1, 5, 6) times 2",
        ),
        (Sub(), [(1, 4), (1, 3)], "dims (1, 4) and (1, 3) do not broadcast"),
        (Mul(), [(2, 4), (4, 1)], "dims (2, 4) and (4, 1) do not broadcast"),
    ],
)
def test_dims_that_do_not_fit(operator: Operator, inputs: list[Dims], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        operator.output_dims(inputs)


@pytest.mark.parametrize("operator", [Sub(), Mul()])
def test_elementwise(operator: Operator) -> None:
    dims = (1, 3, 4)
    assert operator.output_dims([dims, dims]) == dims
    assert as_2d(operator) is operator
    assert operator.macs([dims, dims], dims) == 0
