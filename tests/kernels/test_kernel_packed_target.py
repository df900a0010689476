# SPDX-License-Identifier: Apache-2.0
"""The loops of the packed kernels on emulated cores: assembly, its twin in C and numpy, up to the limits of int32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from kernel_library import INCLUDES, ROOT
from kernel_strategies import int8_tensor
from numpy.typing import NDArray

from export_rules.arm_dsp.packing import pack_weights
from export_rules.arm_dsp.requantize import requantize_fields
from sconnx.codegen.c_value import Array
from sconnx.emulate.unicorn_machine import run_firmware
from sconnx.reference.requantize import Requantize
from sconnx.reference.rule import Rule
from tests.emulate.firmware_build import FirmwareBuilder

MOST_FOURS, MOST_CHANNELS = 40, 16
RECORD = np.dtype(
    [
        ("numbers", "<i4", 5),
        ("bias", "<i4", MOST_CHANNELS),
        ("multiplier", "<i4", MOST_CHANNELS),
        ("shift", "i1", MOST_CHANNELS),
        ("x", "i1", (4, 4 * MOST_FOURS)),
        ("w", "<i4", MOST_CHANNELS * MOST_FOURS),
    ]
)
ANSWER = np.dtype(
    [
        ("fours", "i1", (2, 4, MOST_CHANNELS)),
        ("twos", "i1", (2, 2, MOST_CHANNELS)),
        ("ones", "i1", (2, MOST_CHANNELS)),
        ("group", "<i4", (2, 4)),
    ]
)


@dataclass(frozen=True)
class Case:
    """One record and what it must be answered with."""

    record: NDArray[Any]
    channels: int
    outputs: NDArray[np.int8]
    sums: NDArray[np.int32]


def draw(rng: np.random.Generator, rule: Rule) -> Case:
    """Columns and weights, often of extremes; biases that bring the sums to the limits of int32, which they may wrap over."""
    fours, channels = int(rng.integers(1, MOST_FOURS + 1)), int(rng.integers(1, MOST_CHANNELS + 1))
    rest = int(rng.integers(0, 4))
    x, weights = int8_tensor(rng, 4, 4 * fours), int8_tensor(rng, channels, 4 * fours)
    if rest:
        x[:, 4 * fours - 4 + rest :] = 0
    largest = int(rng.choice((1 << 12, 1 << 31)))
    bias = rng.integers(-largest, largest, MOST_CHANNELS).astype(np.int32)
    zero_point = int(rng.integers(-128, 128))
    if rule is Rule.TFLITE:
        multiplier = rng.integers(1 << 30, 1 << 31, MOST_CHANNELS).astype(np.int32)
        shift = -rng.choice((1, 6, 7, 8, 9, 24), MOST_CHANNELS).astype(np.int8)
    else:
        multiplier = np.exp2(rng.uniform(-25, 4, MOST_CHANNELS)).astype(np.float32).view(np.int32)
        shift = np.zeros(0, np.int8)
    requantize = Requantize(rule, multiplier, shift, zero_point, -128, 127)
    products = x.astype(np.int64) @ np.pad(weights, ((0, MOST_CHANNELS - channels), (0, 0))).astype(np.int64).T
    sums = (products + bias).astype(np.uint64).astype(np.uint32).view(np.int32)
    fields = requantize_fields(requantize)
    record = np.zeros(1, RECORD)
    record["numbers"] = rule is Rule.TFLITE, fours, rest, channels, zero_point
    record["bias"], record["multiplier"] = bias, _values(fields["multiplier"])
    record["shift"][0, : shift.size] = _values(fields["shift"])
    record["x"][0, :, : 4 * fours] = x
    packed = pack_weights(weights)
    record["w"][0, : packed.size] = packed
    return Case(record, channels, requantize(sums.astype(np.int64)), sums)


def _values(field: Any) -> NDArray[Any]:
    assert isinstance(field, Array)
    return field.values


@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
@pytest.mark.parametrize("cpu", ["cortex-m4", "cortex-m7", "cortex-m33"])
def test_loops_are_exact(builder: FirmwareBuilder, cpu: str, toolchain: str) -> None:
    rng = np.random.default_rng(7)
    cases = [draw(rng, rule) for _ in range(120) for rule in Rule]
    program = ROOT / "tests/kernels/firmware/packed.c"
    includes = [ROOT / option.removeprefix("-I") for option in INCLUDES]
    firmware = builder.build(program, cpu, toolchain_name=toolchain, includes=includes)
    stdin = b"".join(case.record.tobytes() for case in cases)
    answers = np.frombuffer(run_firmware(firmware.elf, firmware.cpu, firmware.board, stdin).stdout, ANSWER)
    for case, answer in zip(cases, answers, strict=True):
        for twin in range(2):
            count = case.channels
            np.testing.assert_array_equal(answer["fours"][twin, :, :count], case.outputs[:, :count])
            np.testing.assert_array_equal(answer["twos"][twin, :, :count], case.outputs[:2, :count])
            np.testing.assert_array_equal(answer["ones"][twin, :count], case.outputs[0, :count])
            np.testing.assert_array_equal(answer["group"][twin], case.sums[0, :4])
