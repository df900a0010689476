# SPDX-License-Identifier: Apache-2.0
"""A sample of the cases of every operator, exported for this machine and for an emulated Cortex-M7."""

from __future__ import annotations

import functools

import pytest

from sconnx.emulate.firmware import observe
from sconnx.emulate.vectors import Vector
from sconnx.errors import SconnxError
from tests.conformance.exporter import Exporter
from tests.operators.case import pack_all
from tests.operators.comparison import assert_equal_or_near
from tests.operators.oracle import Refused, tflite_micro
from tests.operators.registry import PLAIN, QUANTIZED, cases

pytest.importorskip("tflite_micro")

SAMPLE = 4
ON_HOST = [*QUANTIZED, *PLAIN]
ON_TARGET = [*QUANTIZED]


@functools.cache
def exporter(target: str) -> Exporter:
    try:
        return Exporter(target)
    except SconnxError as error:
        pytest.skip(str(error))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "target"),
    [*((key, "host") for key in ON_HOST), *((key, "cortex-m7") for key in ON_TARGET)],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_equals_tflite_micro(key, target, tmp_path):
    """One model of some cases side by side; all of them run as often as the one that runs most often."""
    made = cases(*key)
    odd_step = -(-len(made) // SAMPLE) | 1  # what every second case has, such as a batch, is among them
    made = made[::odd_step]
    path = tmp_path / "operator.tflite"
    path.write_bytes(pack_all(made))
    firmware = exporter(target).export(path, "operator", tmp_path)
    (tmp_path / "oracle").mkdir()
    expected = tflite_micro(made, tmp_path / "oracle")
    vectors = [Vector(tuple(value for case in made for value in case.runs[run])) for run in range(len(made[0].runs))]
    for run, outputs in enumerate(observe(firmware, vectors).outputs):
        wanted = [one for runs in expected if not isinstance(runs, Refused) for one in runs[run]]
        for output, tensor, want in zip(outputs, firmware.graph.outputs, wanted, strict=True):
            name = firmware.graph.tensors[tensor].name
            assert_equal_or_near(output.reshape(want.shape), want, f"{key} {target} {name}")
