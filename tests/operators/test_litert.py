# SPDX-License-Identifier: Apache-2.0
"""Operators that tflite-micro does not have, against LiteRT; and that no operator is without cases.

Without delegates, but not by its reference kernels: that of LOCAL_RESPONSE_NORMALIZATION leaves out the last channel.
"""

from __future__ import annotations

import pytest

from sconnx.frontend.tflite.translate import TRANSLATORS
from sconnx.reference.execute import execute
from tests.operators.comparison import assert_equal_or_near
from tests.operators.litert_cases import litert_cases
from tests.operators.registry import PLAIN, QUANTIZED

litert = pytest.importorskip("ai_edge_litert.interpreter")

CASES = litert_cases()
VARIABLES = {"ASSIGN_VARIABLE", "CALL_ONCE", "READ_VARIABLE", "VAR_HANDLE"}
"""Tested with whole models in tests/frontend/tflite/test_tflite_variables.py."""
FOLDED = {"BROADCAST_ARGS", "RANGE"}
"""Of constants alone: tested in tests/frontend/tflite/test_tflite_mixed.py."""


def outputs_of_litert(case):
    builtin = litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = litert.Interpreter(
        model_content=case.pack(version=1), num_threads=1, experimental_op_resolver_type=builtin
    )
    interpreter.allocate_tensors()
    for details, value in zip(interpreter.get_input_details(), case.given, strict=True):
        interpreter.set_tensor(details["index"], value)
    interpreter.invoke()
    return [interpreter.get_tensor(details["index"]) for details in interpreter.get_output_details()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.operator)
def test_equals_litert(case, tmp_path):
    model = case.read(tmp_path)
    values = {**model.params.value, **execute(model, case.given)}
    for index, output in zip(model.graph.outputs, outputs_of_litert(case), strict=True):
        assert_equal_or_near(values[index], output, case.describe())


def test_every_operator_that_is_imported_has_cases():
    against_tflite_micro = {operator for operator, _ in (*QUANTIZED, *PLAIN)}
    against_litert = {case.operator for case in CASES}
    assert not against_litert & against_tflite_micro
    assert against_tflite_micro | against_litert | VARIABLES | FOLDED == TRANSLATORS.keys()
