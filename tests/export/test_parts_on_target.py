# SPDX-License-Identifier: Apache-2.0
"""Concat, Split and elementwise operators on images, in firmware on an emulated core."""

from __future__ import annotations

import numpy as np
import pytest

from sconnx.graph.model import Model
from sconnx.graph.operator import Add, Concat, MaxPooling2D, Relu, Softmax, Split
from sconnx.reference.execute import execute
from tests.export.workshop import Workshop
from tests.tiny_models import QUANT, Chain


def split(chain: Chain, axis: int, sizes: tuple[int, ...], source: int) -> tuple[int, ...]:
    number = len(chain.builder.nodes)
    names = [f"t{number}_{part}" for part in range(len(sizes))]
    return chain.builder.add_node_of_many(
        Split(axis=axis, sizes=sizes), (source,), name=f"n{number}", source_index=number, output_names=names,
        quantization=QUANT,
    )  # fmt: skip


def images() -> Model:
    """Rows, channels and constants put together; elementwise operators on the rows of images."""
    chain = Chain("images")
    x = chain.input(1, 6, 5, 3)
    pool = chain.node(MaxPooling2D(kernel_dims=(2, 2), padding=(1, 1, 0, 0)), x)
    channels = chain.node(Concat(axis=3), x, chain.constant(1, 6, 5, 2), pool, x)
    columns = chain.node(Concat(axis=2), channels, chain.node(Relu(), channels))
    rows = chain.node(Concat(axis=1), columns, chain.node(Add(), columns, chain.constant(1, 6, 10, 11)))
    return chain.build(chain.node(Softmax(), rows), rows)


def vectors() -> Model:
    """Parts that follow each other, and parts that do not."""
    chain = Chain("vectors")
    first, _, last = split(chain, 1, (4, 1, 7), chain.input(1, 12))
    joined = chain.node(Concat(axis=1), last, chain.node(Relu(), first))
    left, right = split(chain, 1, (2, 3), chain.input(4, 5))
    return chain.build(chain.node(Concat(axis=1), right, left, right), joined)


@pytest.mark.parametrize("model", [images(), vectors()], ids=lambda model: model.graph.name)
@pytest.mark.parametrize("policy", ["keep", "clobber"])
def test_firmware(workshop: Workshop, model: Model, policy: str) -> None:
    exported = workshop.export(model, policy=policy)
    for seed in range(3):
        inputs = exported.random_inputs(seed)
        expected = execute(model, inputs)
        for output, actual in zip(model.graph.outputs, exported.run(inputs), strict=True):
            np.testing.assert_array_equal(actual, expected[output])
