# SPDX-License-Identifier: Apache-2.0
"""fold_transpose: what it removes computes the same; what it must not touch stays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import FullyConnected, MaxPooling2D, Operator, Relu, Reshape, Transpose
from sconnx.graph.tensor import DType
from sconnx.passes.fold_transpose import fold_transpose
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule

QUANT = QuantValues.of(0.1, 3)


class Chain:
    """A builder that adds nodes to the last tensor."""

    def __init__(self, dims: tuple[int, ...], seed: int = 0) -> None:
        self.random = np.random.default_rng(seed)
        self.builder = ModelBuilder("chain", Rule.ONNX)
        self.last = self.builder.add_input("x", DType.INT8, dims, QUANT)

    def add(self, operator: Operator, *others: int) -> int:
        self.last = self.builder.add_node(
            operator,
            (self.last, *others),
            name=type(operator).__name__,
            source_index=len(self.builder.nodes),
            output_name="t",
            quantization=QUANT,
        )
        return self.last

    def dense(self, outputs: int) -> int:
        inputs = self.builder.tensors[self.last].dims[-1]
        values = self.random.integers(-127, 128, (outputs, inputs)).astype(np.int8)
        weights = self.builder.add_constant("w", values, QuantValues.of(np.full(outputs, 0.013), 0, 0))
        return self.add(FullyConnected(), weights)

    def build(self, *outputs: int) -> Model:
        return self.builder.build(list(outputs) or [self.last])


def types(model: Model) -> list[str]:
    return [node.type for node in model.graph.nodes]


def check_same_outputs(model: Model, folded: Model) -> None:
    graph = model.graph
    x = np.random.default_rng(1).integers(-128, 128, graph.tensors[graph.inputs[0]].dims).astype(np.int8)
    before, after = execute(model, [x]), execute(folded, [x])
    for old, new in zip(graph.outputs, folded.graph.outputs, strict=True):
        np.testing.assert_array_equal(before[old], after[new])


@settings(max_examples=60, deadline=None)
@given(
    dims=st.lists(st.integers(1, 5), min_size=2, max_size=3).map(tuple),
    order=st.permutations(range(1, 4)),
    relu=st.booleans(),
    readers=st.integers(1, 2),
    batch=st.integers(1, 2),
)
def test_folded(dims: tuple[int, ...], order: list[int], relu: bool, readers: int, batch: int) -> None:
    chain = Chain((batch, *dims))
    chain.add(Transpose(permutation=(0, *[axis for axis in order if axis <= len(dims)])))
    flat = chain.add(Reshape(dims=(batch, int(np.prod(dims)))))
    if relu:
        flat = chain.add(Relu())
    outputs = []
    for _ in range(readers):
        chain.last = flat
        outputs.append(chain.dense(3))
    model = chain.build(*outputs)
    folded = fold_transpose(model)
    assert types(folded) == ["Reshape"] + ["Relu"] * relu + ["FullyConnected"] * readers
    assert len(folded.graph.constants) == readers
    check_same_outputs(model, folded)


def test_transposed_batch_of_one() -> None:
    chain = Chain((1, 3, 4, 2))
    chain.add(Transpose(permutation=(3, 0, 2, 1)))
    chain.add(Reshape(dims=(1, 24)))
    chain.dense(5)
    model = chain.build()
    assert types(fold_transpose(model)) == ["Reshape", "FullyConnected"]
    check_same_outputs(model, fold_transpose(model))


def transposed() -> tuple[Chain, int, int]:
    chain = Chain((1, 3, 4, 2))
    moved = chain.add(Transpose(permutation=(0, 3, 1, 2)))
    return chain, moved, chain.add(Reshape(dims=(1, 24)))


def kept_output_of_transpose() -> Model:
    chain, moved, _ = transposed()
    return chain.build(moved, chain.dense(5))


def kept_output_of_reshape() -> Model:
    chain, _, flat = transposed()
    return chain.build(flat, chain.dense(5))


def kept_other_reader() -> Model:
    chain, moved, _ = transposed()
    dense = chain.dense(5)
    chain.last = moved
    return chain.build(dense, chain.add(MaxPooling2D(kernel_dims=(2, 2))))


def kept_other_end() -> Model:
    chain, _, flat = transposed()
    dense = chain.dense(5)
    chain.last = flat
    return chain.build(dense, chain.add(Relu()))


def kept_part_of_the_dimensions() -> Model:
    chain = Chain((1, 3, 4, 2))
    chain.add(Transpose(permutation=(0, 3, 1, 2)))
    chain.add(Reshape(dims=(1, 2, 12)))
    chain.dense(5)
    return chain.build()


@pytest.mark.parametrize(
    "make",
    [
        kept_output_of_transpose,
        kept_output_of_reshape,
        kept_other_reader,
        kept_other_end,
        kept_part_of_the_dimensions,
    ],
)
def test_kept(make: Callable[[], Model]) -> None:
    model = make()
    folded = fold_transpose(model)
    assert folded.graph == model.graph
    check_same_outputs(model, folded)
