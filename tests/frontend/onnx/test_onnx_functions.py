# SPDX-License-Identifier: Apache-2.0
"""Calls of functions are replaced by bodies that compute the same."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import ModelProto, parser
from onnx.reference import ReferenceEvaluator

from sconnx.errors import SconnxError
from sconnx.frontend.onnx.functions import inlined

X = np.linspace(-2, 2, 24, dtype=np.float32).reshape(2, 3, 4)
LOCAL = """
<ir_version: 9, opset_import: ["" : 18, "own" : 1]>
made (float[2,3,4] x) => (float[2,3,4] y, float[2,3,4] z) {
  [first] y = own.scaled <factor = 3.0> (x)
  [second] z = own.twice (y)
}
<domain: "own", opset_import: ["" : 18]>
scaled <factor: float = 2.0> (a) => (b) {
  c = Constant <value_float: float = @factor> ()
  b = Mul (a, c)
}
<domain: "own", opset_import: ["" : 18, "own" : 1]>
twice (a) => (b) {
  c = own.scaled (a)
  b = Identity (c)
}
"""


def operators(model: ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def values(model: ModelProto, **inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """All outputs, by onnx's reference, which has its own way to run functions."""
    onnx.checker.check_model(model)
    found: list[NDArray[np.float32]] = ReferenceEvaluator(model).run(None, inputs)
    return found


def test_functions_of_the_model() -> None:
    model = parser.parse_model(LOCAL)
    found = inlined(model, lambda domain, operator: True, "m.onnx")
    assert operators(found) == ["Constant", "Mul", "Constant", "Mul", "Identity"]
    assert [node.name for node in found.graph.node] == ["first", "first", "second", "second", "second"]
    np.testing.assert_array_equal(values(found, x=X), [3 * X, 6 * X])


def test_a_model_without_functions_is_itself() -> None:
    model = parser.parse_model(
        '<ir_version: 9, opset_import: ["" : 18]> made (float[2] x) => (float[2] y) {y = Relu(x)}'
    )
    assert inlined(model, lambda domain, operator: True, "m.onnx") is model


def test_an_output_that_is_an_input() -> None:
    text = """
    <ir_version: 9, opset_import: ["" : 18, "own" : 1]>
    made (float[2,3,4] x) => (float[2,3,4] y, float[2,3,4] z) { y, z = own.pass (x) }
    <domain: "own", opset_import: ["" : 18]> pass (a) => (a, b) { b = Neg (a) }
    """
    found = inlined(parser.parse_model(text), lambda domain, operator: True, "m.onnx")
    np.testing.assert_array_equal(values(found, x=X), [X, -X])


def test_branches_see_what_the_function_sees() -> None:
    text = """
    <ir_version: 9, opset_import: ["" : 18, "own" : 1]>
    made (float[2,3,4] x) => (float[2,3,4] y) { y = own.choose (x) }
    <domain: "own", opset_import: ["" : 18]> choose (a) => (b) {
      c = Neg (a)
      yes = Constant <value = bool {1}> ()
      b = If (yes) <then_branch = g () => (float[2,3,4] d) { d = Mul (a, c) },
                    else_branch = h () => (float[2,3,4] d) { d = Identity (c) }>
    }
    """
    found = inlined(parser.parse_model(text), lambda domain, operator: True, "m.onnx")
    np.testing.assert_array_equal(values(found, x=X), [-X * X])


@pytest.mark.parametrize(
    "call",
    [
        "Gelu <approximate = 'tanh'> (x)",
        "LeakyRelu (x)",
        "LayerNormalization <axis = 1> (x, w)",
        "RMSNormalization <axis = -1> (x, v)",
        "Attention (x, x, x)",
        "MeanVarianceNormalization <axes = [0, 2]> (x)",
        "Clip (x, , high)",
        "HardSwish (x)",
    ],
)
def test_operators_that_onnx_defines_by_others(call: str) -> None:
    text = f"""<ir_version: 10, opset_import: ["" : 23]> made (float[2,3,4] x) => (float[2,3,4] y)
    <float[3,4] w = {{1,2,3,4,5,6,7,8,9,10,11,12}}, float[4] v = {{1,2,3,4}}, float high = {{0.5}}> {{ y = {call} }}"""
    if call.startswith("Attention"):
        text = text.replace("float[2,3,4] x", "float[1,2,3,4] x").replace("float[2,3,4] y", "float[1,2,3,4] y")
    model = parser.parse_model(text.replace("'", '"'))
    x = X[None] if call.startswith("Attention") else X
    name = operators(model)[0]
    assert operators(inlined(model, lambda domain, operator: operator == name, "m.onnx")) == [name]
    found = inlined(model, lambda domain, operator: operator in ("Add", "Mul", "Range"), "m.onnx")
    assert name not in operators(found)
    np.testing.assert_allclose(values(found, x=x), values(model, x=x), rtol=1e-5, atol=1e-6)


def test_unknown_operators_stay() -> None:
    text = '<ir_version: 9, opset_import: ["" : 18, "own" : 1]> made (float[2] x) => (float[2] y) { y = own.thing (x) }'
    model = parser.parse_model(text)
    assert inlined(model, lambda domain, operator: False, "m.onnx") is model


def test_functions_that_call_each_other_without_end() -> None:
    text = """
    <ir_version: 9, opset_import: ["" : 18, "own" : 1]>
    made (float[2] x) => (float[2] y) { y = own.ping (x) }
    <domain: "own", opset_import: ["" : 18, "own" : 1]> ping (a) => (b) { b = own.pong (a) }
    <domain: "own", opset_import: ["" : 18, "own" : 1]> pong (a) => (b) { b = own.ping (a) }
    """
    with pytest.raises(SconnxError) as caught:
        inlined(parser.parse_model(text), lambda domain, operator: True, "m.onnx")
    assert str(caught.value) == (
        "m.onnx: error[E103]: its functions call each other without end (help: export the model again)"
    )


def test_functions_that_double_without_end() -> None:
    functions = "".join(
        f'<domain: "own", opset_import: ["" : 18, "own" : 1]> f{i} (a) => (b) {{ {calls} }}\n'
        for i in range(15)
        for calls in [
            " ".join(f"t{k + 1} = own.f{i + 1} (t{k})" for k in range(8)).replace("t0", "a").replace("t8", "b")
        ]
    )
    text = f"""<ir_version: 9, opset_import: ["" : 18, "own" : 1]> made (float[2] x) => (float[2] y) {{ y = own.f0 (x) }}
    {functions}<domain: "own", opset_import: ["" : 18]> f15 (a) => (b) {{ b = Neg (a) }}"""
    with pytest.raises(SconnxError, match="without end"):
        inlined(parser.parse_model(text), lambda domain, operator: True, "m.onnx")
