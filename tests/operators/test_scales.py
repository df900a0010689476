# SPDX-License-Identifier: Apache-2.0
"""Models of single operators with scales far apart: each is exported, or refused with a message."""

from __future__ import annotations

import functools
import json
from dataclasses import replace

import numpy as np
import pytest

from sconnx.codegen.params_source import packed
from sconnx.errors import ErrorGroup, SconnxError
from sconnx.export.lower import lower
from sconnx.reference.execute import execute_sequence
from sconnx.steps import import_check
from sconnx.steps.import_model import import_model
from sconnx.steps.rules import load_target_libs
from tests.operators.case import Case, computed, given, pack_all
from tests.operators.registry import QUANTIZED, cases
from tests.tiny_models import RULES

OPTIONS = {"name": "m", "carry": {}, "prune": True, "rules": [str(RULES)], "target": "cortex-m7", "externals": {}}
FACTORS = (1e-36, 2e-5, 5e4, 1e36)
target_libs = functools.cache(lambda: load_target_libs(OPTIONS))


def exported(path):
    """The model, once it is seen that it can be exported."""
    model = import_model(OPTIONS, path)
    cpu, libs = target_libs()
    lowered = lower(model.graph, cpu.name, libs, frozenset(cpu.features))
    packed(lowered, model.params, {lib.name: lib for lib in libs})
    return model


def scaled(case: Case, position: int, factor: float) -> Case:
    """A case with another scale of one of its operands, the outputs behind the inputs."""
    operands = [*case.inputs, *case.outputs]
    operand = operands[position]
    assert operand is not None
    scales = tuple(float(np.float32(min(max(one * factor, 1e-38), 3e38))) for one in operand.scale)
    operands[position] = replace(operand, scale=scales)
    count = len(case.inputs)
    return replace(case, inputs=tuple(operands[:count]), outputs=tuple(operands[count:]))


@pytest.mark.parametrize("key", QUANTIZED, ids="-".join)
def test_scales_far_apart_are_exported_or_refused(key, tmp_path):
    path, case = tmp_path / "m.tflite", cases(*key)[1]
    for position, operand in enumerate((*case.inputs, *case.outputs)):
        for factor in FACTORS if operand is not None and operand.scale else ():
            changed = scaled(case, position, factor)
            path.write_bytes(changed.pack())
            try:
                model = exported(path)
            except SconnxError as error:
                errors = error.errors if isinstance(error, ErrorGroup) else (error,)
                assert {one.code for one in errors} <= {"E201", "E202", "E204"}
            else:
                execute_sequence(model, changed.runs[:1])


def test_import_check_names_all_nodes_with_such_scales(tmp_path):
    x, y = (given(np.zeros((1, 4), np.int8), one) for one in (1.0, 0.5))
    compared = Case("LESS", (x, y), (computed((1, 4), dtype="bool"),), "LessOptions")
    path = tmp_path / "m.tflite"
    path.write_bytes(pack_all([compared, compared]))
    document, _ = import_check.run(OPTIONS, [path])
    assert json.loads(document)["problems"] == [
        f"m: error[E204]: node {node} 'output{node}.0': the quantisation is beyond the arithmetic of operator Less by rule "
        "tflite: TFLite compares tensors of scales below 1, not 1.0 "
        "(help: quantise the model again, with samples of the data that it will get)"
        for node in (0, 1)
    ]
