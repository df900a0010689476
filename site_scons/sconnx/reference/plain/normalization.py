# SPDX-License-Identifier: Apache-2.0
"""Normalisation along the last dimension, in float64."""

from __future__ import annotations

import numpy as np

from sconnx.graph.operator import (
    Hardmax,
    L2Normalization,
    LayerNormalization,
    LocalResponseNormalization,
    LogSoftmax,
    Softmax,
)
from sconnx.reference.plain.registry import Array, plain


@plain(Softmax)
def softmax(operator: Softmax, x: Array) -> Array:
    powers = np.exp(_below_largest(x) * operator.beta)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


@plain(LogSoftmax)
def log_softmax(_: LogSoftmax, x: Array) -> Array:
    below = _below_largest(x)
    return np.asarray(below - np.log(np.exp(below).sum(axis=-1, keepdims=True)))


@plain(Hardmax)
def hardmax(_: Hardmax, x: Array) -> Array:
    return np.asarray(np.arange(x.shape[-1]) == np.argmax(x, axis=-1)[..., np.newaxis])


@plain(L2Normalization)
def l2_normalization(operator: L2Normalization, x: Array) -> Array:
    wide = x.astype(np.float64)
    return np.asarray(wide / np.sqrt(np.maximum((wide**2).sum(axis=-1, keepdims=True), operator.epsilon)))


@plain(LocalResponseNormalization)
def local_response_normalization(operator: LocalResponseNormalization, x: Array) -> Array:
    wide = x.astype(np.float64)
    channels = x.shape[-1]
    sums = np.stack(
        [
            (wide[..., max(0, at - operator.before) : at + operator.after + 1] ** 2).sum(axis=-1)
            for at in range(channels)
        ],
        axis=-1,
    )
    return np.asarray(wide / (operator.bias + operator.alpha * sums) ** operator.beta)


@plain(LayerNormalization)
def layer_normalization(
    operator: LayerNormalization, x: Array, scale: Array | None = None, shift: Array | None = None
) -> Array:
    wide = x.astype(np.float64)
    centred = wide - wide.mean(axis=-1, keepdims=True) if operator.centred else wide
    normal = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + operator.epsilon)
    scaled = normal if scale is None else normal * scale
    return np.asarray(scaled if shift is None else scaled + shift)


def _below_largest(x: Array) -> Array:
    wide = x.astype(np.float64)
    return np.asarray(wide - wide.max(axis=-1, keepdims=True))
