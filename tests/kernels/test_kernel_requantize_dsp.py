# SPDX-License-Identifier: Apache-2.0
"""The short requantisation of lib `arm_dsp`: C twin and assembly against the numpy reference, over the whole range of int32."""

from __future__ import annotations

import ctypes
import itertools

import numpy as np
import pytest
from kernel_library import INCLUDES, ROOT, KernelLibrary, address
from kernel_structures import RequantizeDsp
from numpy.typing import NDArray

from sconnx.codegen.c_value import Array
from sconnx.emulate.unicorn_machine import run_firmware
from sconnx.export.library import load_libs
from sconnx.reference.requantize import Requantize
from sconnx.reference.rule import Rule
from tests.emulate.firmware_build import FirmwareBuilder

load_libs((ROOT / "export_rules",))
from export_rules.arm_dsp.requantize import requantize_fields  # noqa: E402

LIMITS = (-(1 << 31), (1 << 31) - 1)


def accumulators(rng: np.random.Generator, count: int) -> NDArray[np.int32]:
    """All magnitudes, and values next to the limits of the type and to 0."""
    values = rng.integers(*LIMITS, count, endpoint=True) >> rng.integers(0, 32, count)
    values[: count // 8] = rng.choice((*LIMITS, 0), count // 8) + rng.integers(-40, 40, count // 8)
    return np.clip(values, *LIMITS).astype(np.int32)


def of_one(rule: Rule, multiplier: int, shift: int, zero_point: int, low: int = -128, high: int = 127) -> Requantize:
    shifts = np.array([shift] if rule is Rule.TFLITE else [], np.int8)
    return Requantize(rule, np.array([multiplier], np.int32), shifts, zero_point, low, high)


def draw(rng: np.random.Generator, rule: Rule) -> tuple[int, int]:
    """A multiplier and an exponent for which the short form is meant, extremes among them."""
    if rule is Rule.ONNX:
        return int(np.float32(rng.uniform(0.5, 1) * 2.0 ** rng.integers(-30, 9)).view(np.int32)), 0
    corner = (1 << 30, (1 << 31) - 1, 0x5A827999, (1 << 30) + 1)
    multiplier = int(rng.choice(corner)) if rng.integers(2) else int(rng.integers(1 << 30, 1 << 31))
    return multiplier, -int(rng.integers(1, 25))


@pytest.mark.parametrize("rule", Rule)
def test_c_twins_are_exact(libraries: tuple[KernelLibrary, ...], rule: Rule) -> None:
    rng = np.random.default_rng(5)
    draws = [draw(rng, rule) for _ in range(150)]
    if rule is Rule.TFLITE:
        draws += itertools.product((0, 1 << 30, (1 << 31) - 1), (-31, -30, -25, -24, -1, 0, 1, 30))
    for multiplier, shift in draws:
        values = accumulators(rng, 400)
        low, high = sorted(rng.integers(-128, 128, 2).tolist()) if rng.integers(2) else (-128, 127)
        requantize = of_one(rule, multiplier, shift, int(rng.choice((-128, 127, 3))), low, high)
        fields = requantize_fields(requantize)
        structure = RequantizeDsp(**{k: v.values if isinstance(v, Array) else v for k, v in fields.items()})
        assert fields["short_shifts"] == int(rule is Rule.ONNX or (-24 <= shift <= -1 and multiplier > 0))
        expected = requantize(values.astype(np.int64))
        for library in libraries:
            actual = np.zeros(values.size, np.int8)
            call = library.library["requantize_dsp"]
            call(ctypes.byref(structure), address(values), address(actual), values.size, rule is Rule.ONNX)
            np.testing.assert_array_equal(actual, expected, f"{library.name} {multiplier} {shift}")


@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
@pytest.mark.parametrize("cpu", ["cortex-m4", "cortex-m33"])
def test_assembly_is_exact(builder: FirmwareBuilder, cpu: str, toolchain: str) -> None:
    rng = np.random.default_rng(6)
    includes = [ROOT / option.removeprefix("-I") for option in INCLUDES]
    program = ROOT / "tests/kernels/firmware/requantize.c"
    firmware = builder.build(program, cpu, toolchain_name=toolchain, includes=includes)
    records, expected = [], []
    for rule in Rule:
        for value in accumulators(rng, 6000).tolist():
            multiplier, shift = draw(rng, rule)
            requantize = of_one(rule, multiplier, shift, int(rng.integers(-128, 128)))
            fields = requantize_fields(requantize)
            doubled = fields["multiplier"]
            assert isinstance(doubled, Array)
            records.append((rule is Rule.TFLITE, value, int(doubled.values[0]), -shift, requantize.zero_point))
            expected.append(int(requantize(np.array([value], np.int64))[0]))
    run = run_firmware(firmware.elf, firmware.cpu, firmware.board, np.array(records, np.int32).tobytes())
    np.testing.assert_array_equal(np.frombuffer(run.stdout, np.int8), expected)
