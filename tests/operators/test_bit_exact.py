# SPDX-License-Identifier: Apache-2.0
"""Every quantised operator that sconnx claims, as imported from a .tflite file: bit for bit what tflite-micro computes."""

from __future__ import annotations

import numpy as np
import pytest

from sconnx.reference.execute import execute_sequence
from tests.operators.oracle import Refused, tflite_micro
from tests.operators.registry import QUANTIZED, cases

pytest.importorskip("tflite_micro")


@pytest.mark.parametrize("key", QUANTIZED, ids="-".join)
def test_equals_tflite_micro(key, tmp_path):
    made = cases(*key)
    for case, expected in zip(made, tflite_micro(made, tmp_path), strict=True):
        assert not isinstance(expected, Refused), f"{expected}\n{case.describe()}"
        model = case.read(tmp_path)
        for values, outputs in zip(execute_sequence(model, case.runs), expected, strict=True):
            for index, output in zip(model.graph.outputs, outputs, strict=True):
                result = values[index] if index in values else model.params.value[index]
                np.testing.assert_array_equal(result, output, err_msg=case.describe())


@pytest.mark.parametrize("key", QUANTIZED, ids="-".join)
def test_cases_use_the_range(key, tmp_path):
    """Cases that only saturate, or of which none is left, would compare nothing."""
    outputs = [one for runs in tflite_micro(cases(*key), tmp_path) for outputs in runs for one in outputs]
    kinds = {one.dtype for one in outputs}
    distinct = np.unique(np.concatenate([one.reshape(-1) for one in outputs])).size
    most = {"bool": 2, "int32": 4}.get(min(map(str, kinds)), 60)
    assert distinct >= (1 if key[0] == "ZEROS_LIKE" else most)
