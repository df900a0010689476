# SPDX-License-Identifier: Apache-2.0
"""Convolutions and fully connected layers of int16 with int8 weights, against the reference bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from kernel_library import KernelLibrary
from kernel_nodes import Given, check
from kernel_strategies import int8_tensor

from sconnx.graph.model import QuantValues
from sconnx.graph.operator import (
    Activation,
    Conv1D,
    Conv2D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    Dims,
    FullyConnected,
    Operator,
    TransposedConv1D,
    TransposedConv2D,
)
from sconnx.graph.tensor import DType
from sconnx.reference.rule import Rule

RELU = Activation.RELU
CASES: list[tuple[Operator, Dims, Dims]] = [
    (Conv2D(kernel_dims=(3, 2), stride_dims=(2, 1), padding=(1, 0, 2, 1)), (1, 7, 6, 3), (5, 3, 2, 3)),
    (Conv2D(kernel_dims=(2, 2), dilation_dims=(2, 3), groups=2, activation=RELU), (1, 7, 6, 4), (6, 2, 2, 2)),
    (Conv2D(kernel_dims=(1, 1)), (1, 2, 2, 1200), (3, 1, 1, 1200)),
    (Conv1D(kernel_dims=(3,), stride_dims=(2,), padding=(2, 1)), (1, 11, 3), (5, 3, 3)),
    (DepthwiseConv2D(kernel_dims=(2, 3), padding=(1, 1, 0, 1)), (1, 5, 6, 4), (2, 3, 4)),
    (DepthwiseConv1D(kernel_dims=(2,), stride_dims=(3,), channel_multiplier=3), (1, 12, 2), (2, 6)),
    (FullyConnected(activation=RELU), (2, 9), (4, 9)),
    (FullyConnected(), (3, 1000), (5, 1000)),
    (TransposedConv2D(kernel_dims=(3, 4), stride_dims=(2, 3), padding=(1, 0, 0, 2)), (2, 4, 3, 5), (6, 3, 4, 5)),
    (TransposedConv1D(kernel_dims=(4,), stride_dims=(2,), padding=(1, 1), groups=2), (1, 7, 6), (4, 4, 3)),
]


@pytest.mark.parametrize("bias", [np.int32, np.int64, None])
@pytest.mark.parametrize(("operator", "dims", "weights"), CASES, ids=[str(i) for i in range(len(CASES))])
def test_weights(
    libraries: tuple[KernelLibrary, ...], operator: Operator, dims: Dims, weights: Dims, bias: type | None
) -> None:
    rng = np.random.default_rng(1)
    axis = len(weights) - 1 if isinstance(operator, DepthwiseConv1D | DepthwiseConv2D) else 0
    narrow = 64 if bias is np.int32 else 1  # sums that an int32 holds
    for extreme, per_channel in ((False, True), (True, False)):
        x = rng.integers(-32768 // narrow, 32768 // narrow, dims).astype(np.int16)
        if extreme:
            x = rng.choice(np.array([-32768 // narrow, 32767 // narrow], np.int16), dims)
        scales = rng.uniform(0.002, 0.01, weights[axis] if per_channel else 1).astype(np.float32)
        operands = [
            Given(x, QuantValues.of(1e-4, 0)),
            Given(np.maximum(int8_tensor(rng, *weights), -127).astype(np.int8), QuantValues.of(scales, 0, axis), True),
        ]
        if bias is not None:
            operands.append(Given(rng.integers(-(1 << 20), 1 << 20, weights[axis]).astype(bias), constant=True))
        check(libraries, operator, operands, Rule.TFLITE, QuantValues.of(3e-4 / narrow, 0), DType.INT16)
