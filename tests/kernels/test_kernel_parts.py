# SPDX-License-Identifier: Apache-2.0
"""concat and split against numpy, on any axis, and split as its rule packs it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_cases import STRUCTURES, rule_of, structure
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import int8_tensor, seeds
from kernel_structures import Concat, Split

from sconnx.export.access import Parts, Whole, Window
from sconnx.export.node import export_node
from sconnx.graph import operator
from sconnx.graph.model import ModelBuilder
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule
from tests.tiny_models import QUANT

lengths = st.lists(st.integers(1, 7), min_size=1, max_size=4)


@kernel_settings
@given(lengths, st.integers(1, 5), st.integers(1, 5), seeds)
def test_concat_and_split(
    libraries: tuple[KernelLibrary, ...], sizes: list[int], before: int, behind: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    parts = [int8_tensor(rng, before, size, behind) for size in sizes]
    whole = np.concatenate(parts, axis=1)
    part_bytes = np.array([size * behind for size in sizes], np.int32)
    fields = {"part_bytes": part_bytes, "parts": len(parts), "runs": before}
    for library in libraries:
        together = library.run("concat_s8_exact", Concat(**fields), parts, whole.shape)
        np.testing.assert_array_equal(together, whole, library.name)
        apart = library.split(Split(**fields, run_bytes=whole[0].size), whole, [part.shape for part in parts])
        for actual, part in zip(apart, parts, strict=True):
            np.testing.assert_array_equal(actual, part, library.name)


@pytest.mark.parametrize(
    ("dims", "axis", "sizes", "access"),
    [
        ((1, 4, 3, 6), 3, (1, 3, 2), Window(1, 1, 1, 0)),
        ((1, 4, 6, 3), 2, (1, 3, 2), Window(1, 1, 1, 0)),
        ((1, 6, 4, 3), 1, (1, 3, 2), Parts()),
        ((2, 6, 4, 3), 1, (1, 3, 2), Whole()),
        ((6, 5), 0, (2, 4), Parts()),
        ((6, 5), 1, (2, 3), Whole()),
        ((1, 6, 5), 2, (1, 1, 1, 2), Whole()),
    ],
)
def test_the_rule_of_split(
    libraries: tuple[KernelLibrary, ...], dims: tuple[int, ...], axis: int, sizes: tuple[int, ...], access: object
) -> None:
    builder = ModelBuilder("parts", Rule.TFLITE)
    source = builder.add_input("x", DType.INT8, dims, QUANT)
    names = [f"y{number}" for number in range(len(sizes))]
    outputs = builder.add_node_of_many(
        operator.Split(axis=axis, sizes=sizes),
        (source,),
        name="n",
        source_index=0,
        output_names=names,
        quantization=QUANT,
    )
    model = builder.build(list(outputs))
    node = export_node(model.graph, 0)
    rule = rule_of(node)
    assert (rule.access(node), rule.kernel(node)) == (access, "sx_split_s8_exact")
    parameters = structure(STRUCTURES[rule.params_type], rule.pack(node, model.params))
    x = int8_tensor(np.random.default_rng(5), *dims)
    expected = list(execute(model, [x]).values())
    heights = dims[1] if isinstance(access, Window) else 1
    for library in libraries:
        calls = [
            library.split(parameters, row, [(part.size // heights,) for part in expected])
            for row in x.reshape(heights, -1)
        ]
        for position, part in enumerate(expected):
            rows = np.concatenate([call[position] for call in calls])
            np.testing.assert_array_equal(rows.reshape(part.shape), part, library.name)
