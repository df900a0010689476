# SPDX-License-Identifier: Apache-2.0
"""Convolutions and fully connected layers in one form: which inputs each output channel weighs, and by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.model import Model
from sconnx.graph.node import Node
from sconnx.graph.operator import Conv1D, Conv2D, DepthwiseConv1D, DepthwiseConv2D, FullyConnected
from sconnx.graph.tensor import Constant

DEPTHWISE = (DepthwiseConv1D, DepthwiseConv2D)
WEIGHTED = (Conv1D, Conv2D, FullyConnected, *DEPTHWISE)


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """The weights of a node.

    Attributes:
        factors: weights without their zero point, [outputs, taps, depth]; integers as float64.
        sources: [outputs, depth]: the input channel that a factor belongs to.
        bias: (outputs,), 0 where the node has none.
        is_padded: whether some taps may see padding, which has the real value 0.
    """

    factors: NDArray[np.float64]
    sources: NDArray[np.int64]
    bias: NDArray[np.int64]
    is_padded: bool


def weighted(model: Model, node: Node) -> Weighted | None:
    """The node in this form; None when it is another operator, or its weights are computed."""
    operator = node.operator
    if not isinstance(operator, WEIGHTED) or not isinstance(model.graph.tensors[node.reads[1]], Constant):
        return None
    values = model.params.value[node.reads[1]].astype(np.float64)
    # A zero point is the same for all channels, or there is one per output.
    points: Any = model.params.zero_point[node.reads[1]]
    if isinstance(operator, DEPTHWISE):
        outputs = values.shape[-1]
        factors = (values - points).reshape(-1, outputs).T[:, :, None]
        sources = (np.arange(outputs) // operator.channel_multiplier)[:, None]
    else:
        outputs, depth = values.shape[0], values.shape[-1]
        factors = values.reshape(outputs, -1, depth) - points.reshape(-1, 1, 1)
        groups = operator.groups if isinstance(operator, Conv1D | Conv2D) else 1
        group = np.arange(outputs) // (outputs // groups)
        sources = group[:, None] * depth + np.arange(depth)
    bias = np.zeros(outputs, np.int64)
    if len(node.inputs) > 2 and node.inputs[2] is not None:
        bias = model.params.value[node.inputs[2]].astype(np.int64)
    return Weighted(factors, sources, bias, any(getattr(operator, "padding", ())))
