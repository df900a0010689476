# SPDX-License-Identifier: Apache-2.0
"""Streaming models: variables that a run reads as the run before has left them."""

from __future__ import annotations

import numpy as np
import pytest
from tflite_file import File, schema

from sconnx.errors import SconnxError
from sconnx.frontend.tflite.importer import read_tflite
from sconnx.graph.tensor import State
from sconnx.reference.execute import execute_sequence

runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime")


def handle(file, name, graph=None):
    """A handle of a variable, in the first or another graph."""
    tensor = file.tensor(f"handle of {name}", (1,), "resource", [])
    file.node("VAR_HANDLE", [], [tensor], "VarHandleOptions", sharedName=name, container="")
    return tensor


def initial_values(file, **values):
    """A second graph that assigns constants to variables, and the node of the first that calls it."""
    main = file.graph
    file.graph = schema.SubGraphT()
    file.graph.tensors, file.graph.operators, file.graph.inputs, file.graph.outputs = [], [], [], []
    file.model.subgraphs.append(file.graph)
    for name, (value, scale, zero_point) in values.items():
        constant = file.tensor(name, value.shape, value.dtype.name, scale, zero_point, value=value)
        file.node("ASSIGN_VARIABLE", [handle(file, name), constant], [], "AssignVariableOptions")
    file.graph = main
    file.node("CALL_ONCE", [], [], "CallOnceOptions", initSubgraphIndex=len(file.model.subgraphs) - 1)


def tflite_micro(file, runs):
    interpreter = runtime.Interpreter.from_bytes(file.pack(), arena_size=1 << 20)
    results = []
    for inputs in runs:
        for position, value in enumerate(inputs):
            interpreter.set_input(value, position)
        interpreter.invoke()
        results.append([interpreter.get_output(i).copy() for i in range(len(file.graph.outputs))])
    return results


def check(tmp_path, file, runs):
    """The imported model computes run by run what tflite-micro computes; the model."""
    model = read_tflite(file.write(tmp_path), "net")
    for values, expected in zip(execute_sequence(model, runs), tflite_micro(file, runs), strict=True):
        for index, output in zip(model.graph.outputs, expected, strict=True):
            np.testing.assert_array_equal(values[index], output)
    return model


def codes(*dims):
    return np.random.default_rng(3).integers(-128, 128, dims).astype(np.int8)


def stream(initial, port="int8"):
    """A convolution over the last three of all rows, with two of them in a variable; the output may be in uint8."""
    file = File()
    if initial:
        initial_values(file, rows=(codes(1, 2, 1, 4), [0.5], 3))
    x = file.tensor("x", (1, 1, 1, 4), zero_point=3)
    rows = handle(file, "rows")
    old = file.tensor("old", (1, 2, 1, 4), zero_point=3)
    file.node("READ_VARIABLE", [rows], [old], "ReadVariableOptions")
    all_rows = file.tensor("all", (1, 3, 1, 4), zero_point=3)
    file.node("CONCATENATION", [old, x], [all_rows], "ConcatenationOptions", axis=1)
    kept = file.tensor("kept", (1, 2, 1, 4), zero_point=3)
    cuts = [file.constant(name, np.array(value, np.int32), []) for name, value in (("b", [0, 1, 0, 0]), ("e", [0] * 4))]
    steps = file.constant("s", np.ones(4, np.int32), [])
    options = {"beginMask": 0b1101, "endMask": 0b1111}
    file.node("STRIDED_SLICE", [all_rows, *cuts, steps], [kept], "StridedSliceOptions", **options)
    file.node("ASSIGN_VARIABLE", [rows, kept], [], "AssignVariableOptions")
    weights = [
        file.constant("w", codes(2, 3, 1, 4) // 2, [0.01] * 2),
        file.constant("b", np.arange(2, dtype=np.int32), [0.005] * 2),
    ]
    y = file.tensor("y", (1, 1, 1, 2), zero_point=-9)
    file.node("CONV_2D", [all_rows, *weights], [y], "Conv2DOptions", padding=1, strideW=1, strideH=1)
    if port == "uint8":
        y, sums = file.tensor("port", (1, 1, 1, 2), "uint8", zero_point=119), y
        file.node("QUANTIZE", [sums], [y], "QuantizeOptions")
    file.graph.inputs, file.graph.outputs = [x], [y]
    return file


@pytest.mark.parametrize(("initial", "port"), [(False, "int8"), (True, "int8"), (True, "uint8")])
def test_stream(tmp_path, initial, port):
    runs = [[each] for each in codes(5, 1, 1, 1, 4)]
    model = check(tmp_path, stream(initial, port), runs)
    (state,) = (tensor for tensor in model.graph.tensors if isinstance(tensor, State))
    assert (state.name, state.dims) == ("rows", (1, 2, 1, 4))
    (update,) = model.graph.states
    assert model.graph.tensors[update.next].name == "kept"
    expected = codes(1, 2, 1, 4) if initial else np.full((1, 2, 1, 4), 3)
    np.testing.assert_array_equal(model.params.value[update.state], expected)


def test_a_read_after_an_assignment_sees_the_new_value(tmp_path):
    file = File()
    x, kept, y = (file.tensor(name, (1, 4)) for name in ("x", "kept", "y"))
    variable = handle(file, "v")
    file.node("ASSIGN_VARIABLE", [variable, x], [], "AssignVariableOptions")
    file.node("READ_VARIABLE", [variable], [kept], "ReadVariableOptions")
    file.node("ADD", [x, kept], [y], "AddOptions")
    file.graph.inputs, file.graph.outputs = [x], [y]
    model = check(tmp_path, file, [[each] for each in codes(3, 1, 4)])
    assert model.graph.states == ()


def test_two_variables_in_a_row(tmp_path):
    """What becomes one variable is another; float32, without initial values."""
    file = File()
    x = file.tensor("x", (1, 4), "float32", [])
    first, second = handle(file, "a"), handle(file, "b")
    old, older, y = (file.tensor(name, (1, 4), "float32", []) for name in ("old", "older", "y"))
    file.node("READ_VARIABLE", [first], [old], "ReadVariableOptions")
    file.node("READ_VARIABLE", [second], [older], "ReadVariableOptions")
    file.node("ASSIGN_VARIABLE", [second, old], [], "AssignVariableOptions")
    file.node("ASSIGN_VARIABLE", [first, x], [], "AssignVariableOptions")
    file.node("ADD", [x, older], [y], "AddOptions")
    file.graph.inputs, file.graph.outputs = [x], [y]
    runs = [[each] for each in np.random.default_rng(1).normal(size=(5, 1, 4)).astype(np.float32)]
    model = check(tmp_path, file, runs)
    assert [model.graph.tensors[update.next].name for update in model.graph.states] == ["x", "b"]


def test_a_variable_that_never_changes_is_a_constant(tmp_path):
    file = File()
    initial_values(file, v=(codes(1, 4), [0.5], 0))
    x, kept, y = (file.tensor(name, (1, 4)) for name in ("x", "kept", "y"))
    file.node("READ_VARIABLE", [handle(file, "v")], [kept], "ReadVariableOptions")
    file.node("ADD", [x, kept], [y], "AddOptions")
    file.graph.inputs, file.graph.outputs = [x], [y]
    model = check(tmp_path, file, [[codes(1, 4)]])
    assert model.graph.states == ()
    assert [model.graph.tensors[index].name for index in model.graph.constants] == ["v"]


def reason(tmp_path, file):
    with pytest.raises(SconnxError) as raised:
        read_tflite(file.write(tmp_path), "net")
    return raised.value.what, raised.value.why


def test_an_initial_graph_that_computes(tmp_path):
    file = stream(True)
    inner = file.model.subgraphs[1]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = 0
    file.model.operatorCodes.append(code)
    inner.operators[0].opcodeIndex = len(file.model.operatorCodes) - 1
    assert reason(tmp_path, file) == (
        "node 0 without outputs: operator CALL_ONCE version 1 is not supported",
        "graph 1, which it calls, has the operator ADD; it may only assign variables",
    )


def test_an_initial_graph_that_is_not_there(tmp_path):
    file = stream(True)
    file.graph.operators[0].builtinOptions.initSubgraphIndex = 2
    file.model.subgraphs.append(file.model.subgraphs[1])
    file.graph.operators[0].builtinOptions.initSubgraphIndex = 3
    with pytest.raises(SconnxError) as raised:
        read_tflite(file.write(tmp_path), "net")
    assert "it calls graph 3 of 3" in [error.why for error in raised.value.errors]


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("shape", [1, 2, 4, 1], "variable 'rows' begins as int8 [1, 2, 1, 4] and is int8 [1, 2, 4, 1]"),
        ("scale", [0.25], "variable 'rows' changes its type, its dims, or its quantisation"),
    ],
)
def test_variables_that_change(tmp_path, field, value, why):
    file = stream(True)
    (old,) = (tensor for tensor in file.graph.tensors if tensor.name == "old")
    if field == "shape":
        old.shape = value
    else:
        old.quantization.scale = value
    with pytest.raises(SconnxError) as raised:
        read_tflite(file.write(tmp_path), "net")
    assert why in [error.why for error in getattr(raised.value, "errors", [raised.value])]


def test_a_handle_that_is_none(tmp_path):
    file = File()
    x, y = file.tensor("x", (1, 4)), file.tensor("y", (1, 4))
    file.node("READ_VARIABLE", [x], [y], "ReadVariableOptions")
    file.graph.inputs, file.graph.outputs = [x], [y]
    assert reason(tmp_path, file) == (
        "node 0 'y': operator READ_VARIABLE version 1 is not supported",
        "input 0 is no handle of a variable",
    )
