# SPDX-License-Identifier: Apache-2.0
"""ModelBuilder, the checks of Graph and Tensor, and the dims that operators infer."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sconnx.graph.graph import Graph, Node, StateUpdate
from sconnx.graph.json_form import graph_to_json, read_graph, to_bytes
from sconnx.graph.model import ModelBuilder, QuantValues
from sconnx.graph.operator import (
    Add,
    AveragePooling2D,
    Conv2D,
    DepthwiseConv2D,
    Dims,
    FullyConnected,
    MaxPooling2D,
    Operator,
    Relu,
    Reshape,
    Split,
    Transpose,
)
from sconnx.graph.tensor import Computed, DType, GraphInput, State, Tensor
from sconnx.passes.rewrite import reopen
from sconnx.reference.rule import Rule
from tests.tiny_models import QUANT, Chain


def test_what_no_output_needs_is_dropped() -> None:
    chain = Chain()
    unused = chain.constant(4, name="unused")
    x, y = chain.input(1, 4, name="x"), chain.input(1, 4, name="never read")
    used = chain.node(Relu(), x, name="used")
    chain.node(FullyConnected(), used, chain.constant(4, 4, name="dead weights"), name="dead")
    last = chain.node(Add(), used, chain.constant(1, 4, name="kept"), name="last")
    model = chain.build(last)
    assert unused == 0 and y == 2
    assert [node.name for node in model.graph.nodes] == ["used", "last"]
    assert [tensor.name for tensor in model.graph.tensors] == ["x", "never read", "t0", "kept", "t2"]
    assert (model.graph.inputs, model.graph.outputs) == ((0, 1), (4,))
    assert [node.inputs for node in model.graph.nodes] == [(0,), (2, 3)]
    assert sorted(model.params.value) == [3]
    assert sorted(model.params.scale) == [0, 1, 2, 3, 4]


def test_absent_inputs_stay_absent() -> None:
    chain = Chain()
    x = chain.input(1, 3)
    y = chain.node(FullyConnected(), x, chain.constant(2, 3), None)
    node = chain.build(y).graph.nodes[0]
    assert (node.inputs, node.reads) == ((0, 1, None), (0, 1))


def test_an_input_may_be_an_output_and_nothing_else_happen() -> None:
    chain = Chain()
    x = chain.input(1, 3)
    model = chain.build(x)
    assert (model.graph.nodes, model.graph.inputs, model.graph.outputs) == ((), (0,), (0,))


@pytest.mark.parametrize("dims", [(), (3,), (2, 3)])
def test_a_constant_has_the_dims_of_its_value(dims: Dims) -> None:
    builder = ModelBuilder("m", Rule.TFLITE)
    index = builder.add_constant("c", np.array(np.zeros(dims, np.int8), order="F"))
    assert builder.tensors[index].dims == dims
    assert builder.values[index].shape == dims
    assert builder.values[index].flags.c_contiguous
    built = builder.build([index])
    assert built.params.value[0].shape == built.graph.tensors[0].dims


def test_quantisation_facts_are_derived_from_the_values() -> None:
    builder = ModelBuilder("m", Rule.TFLITE)
    per_axis = builder.add_constant("w", np.zeros((2, 3), np.int8), QuantValues.of([1, 2], 0, axis=0))
    asymmetric = builder.add_input("x", DType.INT8, (3,), QuantValues.of(1, 5))
    one = builder.add_constant("o", np.zeros((1, 3), np.int8), QuantValues.of([1], 0, axis=0))
    schemes = [builder.tensors[index].quantization for index in (per_axis, asymmetric, one)]
    assert [(s.axis, s.symmetric) for s in schemes if s] == [(0, True), (None, False), (None, True)]
    assert QuantValues.of([1, 2], 3).zero_point.tolist() == [3, 3]
    assert QUANT.same_as(QuantValues.of(0.5, -3)) and not QUANT.same_as(QuantValues.of(0.5))


def _tensors(*kinds: type[Tensor]) -> tuple[Tensor, ...]:
    return tuple(kind(name=f"t{i}", dtype=DType.INT8, dims=(1,)) for i, kind in enumerate(kinds))


def _node(reads: int, writes: int) -> Node:
    return Node(operator=Relu(), name="n", source_index=0, inputs=(reads,), outputs=(writes,))


@pytest.mark.parametrize(
    ("kinds", "nodes", "inputs", "message"),
    [
        ((GraphInput,), (), (), "tensor 0 't0': its kind and the graph's inputs disagree"),
        ((Computed,), (), (0,), "tensor 0 't0': its kind and the graph's inputs disagree"),
        (
            (GraphInput, Computed, Computed),
            (_node(2, 1), _node(0, 2)),
            (0,),
            "node 'n' reads tensor 2 before it is written",
        ),
        ((GraphInput, Computed), (_node(0, 1), _node(0, 1)), (0,), "node 'n' cannot write tensor 1"),
        ((GraphInput,), (_node(0, 0),), (0,), "node 'n' cannot write tensor 0"),
    ],
)
def test_impossible_graphs_are_refused(
    kinds: tuple[type[Tensor], ...], nodes: tuple[Node, ...], inputs: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError) as caught:
        Graph(name="m", rule=Rule.TFLITE, tensors=_tensors(*kinds), nodes=nodes, inputs=inputs, outputs=())
    assert str(caught.value) == message


def test_impossible_tensors_are_refused() -> None:
    with pytest.raises(ValueError, match=r"tensor 't' has dims \(1, 0\); every dimension must be at least 1"):
        Computed(name="t", dtype=DType.INT8, dims=(1, 0))
    with pytest.raises(ValueError, match=r"tensor 't': source_axes \(0, 0\) is no permutation"):
        Computed(name="t", dtype=DType.INT8, dims=(1, 2), source_axes=(0, 0))


@pytest.mark.parametrize(
    ("dims", "batch", "height", "width", "channels"),
    [((), 1, 1, 1, 1), ((7,), 7, 1, 1, 1), ((2, 7), 2, 1, 1, 7), ((2, 5, 7), 2, 1, 5, 7), ((2, 3, 5, 7), 2, 3, 5, 7)],
)
def test_dimensions_by_name(dims: Dims, batch: int, height: int, width: int, channels: int) -> None:
    tensor = Computed(name="t", dtype=DType.INT32, dims=dims)
    assert (tensor.batch, tensor.height, tensor.width, tensor.channels) == (batch, height, width, channels)
    assert tensor.size_bytes == 4 * int(np.prod(dims))


@pytest.mark.parametrize(
    ("operator", "inputs", "message"),
    [
        (Conv2D(kernel_dims=(3, 3)), [(5, 5, 1), (1, 3, 3, 1)], "input dims (5, 5, 1) are not NHWC"),
        (Conv2D(kernel_dims=(3, 3)), [(1, 5, 5, 1), (1, 9)], "weights (1, 9) are not [O,kh,kw,C/groups]"),
        (
            Conv2D(kernel_dims=(3, 3)),
            [(1, 2, 5, 1), (1, 3, 3, 1)],
            "kernel (3, 3) does not fit input dims (1, 2, 5, 1) with padding (0, 0, 0, 0)",
        ),
        (
            Conv2D(kernel_dims=(3, 3), groups=2),
            [(1, 5, 5, 4), (3, 3, 3, 2)],
            "weights (3, 3, 3, 2) do not fit input (1, 5, 5, 4) with 2 groups",
        ),
        (
            DepthwiseConv2D(kernel_dims=(3, 3), channel_multiplier=2),
            [(1, 5, 5, 4), (3, 3, 4)],
            "weights (3, 3, 4) do not fit input (1, 5, 5, 4) times 2",
        ),
        (FullyConnected(), [(1, 3), (2, 4)], "weights (2, 4) do not fit input (1, 3)"),
        (FullyConnected(), [(1, 3), (3,)], "weights (3,) do not fit input (1, 3)"),
        (FullyConnected(), [(), (2, 3)], "weights (2, 3) do not fit input ()"),
        (FullyConnected(), [(1, 3), (2, 3, 1)], "weights (2, 3, 1) do not fit input (1, 3)"),
        (AveragePooling2D(kernel_dims=(2, 2)), [(4, 4)], "input dims (4, 4) are not NHWC"),
        (
            MaxPooling2D(kernel_dims=(2, 2), dilation_dims=(4, 1)),
            [(1, 4, 4, 1)],
            "kernel (2, 2) does not fit input dims (1, 4, 4, 1) with padding (0, 0, 0, 0)",
        ),
        (Add(), [(1, 3), (2,)], "dims (1, 3) and (2,) do not broadcast"),
        (Reshape(dims=(2, 2)), [(1, 3)], "dims (1, 3) cannot be reshaped to (2, 2)"),
        (Transpose(permutation=(0, 0)), [(1, 3)], "permutation (0, 0) does not fit dims (1, 3)"),
    ],
)
def test_dims_that_do_not_fit(operator: Operator, inputs: list[Dims], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        operator.output_dims(inputs)
    assert str(caught.value) == message


@given(
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    padding=st.tuples(*(st.integers(0, 3),) * 4),
)
def test_windows_are_counted_as_by_sliding_one(
    size: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    padding: tuple[int, int, int, int],
) -> None:
    def places(axis: int) -> int:
        padded = size[axis] + padding[axis] + padding[axis + 2]
        reach = (kernel[axis] - 1) * dilation[axis] + 1
        return len([start for start in range(0, padded, stride[axis]) if start + reach <= padded])

    operator = MaxPooling2D(kernel_dims=kernel, stride_dims=stride, dilation_dims=dilation, padding=padding)
    wanted = (1, places(0), places(1), 3)
    if 0 in wanted:
        with pytest.raises(ValueError, match="does not fit"):
            operator.output_dims([(1, *size, 3)])
    else:
        assert operator.output_dims([(1, *size, 3)]) == wanted


def test_multiply_accumulates() -> None:
    conv = Conv2D(kernel_dims=(3, 3), padding=(1, 1, 1, 1), groups=2)
    assert conv.macs([(1, 5, 5, 4), (6, 3, 3, 2)], (1, 5, 5, 6)) == 5 * 5 * 6 * 9 * 2
    depthwise = DepthwiseConv2D(kernel_dims=(3, 3))
    assert depthwise.macs([(1, 5, 5, 4), (3, 3, 4)], (1, 3, 3, 4)) == 3 * 3 * 4 * 9
    assert FullyConnected().macs([(2, 7), (3, 7)], (2, 3)) == 42
    assert Relu().macs([(1, 9)], (1, 9)) == 0


def test_a_node_keeps_all_its_outputs() -> None:
    chain = Chain()
    x = chain.input(2, 6, name="x")
    parts = chain.builder.add_node_of_many(
        Split(axis=1, sizes=(1, 2, 3)), (x,), name="n", source_index=0, output_names=["a", "b", "c"], quantization=QUANT
    )
    model = chain.build(chain.node(Relu(), parts[1]))
    (split, relu), tensors = model.graph.nodes, model.graph.tensors
    assert [(tensors[index].name, tensors[index].dims) for index in split.outputs] == [
        ("a", (2, 1)),
        ("b", (2, 2)),
        ("c", (2, 3)),
    ]
    assert relu.inputs == split.outputs[1:2]
    assert all(tensors[index].quantization.kept for index in split.outputs)
    with pytest.raises(ValueError, match="zip"):
        chain.builder.add_node_of_many(
            Split(axis=1, sizes=(3, 3)), (x,), name="n", source_index=0, output_names=["a", "b", "c"]
        )


def stateful(initial: np.ndarray | None = None, quantization: QuantValues | None = None) -> Chain:
    """x + s, which is also what s becomes; and a state that only another state needs, which no output needs."""
    chain = Chain()
    builder, x = chain.builder, chain.input(1, 4)
    s = builder.add_state("s", DType.INT8, (1, 4), quantization, initial)
    lost = builder.add_state("lost", DType.INT8, (1, 4))
    total = chain.node(Add(), x, s)
    builder.update_state(s, total)
    builder.update_state(lost, chain.node(Add(), x, lost))
    return chain


def test_states_that_no_output_needs_are_dropped() -> None:
    model = stateful().build(3)
    assert [tensor.name for tensor in model.graph.tensors] == ["x", "s", "t0"]
    assert model.graph.states == (StateUpdate(state=1, next=2),)
    assert (model.graph.given, model.graph.kept) == ((0, 1), (2, 2))
    assert model.params.value == {}


def test_what_a_needed_state_becomes_is_needed() -> None:
    chain = Chain()
    builder, x = chain.builder, chain.input(1, 4)
    s = builder.add_state("s", DType.INT8, (1, 4))
    y = chain.node(Relu(), s, name="y")
    weights = chain.constant(4, 4)
    builder.update_state(s, chain.node(FullyConnected(), x, weights, name="later"))
    model = chain.build(y)
    assert [node.name for node in model.graph.nodes] == ["y", "later"]
    assert sorted(model.params.value) == [3]
    again = reopen(model).build(list(model.graph.outputs))
    assert again.graph == model.graph


def test_the_first_value_of_a_state() -> None:
    at_zero = stateful().build(3).graph.tensors[1]
    assert isinstance(at_zero, State) and at_zero.starts_at_zero
    ones = stateful(np.ones((1, 4), np.int8)).build(3)
    assert not cast(State, ones.graph.tensors[1]).starts_at_zero
    np.testing.assert_array_equal(ones.params.value[1], np.ones((1, 4), np.int8))
    # The number 0 is the zero point.
    quantized = stateful(quantization=QuantValues.of(0.5, 7)).build(3)
    np.testing.assert_array_equal(quantized.params.value[1], np.full((1, 4), 7, np.int8))
    assert cast(State, stateful(quantization=QuantValues.of(0.5)).build(3).graph.tensors[1]).starts_at_zero
    with pytest.raises(ValueError, match=r"state 's' is int8 \(1, 4\), its value float64 \(4,\)"):
        stateful(np.ones(4))


def test_states_in_the_file(tmp_path: Path) -> None:
    for model in (stateful().build(3), stateful(np.ones((1, 4), np.int8)).build(3)):
        path = tmp_path / "graph.json"
        path.write_bytes(to_bytes(graph_to_json(model.graph)))
        assert read_graph(path) == model.graph
    assert '"states": [\n    {"state": 1, "next": 2}\n  ]' in path.read_text()


@pytest.mark.parametrize(
    ("updates", "message"),
    [
        ((), "state 1 's' has 0 updates; it must have one"),
        (((1, 2), (1, 0)), "state 1 's' has 2 updates; it must have one"),
        (((1, 2), (0, 2)), "tensor 0 'x' is updated, but is no state"),
        (((1, 1),), "state 1 's' becomes tensor 1, which nothing writes"),
        (((1, 3),), "state 1 's' is int8 (1, 4) and becomes int8 (4,)"),
    ],
)
def test_updates_that_make_no_sense(updates: tuple[tuple[int, int], ...], message: str) -> None:
    chain = stateful()
    flat = chain.node(Reshape(dims=(4,)), 3)
    graph = chain.build(3, flat).graph
    with pytest.raises(ValueError, match=re.escape(message)):
        replace(graph, states=tuple(StateUpdate(*update) for update in updates))


def test_an_input_may_be_what_a_state_becomes() -> None:
    chain = Chain()
    builder, x = chain.builder, chain.input(1, 4)
    s = builder.add_state("s", DType.INT8, (1, 4))
    builder.update_state(s, x)
    assert chain.build(chain.node(Add(), x, s)).graph.states == (StateUpdate(1, 0),)
