# SPDX-License-Identifier: Apache-2.0
"""Graph inputs, constants and computed tensors in every role, exported, compiled and run on the emulated Cortex-M7."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sconnx.frontend.read import read_model
from sconnx.graph.model import Model
from sconnx.graph.operator import Add, Operator, Relu, Reshape, Softmax, Transpose
from sconnx.graph.tensor import Computed, Constant, GraphInput
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule
from tests.export.workshop import Arrays, Exported, Workshop
from tests.tiny_models import Chain

RELU: Operator = Relu()


def expected(model: Model, inputs: Arrays) -> Arrays:
    """The outputs by the reference; those that no node writes are what they were."""
    known = {**model.params.value, **dict(zip(model.graph.inputs, inputs, strict=True)), **execute(model, inputs)}
    return [known[index].astype(np.int8) for index in model.graph.outputs]


def check(exported: Exported) -> None:
    for seed in range(2):
        inputs = exported.random_inputs(seed)
        outputs = exported.run(inputs)
        for have, want in zip(outputs, expected(exported.model, inputs), strict=True):
            np.testing.assert_array_equal(have, want)


def several() -> Model:
    chain = Chain("several")
    a, b, c = (chain.input(1, 3, 4, 2, name=name) for name in "abc")
    first = chain.node(Add(), a, b)
    second = chain.node(Add(), first, c)
    return chain.build(second, chain.node(RELU, b), first)


def input_is_output() -> Model:
    chain = Chain("through")
    a, b = chain.input(2, 3, name="a"), chain.input(5, name="b")
    return chain.build(a, chain.node(RELU, a), b)


def input_is_every_output() -> Model:
    chain = Chain("nothing")
    a, b = chain.input(3, name="a"), chain.input(2, name="b")
    return chain.build(b, a)


def constant_output() -> Model:
    chain = Chain("fixed")
    x, c = chain.input(2, 3), chain.constant(2, 3, name="c")
    return chain.build(chain.node(Add(), x, c), c)


def unused_input() -> Model:
    chain = Chain("unused")
    chain.input(7, name="nobody_reads_it")
    return chain.build(chain.node(RELU, chain.input(2, 3, name="read")))


def twice() -> Model:
    chain = Chain("twice")
    y = chain.node(RELU, chain.input(2, 3))
    return chain.build(y, y)


def everything_twice() -> Model:
    chain = Chain("all_twice")
    x, c = chain.input(2, 3), chain.constant(2, 3)
    y = chain.node(Add(), x, c)
    return chain.build(x, c, y, y, c, x)


def output_read_again() -> Model:
    """An output in the middle must not be overwritten in place, nor may an alias of it."""
    chain = Chain("middle", Rule.ONNX)
    middle = chain.node(RELU, chain.input(1, 2, 3, 4))
    flat = chain.node(Reshape(dims=(1, 24)), middle)
    return chain.build(
        flat, chain.node(Softmax(), flat), chain.node(Transpose(permutation=(0, 3, 1, 2)), middle), middle
    )


MODELS = (
    several,
    input_is_output,
    input_is_every_output,
    constant_output,
    unused_input,
    twice,
    everything_twice,
    output_read_again,
)


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_exported_compiled_and_run(workshop: Workshop, make: Callable[[], Model]) -> None:
    check(workshop.export(make()))


@pytest.mark.parametrize("make", [input_is_output, everything_twice, output_read_again], ids=lambda make: make.__name__)
def test_inputs_that_may_be_overwritten(workshop: Workshop, make: Callable[[], Model]) -> None:
    check(workshop.export(make(), policy="clobber"))


def test_kinds_are_classes_and_no_flag_tells_them_apart() -> None:
    kinds = [type(tensor) for tensor in constant_output().graph.tensors]
    assert kinds == [GraphInput, Constant, Computed]
    with pytest.raises(ValueError, match="its kind and the graph's inputs disagree"):
        graph = constant_output().graph
        type(graph)(**{name: getattr(graph, name) for name in graph.__slots__} | {"inputs": ()})


def test_inputs_and_outputs_are_allocated_once(workshop: Workshop) -> None:
    exported = workshop.export(everything_twice(), policy="keep")
    graph, places = exported.model.graph, exported.plan.by_tensor()
    assert set(places) == {graph.inputs[0], graph.nodes[0].outputs[0]}
    source = exported.text("all_twice.c")
    assert len(re.findall(r"return ctx->arena( \+ \d+)?;", source)) == 1 + 4
    assert source.count("return all_twice_t1;") == 2


def test_both_rules(workshop: Workshop) -> None:
    chain = Chain("by_onnx", Rule.ONNX)
    a, b = chain.input(2, 3, name="a"), chain.input(2, 3, name="b")
    check(workshop.export(chain.build(chain.node(Add(), a, b), a)))


ONNX_HEAD = """<ir_version: 9, opset_import: ["" : 17]>
g ({inputs}) => ({outputs})
<float s = {{0.5}}, int8 z = {{-3}}{constants}>
{{
  q = QuantizeLinear (x, s, z)
  d = DequantizeLinear (q, s, z)
  r = Relu (d)
  rq = QuantizeLinear (r, s, z)
  y = DequantizeLinear (rq, s, z)
  {more}
}}
"""


def onnx_model(path: Path, inputs: str, outputs: str, more: str = "", constants: str = "") -> Model:
    onnx = pytest.importorskip("onnx")
    text = ONNX_HEAD.format(inputs=inputs, outputs=outputs, more=more, constants=constants)
    onnx.save(onnx.parser.parse_model(text), path)
    return read_model(path, path.stem)


def test_onnx_input_as_output_twice_and_an_unused_one(workshop: Workshop, tmp_path: Path) -> None:
    model = onnx_model(
        tmp_path / "by_onnx_file.onnx",
        "float[2,3] x, float[4] unused",
        "float[2,3] same, float[2,3] y, float[2,3] again",
        "same = DequantizeLinear (q, s, z)\n again = DequantizeLinear (rq, s, z)\n u = QuantizeLinear (unused, s, z)",
    )
    assert [model.graph.tensors[index].name for index in model.graph.inputs] == ["x", "unused"]
    exported = workshop.export(model)
    inputs = exported.random_inputs()
    same, y, again = exported.run(inputs)
    np.testing.assert_array_equal(same, inputs[0])
    np.testing.assert_array_equal(y, np.maximum(inputs[0], -3))
    np.testing.assert_array_equal(again, y)


def test_onnx_constant_output(workshop: Workshop, tmp_path: Path) -> None:
    model = onnx_model(
        tmp_path / "m.onnx",
        "float[2,3] x",
        "float[2,3] y, float[2] c",
        "c = DequantizeLinear (k, s, z)",
        ", int8[2] k = {1,2}",
    )
    exported = workshop.export(model)
    assert exported.run(exported.random_inputs())[1].tolist() == [1, 2]


def test_tflite_input_and_constant_as_outputs(workshop: Workshop, tmp_path: Path) -> None:
    pytest.importorskip("ai_edge_litert")
    from tests.frontend.tflite.tflite_file import File

    file = File()
    x = file.tensor("x", (2, 3), zero_point=-3)
    y = file.tensor("y", (2, 3), zero_point=-3)
    table = file.constant("table", np.arange(5, dtype=np.int8))
    file.node("RELU", [x], [y])
    file.graph.inputs, file.graph.outputs = [x], [x, y, table]
    exported = workshop.export(read_model(file.write(tmp_path), "by_tflite_roles"))
    inputs = exported.random_inputs()
    given, relu, constant = exported.run(inputs)
    np.testing.assert_array_equal(given, inputs[0])
    np.testing.assert_array_equal(relu, np.maximum(inputs[0], -3))
    assert constant.tolist() == [0, 1, 2, 3, 4]


def test_tflite_one_tensor_as_two_outputs_and_an_unused_input(workshop: Workshop, tmp_path: Path) -> None:
    pytest.importorskip("ai_edge_litert")
    from tests.frontend.tflite.tflite_file import File

    file = File()
    x = file.tensor("x", (2, 3), zero_point=-3)
    unused = file.tensor("unused", (5,))
    y = file.tensor("y", (2, 3), zero_point=-3)
    file.node("RELU", [x], [y])
    file.graph.inputs, file.graph.outputs = [unused, x], [y, y]
    exported = workshop.export(read_model(file.write(tmp_path), "by_tflite_file"))
    inputs = exported.random_inputs()
    relu, again = exported.run(inputs)
    np.testing.assert_array_equal(relu, np.maximum(inputs[1], -3))
    np.testing.assert_array_equal(again, relu)
