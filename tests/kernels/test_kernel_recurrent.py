# SPDX-License-Identifier: Apache-2.0
"""SVDF of int8 and LSTM of int8 and int16, against the reference bit for bit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from kernel_cases import GENERIC, rule_of
from kernel_headers import structure_of
from kernel_library import KernelLibrary
from kernel_nodes import filled
from kernel_strategies import int8_tensor
from plain_cases import Calls

from sconnx.export.node import export_node
from sconnx.export.selection import verdicts
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import SVDF, SequenceLSTM
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule

Generator = np.random.Generator


def check_outputs(libraries: Sequence[KernelLibrary], model: Model, inputs: Sequence[np.ndarray]) -> None:
    """All outputs of the only node."""
    node = export_node(model.graph, 0)
    rule = rule_of(node, GENERIC)
    parameters = filled(structure_of(rule.params_type), rule.pack(node, model.params))
    by_tensor = dict(zip(model.graph.inputs, inputs, strict=True))
    rows = [by_tensor[node.input(position).index].view(np.int8) for position in rule.operands(node)]
    expected = execute(model, inputs)
    for library in libraries:
        outputs = Calls(library, node, rule, parameters).outputs(rows)
        for operand, values in zip(node.outputs, outputs, strict=True):
            np.testing.assert_array_equal(values, expected[operand.index], library.name)


def lstm_model(
    rng: Generator, sizes: tuple[int, int, int, int], clip: float, zero: int, dtype: DType = DType.INT8
) -> Model:
    """Sizes are steps, batch, inputs and units; with a zero point 0 of the hidden state there are no biases."""
    steps, batch, inputs, units = sizes
    wide = dtype is DType.INT16
    width = 256 if wide else 1
    builder = ModelBuilder("one", Rule.TFLITE)
    x = builder.add_input("x", dtype, (steps, batch, inputs), QuantValues.of(0.04 / width, 0 if wide else -7))
    scales = [np.repeat(rng.uniform(0.004, 0.02, 4), units) for _ in range(2)]
    w = builder.add_constant("w", int8_tensor(rng, 4 * units, inputs), QuantValues.of(scales[0], 0, 0))
    r = builder.add_constant("r", int8_tensor(rng, 4 * units, units), QuantValues.of(scales[1], 0, 0))
    bias = rng.integers(-3000, 3000, 8 * units).astype(np.int64 if wide else np.int32) * width
    b = builder.add_constant("b", bias) if zero else None
    hidden, cell = QuantValues.of(1 / 128 / width, 0 if wide else zero), QuantValues.of(2.0**-11, 0)
    h = builder.add_input("h", dtype, (batch, units), hidden)
    c = builder.add_input("c", DType.INT16, (batch, units), cell)
    outputs = builder.add_node_of_many(
        SequenceLSTM(cell_clip=clip),
        (x, w, r, b, h, c),
        name="n",
        source_index=0,
        output_names=("y", "h1", "c1"),
        dtype=(dtype, dtype, DType.INT16),
        quantization=(hidden, hidden, cell),
    )
    return builder.build(list(outputs))


def codes(rng: Generator, dtype: DType, dims: tuple[int, ...], extreme: bool) -> np.ndarray:
    """Any integers, or only the two ends of their range."""
    info = np.iinfo(dtype.value)
    if extreme:
        return rng.choice(np.array([info.min, info.max], dtype.value), dims)
    return rng.integers(info.min, info.max + 1, dims).astype(dtype.value)


@pytest.mark.parametrize("dtype", [DType.INT8, DType.INT16])
@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (5, 2, 7, 6), (3, 1, 40, 33), (1, 1, 1030, 1)])
@pytest.mark.parametrize(("clip", "zero"), [(0.0, 5), (2.0, 0)])
def test_lstm(
    libraries: tuple[KernelLibrary, ...], sizes: tuple[int, int, int, int], clip: float, zero: int, dtype: DType
) -> None:
    rng = np.random.default_rng(1)
    steps, batch, inputs, units = sizes
    for extreme in (False, True):
        model = lstm_model(rng, sizes, clip, zero, dtype)
        x, h = (codes(rng, dtype, dims, extreme) for dims in ((steps, batch, inputs), (batch, units)))
        c = codes(rng, DType.INT16, (batch, units), extreme)
        check_outputs(libraries, model, [x, h, c])


@pytest.mark.parametrize("dtype", [DType.INT8, DType.INT16])
@pytest.mark.parametrize("rank", [1, 2])
def test_svdf(libraries: tuple[KernelLibrary, ...], dtype: DType, rank: int) -> None:
    rng = np.random.default_rng(2)
    wide = dtype is DType.INT16
    info = np.iinfo(dtype.value)
    for memory in (1, 2, 9):
        builder = ModelBuilder("one", Rule.TFLITE)
        x = builder.add_input("x", DType.INT8, (3, 11), QuantValues.of(0.05, 9))
        features = builder.add_constant("f", int8_tensor(rng, 3 * rank, 11), QuantValues.of(0.01, 0))
        time = rng.integers(info.min, info.max, (3 * rank, memory)).astype(dtype.value)
        t = builder.add_constant("t", time, QuantValues.of(0.0001 if wide else 0.02, 0))
        bias = builder.add_constant("b", rng.integers(-3000, 3000, 3).astype(np.int32))
        quant = QuantValues.of(0.0003 if wide else 0.05, 0 if wide else -4)
        state = builder.add_input("s", dtype, (3, 3 * rank * memory), quant)
        outputs = builder.add_node_of_many(
            SVDF(rank=rank),
            (x, features, t, bias, state),
            name="n",
            source_index=0,
            output_names=("y", "s1"),
            dtype=(DType.INT8, dtype),
            quantization=(QuantValues.of(0.1, 3), quant),
        )
        before = rng.integers(info.min, info.max, (3, 3 * rank * memory)).astype(dtype.value)
        check_outputs(libraries, builder.build(list(outputs)), [int8_tensor(rng, 3, 11), before])


def test_only_plain_lstms() -> None:
    model = lstm_model(np.random.default_rng(3), (2, 1, 3, 4), 0.0, 0)
    node = export_node(model.graph, 0)
    (reason,) = {
        verdict.reason for verdict in verdicts(node, [GENERIC], frozenset()) if verdict.name == "generic.LSTMWhole"
    }
    assert reason == ""
