# SPDX-License-Identifier: Apache-2.0
"""The backend itself: a model that is exported, compiled and run gives what the formulas give."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from sconnx.errors import SconnxError
from tests.conformance.backend import SconnxBackend

QDQ = """
<ir_version: 9, opset_import: ["" : 17]>
made (float[1,2,4,5] a, float[1,2,4,5] b) => (float[1,2,4,5] y)
<float scale = {0.25}, int8 zero = {7}>
{
  a8 = QuantizeLinear (a, scale, zero)
  b8 = QuantizeLinear (b, scale, zero)
  a_real = DequantizeLinear (a8, scale, zero)
  b_real = DequantizeLinear (b8, scale, zero)
  sum = Add (a_real, b_real)
  sum8 = QuantizeLinear (sum, scale, zero)
  y = DequantizeLinear (sum8, scale, zero)
}
"""


@pytest.mark.parametrize("device", ["CPU", pytest.param("CORTEX_M7", marks=pytest.mark.slow)])
def test_quantised_model(device: str) -> None:
    assert SconnxBackend.supports_device(device)
    random = np.random.default_rng(5)
    a, b = (random.integers(-20, 20, (1, 2, 4, 5)).astype(np.float32) for _ in range(2))
    (y,) = SconnxBackend.run_model(onnx.parser.parse_model(QDQ), [a, b], device)
    a_is, b_is = (np.clip(x / 0.25 + 7, -128, 127) * 0.25 - 1.75 for x in (a, b))
    expected = np.clip((a_is + b_is) / 0.25 + 7, -128, 127) * 0.25 - 1.75
    assert y.dtype == np.float32
    assert np.array_equal(y, expected)


def test_unsupported_model_is_refused() -> None:
    text = '<ir_version: 9, opset_import: ["" : 17]> made (float[2,2] x) => (float[] y) { y = Det(x) }'
    with pytest.raises(SconnxError, match="operator Det"):
        SconnxBackend.prepare(onnx.parser.parse_model(text))


def test_devices() -> None:
    assert not SconnxBackend.supports_device("CUDA")
