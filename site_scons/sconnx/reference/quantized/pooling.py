# SPDX-License-Identifier: Apache-2.0
"""Average and maximum pooling."""

from __future__ import annotations

from typing import cast

from sconnx.graph.operator import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D, as_2d
from sconnx.reference import pooling
from sconnx.reference.quantized.registry import quantized
from sconnx.reference.requantize import activation_limits
from sconnx.reference.run import Int8Array, Run


@quantized(AveragePooling2D)
def average_pooling2d(run: Run) -> Int8Array:
    operator = cast(AveragePooling2D, as_2d(run.node.operator))
    average = pooling.average_pool(
        run.rule,
        operator.kernel_dims,
        activation=operator.activation.value,
        count_include_pad=operator.count_include_pad,
        dtype=run.dtypes[0],
        **run.scales,
    )
    return pooling.average_pooling2d(
        run.image(0),
        kernel=operator.kernel_dims,
        stride=operator.stride_dims,
        padding=operator.padding,
        average=average,
    )


@quantized(MaxPooling2D)
def max_pooling2d(run: Run) -> Int8Array:
    operator = cast(MaxPooling2D, as_2d(run.node.operator))
    output = run.affine(run.node.outputs[0])
    minimum, maximum = activation_limits(
        operator.activation.value, output.scale, output.zero_point, run.rule, run.dtypes[0]
    )
    return pooling.max_pooling2d(
        run.image(0),
        kernel=operator.kernel_dims,
        stride=operator.stride_dims,
        dilation=operator.dilation_dims,
        padding=operator.padding,
        minimum=minimum,
        maximum=maximum,
    )


@quantized(AveragePooling1D)
def average_pooling1d(run: Run) -> Int8Array:
    return average_pooling2d(run)[:, 0]


@quantized(MaxPooling1D)
def max_pooling1d(run: Run) -> Int8Array:
    return max_pooling2d(run)[:, 0]
