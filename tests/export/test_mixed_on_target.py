# SPDX-License-Identifier: Apache-2.0
"""Tensors of several dtypes and states, in firmware on an emulated core: what they hold, and that nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sconnx.emulate.firmware import observe
from sconnx.emulate.vectors import Vector
from sconnx.graph.model import Model, QuantValues
from sconnx.graph.operator import Add, Cast, Dequantize, Greater, Quantize, Relu
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute_sequence
from sconnx.report.compare import verify
from tests.emulate.firmware_build import FirmwareBuilder
from tests.export.workshop import Exported, Workshop
from tests.mixed_graphs import Mixed

RULES = Path(__file__).parent / "mixed_rules"
QUANT = QuantValues.of(0.25, 3)
MIXED, INPUTS = "mixed", 12


def model_of(*, with_state: bool) -> Model:
    """float32 and int8 inputs; an int8 part between float32 ones; a sum over all runs; outputs of four dtypes."""
    mixed = Mixed()
    builder = mixed.builder
    x = mixed.input(DType.FLOAT32, 1, INPUTS)
    q = builder.add_input("q", DType.INT8, (1, INPUTS), QUANT)
    shift = builder.add_constant("shift", np.linspace(-2, 2, INPUTS, dtype=np.float32).reshape(1, INPUTS))
    moved = mixed.node(Add(), x, shift)
    narrow = quantized(mixed, Relu(), quantized(mixed, Quantize(), moved))
    back = mixed.node(Add(), mixed.node(Dequantize(), narrow, dtype=DType.FLOAT32), real(mixed, q))
    if with_state:
        first = np.linspace(5, 6, INPUTS, dtype=np.float32).reshape(1, INPUTS)
        total = builder.add_state("total", DType.FLOAT32, (1, INPUTS), initial=first)
        last = builder.add_state("last", DType.INT8, (1, INPUTS), QUANT)
        back = mixed.node(Add(), back, mixed.node(Add(), total, real(mixed, last)))
        builder.update_state(total, back)
        builder.update_state(last, narrow)
    index = mixed.node(Cast(), back, dtype=DType.INT64)
    flag = mixed.node(Greater(), back, x, dtype=DType.BOOL)
    return builder.build([back, narrow, index, flag])


def quantized(mixed: Mixed, operator: Quantize | Relu, source: int) -> int:
    number = len(mixed.builder.nodes)
    return mixed.builder.add_node(
        operator, (source,), name=f"n{number}", source_index=number, output_name=f"q{number}", quantization=QUANT
    )


def real(mixed: Mixed, source: int) -> int:
    return mixed.node(Dequantize(), source, dtype=DType.FLOAT32)


def vectors(count: int) -> list[Vector]:
    random = np.random.default_rng(7)
    return [
        Vector(
            (random.standard_normal((1, INPUTS), np.float32), random.integers(-128, 128, (1, INPUTS)).astype(np.int8))
        )
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return FirmwareBuilder(tmp_path_factory.mktemp("hooks")).hooks()


@pytest.mark.parametrize("target", ["cortex-m7", "cortex-m0plus"])
@pytest.mark.parametrize(("policy", "output"), [("keep", "arena"), ("clobber", "arena"), ("keep", "caller")])
@pytest.mark.parametrize("with_state", [False, True])
def test_firmware(workshop: Workshop, hooks: Path, with_state: bool, policy: str, output: str, target: str) -> None:
    model = model_of(with_state=with_state)
    exported = workshop.export(
        model, rules=[RULES], policy=policy, target=target, planning={"output": output, "optimize": "ram"}
    )
    given = vectors(3)
    seen = observe(exported.firmware, given, layers=True, audit=True, native_hooks=hooks)
    expected = execute_sequence(model, [vector.inputs for vector in given])
    for outputs, values in zip(seen.outputs, expected, strict=True):
        for have, tensor in zip(outputs, model.graph.outputs, strict=True):
            assert have.dtype == values[tensor].dtype
            np.testing.assert_array_equal(have, values[tensor])
    verdict = verify(exported.firmware, model, given, seen, "random")
    assert (verdict["exact"], verdict["layers"]) == (False, len(model.graph.nodes))
    assert verdict["tolerance"] == {
        "relative": 1e-3,
        "largest_error": 0.0,
        "largest_golden_error": 0.0,
        "golden_steps": 0,
    }
    assert aligned(exported)


def aligned(exported: Exported) -> bool:
    tensors = exported.lowered.graph.tensors
    return all(mem.offset_bytes % tensors[mem.tensor].dtype.size_bytes == 0 for mem in exported.plan.tensors)


def test_runs_follow_each_other(workshop: Workshop) -> None:
    """Against sums made here, not by the reference."""
    model = model_of(with_state=True)
    exported = workshop.export(model, rules=[RULES])
    given = vectors(4)
    total = np.linspace(5, 6, INPUTS, dtype=np.float32).reshape(1, INPUTS)
    last: NDArray[np.float32] = np.zeros((1, INPUTS), np.float32)
    shift = np.linspace(-2, 2, INPUTS, dtype=np.float32).reshape(1, INPUTS)
    for vector, outputs in zip(given, observe(exported.firmware, given).outputs, strict=True):
        x, q = (np.asarray(array) for array in vector.inputs)
        narrow = np.maximum(np.clip(np.rint((x + shift) / np.float32(0.25)), -131, 124), 0)
        body = (narrow * 0.25).astype(np.float32)
        total = (body + ((q.astype(np.float32) - 3) * np.float32(0.25))) + (total + last)
        last = body
        np.testing.assert_array_equal(outputs[0], total)
        np.testing.assert_array_equal(outputs[1], narrow + 3)
