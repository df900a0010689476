# SPDX-License-Identifier: Apache-2.0
"""Element-wise functions of one tensor."""

from __future__ import annotations

import numpy as np

from sconnx.graph.operator import Clip, LeakyRelu, Relu, Relu6, Sigmoid, Tanh
from sconnx.reference.plain.registry import Array, plain


@plain(Relu)
def relu(_: Relu, x: Array) -> Array:
    return np.maximum(x, 0)


@plain(Relu6)
def relu6(_: Relu6, x: Array) -> Array:
    return np.clip(x, 0, 6)


@plain(Clip)
def clip(operator: Clip, x: Array) -> Array:
    low = x if operator.low is None else np.maximum(x, np.array(operator.low).astype(x.dtype))
    return low if operator.high is None else np.minimum(low, np.array(operator.high).astype(x.dtype))


@plain(LeakyRelu)
def leaky_relu(operator: LeakyRelu, x: Array) -> Array:
    return np.where(x >= 0, x, x * x.dtype.type(operator.alpha))


@plain(Sigmoid)
def sigmoid(_: Sigmoid, x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


@plain(Tanh)
def tanh(_: Tanh, x: Array) -> Array:
    return np.tanh(x)
