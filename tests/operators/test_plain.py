# SPDX-License-Identifier: Apache-2.0
"""Operators on float32, indices and conditions, as imported from a .tflite file, against tflite-micro."""

from __future__ import annotations

import pytest

from sconnx.reference.execute import execute_sequence
from tests.operators.comparison import assert_equal_or_near
from tests.operators.oracle import Refused, tflite_micro
from tests.operators.registry import PLAIN, cases

pytest.importorskip("tflite_micro")


@pytest.mark.parametrize("key", PLAIN, ids="-".join)
def test_equals_tflite_micro(key, tmp_path):
    made = cases(*key)
    for case, expected in zip(made, tflite_micro(made, tmp_path), strict=True):
        assert not isinstance(expected, Refused), f"{expected}\n{case.describe()}"
        model = case.read(tmp_path)
        for values, outputs in zip(execute_sequence(model, case.runs), expected, strict=True):
            for index, output in zip(model.graph.outputs, outputs, strict=True):
                result = values[index] if index in values else model.params.value[index]
                assert_equal_or_near(result, output, case.describe())
