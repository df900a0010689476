# SPDX-License-Identifier: Apache-2.0
"""The TFLITE rule against the tflite-micro reference kernels: every operator, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from tflite_cases import COMPARISONS, OPERATORS, cases
from tflite_reference import EVALUATORS

LEAST = {**dict.fromkeys(COMPARISONS, 1), "ARG_MAX": 6, "ARG_MIN": 6, "REDUCE_MAX": 80, "REDUCE_MIN": 80}
"""Different values, where there are few."""


@pytest.mark.parametrize("operator", OPERATORS)
def test_equals_tflite_micro(operator: str, tflite_micro_outputs: Mapping[str, NDArray[np.int8]]) -> None:
    for index, case in enumerate(cases(operator)):
        expected = tflite_micro_outputs[f"{operator}_{index}"]
        result = EVALUATORS[operator](case)
        assert result.dtype == expected.dtype == case.output.dtype
        np.testing.assert_array_equal(result, expected, err_msg=f"{operator} {index}")


@pytest.mark.parametrize("operator", OPERATORS)
def test_cases_use_the_range(operator: str, tflite_micro_outputs: Mapping[str, NDArray[np.int8]]) -> None:
    """Cases that only saturate would compare nothing."""
    names = [f"{operator}_{index}" for index in range(len(cases(operator)))]
    distinct = np.unique(np.concatenate([tflite_micro_outputs[name].reshape(-1) for name in names]))
    assert distinct.size > LEAST.get(operator, 200)
