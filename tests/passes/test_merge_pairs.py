# SPDX-License-Identifier: Apache-2.0
"""merge_pairs: what it leaves out or merges computes the same; what does something stays."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import Add, MaxPooling2D, Operator, Relu, Relu6, Requantize, Reshape, Sigmoid, Transpose
from sconnx.graph.tensor import DType
from sconnx.passes.merge_pairs import merge_pairs
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule
from tests.passes.planted import inputs_of

QUANT = QuantValues.of(0.05, -7)
PERMUTATIONS = list(itertools.permutations(range(4)))


class Chain:
    """One node after the other."""

    def __init__(self, *dims: int, rule: Rule = Rule.ONNX) -> None:
        self.builder = ModelBuilder("chain", rule)
        self.last = self.builder.add_input("x", DType.INT8, dims, QUANT)

    def add(self, operator: Operator, *others: int, quant: QuantValues = QUANT) -> int:
        count = len(self.builder.nodes)
        self.last = self.builder.add_node(
            operator, (self.last, *others), name=f"n{count}", source_index=count, output_name=f"t{count}",
            quantization=quant,
        )  # fmt: skip
        return self.last

    def build(self, *outputs: int) -> Model:
        return self.builder.build(list(outputs) or [self.last])


def types(model: Model) -> list[str]:
    return [node.type for node in model.graph.nodes]


def merged(model: Model) -> list[str]:
    """The types of the nodes that are left, after a look at the outputs and at what the tensors say of themselves."""
    smaller = merge_pairs(model)
    assert [smaller.graph.tensors[index].name for index in smaller.graph.outputs] == [
        model.graph.tensors[index].name for index in model.graph.outputs
    ]
    for x in inputs_of(model):
        before, after = execute(model, x), execute(smaller, x)
        for old, new in zip(model.graph.outputs, smaller.graph.outputs, strict=True):
            np.testing.assert_array_equal(before[old], after[new])
    scale, point = smaller.params.scale, smaller.params.zero_point
    for node in smaller.graph.nodes:
        x, y = node.reads[0], node.outputs[0]
        quantization = smaller.graph.tensors[y].quantization
        assert quantization is not None
        assert quantization.kept == (scale[x][0] == scale[y][0] and point[x][0] == point[y][0])
    return types(smaller)


@settings(max_examples=60, deadline=None)
@given(
    dims=st.tuples(*[st.integers(1, 3)] * 4),
    orders=st.lists(st.sampled_from(PERMUTATIONS), min_size=1, max_size=4),
)
def test_transposes_are_at_most_one(dims: tuple[int, ...], orders: list[tuple[int, ...]]) -> None:
    chain = Chain(*dims)
    for order in orders:
        chain.add(Transpose(permutation=order))
    chain.add(Sigmoid(), quant=QuantValues.of(1 / 256, -128))
    moves = np.arange(np.prod(dims)).reshape(dims)
    for order in orders:
        moves = moves.transpose(order)
    is_moved = not np.array_equal(moves.ravel(), np.arange(moves.size))
    is_reshaped = not is_moved and moves.shape != dims
    assert merged(chain.build()) == ["Transpose"] * is_moved + ["Reshape"] * is_reshaped + ["Sigmoid"]


def test_reshapes_are_one() -> None:
    chain = Chain(1, 2, 3, 4)
    chain.add(Reshape(dims=(1, 24)))
    chain.add(Reshape(dims=(4, 6)))
    chain.add(Transpose(permutation=(1, 0)))
    chain.add(Reshape(dims=(24,)))
    chain.add(Reshape(dims=(1, 2, 3, 4)))
    chain.add(MaxPooling2D(kernel_dims=(1, 2)))
    assert merged(chain.build()) == ["Reshape", "Transpose", "Reshape", "MaxPooling2D"]


def test_an_output_keeps_its_name_and_its_node() -> None:
    chain = Chain(1, 2, 3, 4)
    chain.add(Transpose(permutation=(0, 3, 1, 2)))
    chain.add(Transpose(permutation=(0, 2, 3, 1)))
    assert merged(chain.build()) == ["Reshape"]  # which is an alias: it copies nothing


def test_what_others_read_stays_between() -> None:
    chain = Chain(1, 2, 3, 4)
    between = chain.add(Transpose(permutation=(0, 3, 1, 2)))
    chain.add(Transpose(permutation=(0, 2, 3, 1)))
    total = chain.add(Add(), chain.last)
    assert merged(chain.build(between, total)) == ["Transpose", "Add"]


@pytest.mark.parametrize("rule", Rule)
def test_opposite_requantisations_cancel(rule: Rule) -> None:
    """A finer scale loses nothing, so the way there and back is no way at all."""
    chain = Chain(1, 256, rule=rule)
    chain.add(Relu())
    chain.add(Requantize(), quant=QuantValues.of(0.05, -121))
    chain.add(Requantize())
    chain.add(Sigmoid(), quant=QuantValues.of(1 / 256, -128))
    assert merged(chain.build()) == ["Relu", "Sigmoid"]


@pytest.mark.parametrize("rule", Rule)
def test_a_coarser_scale_loses_something(rule: Rule) -> None:
    chain = Chain(1, 256, rule=rule)
    chain.add(Requantize(), quant=QuantValues.of(0.2, -7))
    chain.add(Requantize())
    chain.add(Sigmoid(), quant=QuantValues.of(1 / 256, -128))
    assert merged(chain.build()) == ["Requantize", "Requantize", "Sigmoid"]


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize(
    ("operators", "left"),
    [
        ((Relu(), Relu()), "Relu"),
        ((Relu6(), Relu()), "Relu6"),
        ((Relu(), Relu6()), "Relu6"),
        ((Requantize(), Relu()), "Relu"),
        ((Relu(), Requantize()), "Relu"),
    ],
)
def test_clamps_are_one(rule: Rule, operators: tuple[Operator, ...], left: str) -> None:
    chain = Chain(1, 256, rule=rule)
    for operator in operators:
        chain.add(operator)
    chain.add(Add(), chain.last)
    assert merged(chain.build()) == [left, "Add"]


@settings(max_examples=100, deadline=None)
@given(
    rule=st.sampled_from(Rule),
    steps=st.lists(
        st.tuples(
            st.sampled_from([Requantize(), Relu(), Relu6()]),
            st.sampled_from([0.02, 0.05, 0.0500001, 0.1]),
            st.sampled_from([-128, -7, 0, 90]),
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_any_tables(rule: Rule, steps: list[tuple[Operator, float, int]]) -> None:
    chain = Chain(1, 256, rule=rule)
    for operator, scale, point in steps:
        chain.add(operator, quant=QuantValues.of(scale, point))
    model = chain.build()
    assert len(merged(model)) <= len(model.graph.nodes)


def test_scales_too_far_apart() -> None:
    """Each step has a multiplier, both together have none."""
    chain = Chain(1, 8, rule=Rule.TFLITE)
    chain.add(Requantize(), quant=QuantValues.of(0.05e-6, 0))
    chain.add(Requantize(), quant=QuantValues.of(0.05e-12, 0))
    assert merged(chain.build()) == ["Requantize", "Requantize"]


def test_floats_have_no_tables() -> None:
    builder = ModelBuilder("floats", Rule.ONNX)
    x = builder.add_input("x", DType.FLOAT32, (2, 3), None)
    for number in range(2):
        x = builder.add_node(
            Relu(), (x,), name=f"n{number}", source_index=number, output_name=f"t{number}", dtype=DType.FLOAT32
        )
    assert types(merge_pairs(builder.build([x]))) == ["Relu", "Relu"]
