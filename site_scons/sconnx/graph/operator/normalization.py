# SPDX-License-Identifier: Apache-2.0
"""Operators that normalise along the last dimension, or across channels."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.graph.operator.base import Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Softmax(Operator):
    """Over the last dimension: exp(beta * x) / sum(exp(beta * x))."""

    beta: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSoftmax(Operator):
    """Over the last dimension: x - log(sum(exp(x)))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardmax(Operator):
    """Over the last dimension: 1 for the first of the largest elements, else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class L2Normalization(Operator):
    """Over the last dimension: x / sqrt(max(sum(x^2), epsilon))."""

    epsilon: float = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalResponseNormalization(Operator):
    """Over the last dimension: x / (bias + alpha * (sum of x^2 of `before` channels before to `after` behind))^beta."""

    before: int
    after: int
    alpha: float
    beta: float
    bias: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerNormalization(Operator):
    """Inputs: x, optional scale [C] and shift [C]. (x - mean) / sqrt(variance + epsilon) * scale + shift over the last dimension.

    Args:
        centred: False: x / sqrt(mean(x^2) + epsilon) * scale, as RMS normalisation.
    """

    epsilon: float = 1e-5
    centred: bool = True
