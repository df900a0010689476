# SPDX-License-Identifier: Apache-2.0
"""Freezing makes initializers of parameters, and of nothing else."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import numpy_helper, parser

from tests.conformance.cases import out_of_scope
from tests.conformance.frozen import PARAMETERS, freeze


def model(inputs: str, body: str, outputs: str = "float[2,3] y") -> onnx.ModelProto:
    return parser.parse_model(f'<ir_version: 9, opset_import: ["" : 17]> made ({inputs}) => ({outputs}) {{ {body} }}')


def test_weights_become_initializers() -> None:
    gemm = model("float[2,4] a, float[4,3] w", "y = Gemm(a, w)")
    weights = np.ones((4, 3), np.float32)
    frozen = freeze(gemm, [np.zeros((2, 4), np.float32), weights])
    assert (frozen.names, frozen.kept) == (("w",), (0,))
    assert [entry.name for entry in frozen.model.graph.input] == ["a"]
    assert np.array_equal(numpy_helper.to_array(frozen.model.graph.initializer[0]), weights)
    assert len(gemm.graph.input) == 2


def test_what_is_data_anywhere_else_is_frozen_where_it_is_a_parameter() -> None:
    shared = model("float[2,3] a, int64[2] shape", "y = Reshape(a, shape)  z = Neg(shape)", "float[2,3] y, int64[2] z")
    assert freeze(shared, [np.zeros((2, 3)), np.array([2, 3])]).names == ("shape",)


def test_function_bodies_freeze_what_their_operator_freezes() -> None:
    body = model("float[2,3] x, float[] low", "y = Max(x, low)")
    values = [np.zeros((2, 3), np.float32), np.zeros((), np.float32)]
    assert freeze(body, values).names == ()
    assert freeze(body, values, {"low"}).names == ("low",)


def test_initializers_are_no_inputs() -> None:
    given = model("float[2,4] a, float[4,3] w", "y = Gemm(a, w)")
    given.graph.initializer.append(numpy_helper.from_array(np.zeros((4, 3), np.float32), "w"))
    frozen = freeze(given, [np.zeros((2, 4), np.float32)])
    assert (frozen.names, frozen.kept) == ((), (0,))
    assert len(frozen.model.graph.initializer) == 1


def test_parameters_are_inputs_of_their_operators() -> None:
    for operator, positions in PARAMETERS.items():
        schema = onnx.defs.get_schema(operator)
        assert max(positions) < len(schema.inputs), operator


@pytest.mark.parametrize(
    ("entry", "reason"), [("float[2]", ""), ("float16[2]", "dtype float16"), ("seq(float[2])", "type sequence")]
)
def test_out_of_scope(entry: str, reason: str) -> None:
    assert out_of_scope(model(f"{entry} x", "y = Identity(x)", f"{entry} y")) == reason
