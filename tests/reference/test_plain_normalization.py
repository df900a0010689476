# SPDX-License-Identifier: Apache-2.0
"""The plain references of normalisation along the last dimension against ONNX Runtime."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnxruntime")
from sconnx.graph import operator as op
from tests.reference.one_node import by_onnxruntime, by_reference, channels_first, channels_last, close


def reals(seed: int, *dims: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(dims).astype(np.float32)


@pytest.mark.parametrize("dims", [(1,), (3, 7), (2, 3, 5), (1, 2, 3, 4)])
@pytest.mark.parametrize("name", ["Softmax", "LogSoftmax", "Hardmax"])
def test_softmax_and_the_like(name: str, dims: tuple[int, ...]) -> None:
    x = 6 * reals(1, *dims)
    operator = getattr(op, name)()
    close(by_reference(operator, [x]), by_onnxruntime(name, [x], axis=-1))
    equal = np.round(x / 6)
    close(by_reference(operator, [equal]), by_onnxruntime(name, [equal], axis=-1))


def test_softmax_with_a_factor() -> None:
    x = reals(2, 3, 6)
    close(by_reference(op.Softmax(beta=0.4), [x]), by_onnxruntime("Softmax", [x * np.float32(0.4)], axis=-1))


@pytest.mark.parametrize("size", [1, 3, 5])
def test_local_response_normalization(size: int) -> None:
    x = 3 * reals(3, 2, 3, 4, 7)
    operator = op.LocalResponseNormalization(
        before=(size - 1) // 2, after=size // 2, alpha=0.3 / size, beta=0.6, bias=1.2
    )
    (expected,) = by_onnxruntime("LRN", [channels_first(x)], size=size, alpha=0.3, beta=0.6, bias=1.2)
    close(by_reference(operator, [x]), [channels_last(expected)])


def test_local_response_normalization_with_more_channels_behind() -> None:
    x = np.array([[[[1, 2, 3]]]], np.float32)
    operator = op.LocalResponseNormalization(before=0, after=1, alpha=1.0, beta=1.0, bias=1.0)
    close(by_reference(operator, [x]), [x / np.array([1 + 1 + 4, 1 + 4 + 9, 1 + 9], np.float32)])


def test_layer_normalization() -> None:
    x, scale, shift = reals(4, 3, 4, 6), reals(5, 6), reals(6, 6)
    expected = by_onnxruntime("LayerNormalization", [x, scale, shift], axis=-1, epsilon=1e-3)
    close(by_reference(op.LayerNormalization(epsilon=1e-3), [x, scale, shift]), expected)
    expected = by_onnxruntime("LayerNormalization", [x, np.ones(6, np.float32)], axis=-1, epsilon=1e-3)
    close(by_reference(op.LayerNormalization(epsilon=1e-3), [x]), expected)


def test_root_mean_square_normalization() -> None:
    """By its formula in ONNX's specification of RMSNormalization."""
    x, scale = reals(7, 3, 6), reals(8, 6)
    expected = x / np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + np.float32(1e-3)) * scale
    close(by_reference(op.LayerNormalization(epsilon=1e-3, centred=False), [x, scale]), [expected])


def test_l2_normalization() -> None:
    x = reals(9, 3, 6)
    expected = by_onnxruntime("LpNormalization", [x], axis=-1, p=2)
    close(by_reference(op.L2Normalization(epsilon=1e-12), [x]), expected)
    close(by_reference(op.L2Normalization(epsilon=1e4), [x]), [x / 100])
