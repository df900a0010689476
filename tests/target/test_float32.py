# SPDX-License-Identifier: Apache-2.0
"""Float32 arithmetic of cores without an FPU against numpy, bit for bit, as every compiler calls it."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from sconnx.emulate.unicorn_machine import run_firmware
from tests.emulate.firmware_build import FirmwareBuilder
from tests.target.test_runtime import BUILDS, PROGRAMS

Words = NDArray[np.uint64]

EXTREMES = [
    sign | bits
    for sign in (0, 1 << 31)
    for bits in (
        *(0, 1, 2, 3, 0x007FFFFF, 0x00800000, 0x00800001, 0x00FFFFFF, 0x01000000),
        *(0x33800000, 0x34000000, 0x3EFFFFFF, 0x3F000000, 0x3F7FFFFF, 0x3F800000, 0x3F800001, 0x40400000),
        *(0x4AFFFFFF, 0x4B000000, 0x4B7FFFFF, 0x4EFFFFFF, 0x4F000000, 0x5F000000),
        *(0x7EFFFFFF, 0x7F7FFFFF, 0x7F800000, 0x7FC00000),
    )
]


def floats(words: Words) -> NDArray[np.float32]:
    return words.astype(np.uint32).view(np.float32)


def bits(values: NDArray[np.float32]) -> Words:
    """Every NaN is the same one."""
    return np.where(np.isnan(values), np.uint32(0x7FC00000), values.view(np.uint32)).astype(np.uint64)


def words_of(values: NDArray[np.generic]) -> Words:
    return values.astype(np.uint64)


def converted(kind: type[np.signedinteger | np.unsignedinteger]) -> Callable[[Words, Words], Words]:
    """Integers to floats."""
    return lambda a, b: bits(a.astype(kind).astype(np.float32))


def truncated(dtype: str) -> Callable[[Words, Words], Words]:
    """Floats to integers, where these have room."""
    return lambda a, b: floats(a).astype(dtype).view(f"u{dtype[-1]}" if dtype[0] == "i" else dtype).astype(np.uint64)


ORACLES: dict[int, Callable[[Words, Words], Words]] = {
    0: lambda a, b: bits(floats(a) + floats(b)),
    1: lambda a, b: bits(floats(a) - floats(b)),
    2: lambda a, b: bits(floats(a) * floats(b)),
    3: lambda a, b: bits(floats(a) / floats(b)),
    4: lambda a, b: words_of(floats(a) == floats(b)),
    5: lambda a, b: words_of(floats(a) != floats(b)),
    6: lambda a, b: words_of(floats(a) < floats(b)),
    7: lambda a, b: words_of(floats(a) <= floats(b)),
    8: lambda a, b: words_of(floats(a) > floats(b)),
    9: lambda a, b: words_of(floats(a) >= floats(b)),
    10: lambda a, b: words_of(np.isnan(floats(a)) | np.isnan(floats(b))),
    11: converted(np.int32),
    12: converted(np.uint32),
    13: converted(np.int64),
    14: converted(np.uint64),
    15: truncated("i4"),
    16: truncated("u4"),
    17: truncated("i8"),
    18: truncated("u8"),
}
RANGES = {15: (-(2.0**31), 2.0**31), 16: (0.0, 2.0**32), 17: (-(2.0**63), 2.0**63), 18: (0.0, 2.0**64)}
"""What the integers of a conversion have room for; beyond it C leaves the result open."""


def operands(operation: int) -> tuple[Words, Words]:
    rng = np.random.default_rng(operation)
    extremes = np.array(EXTREMES, np.uint64)
    a = np.concatenate([np.repeat(extremes, len(extremes)), rng.integers(0, 2**32, 700, dtype=np.uint64)])
    b = np.concatenate([np.tile(extremes, len(extremes)), rng.integers(0, 2**32, 700, dtype=np.uint64)])
    # Numbers of like sizes, which round and cancel.
    a[-400:] = (a[-400:] & 0x80FFFFFF) | 0x3F000000
    b[-400:] = (b[-400:] & 0x81FFFFFF) | 0x3E000000
    if operation in (13, 14):
        a = np.concatenate([a, rng.integers(0, 2**64, 300, dtype=np.uint64) >> rng.integers(0, 64, 300, np.uint64)])
        a = np.concatenate([a, a[-300:] & np.uint64(0xFFFFFF8000000000)])
        b = np.zeros_like(a)
    if operation in RANGES:
        low, high = RANGES[operation]
        a = a[~np.isnan(floats(a))]
        b = np.zeros_like(a)
        value = floats(a).astype(np.float64)
        fits = (value > low - 0.5) & (value < high) if low else (value > -1) & (value < high)
        a, b = a[fits], b[fits]
    return a, b


@pytest.mark.parametrize(("cpu", "toolchain", "optimize"), BUILDS)
def test_floats_equal_numpy(builder: FirmwareBuilder, cpu: str, toolchain: str, optimize: str) -> None:
    firmware = builder.build(PROGRAMS / "floats.c", cpu, toolchain_name=toolchain, optimize=optimize)
    for operation, oracle in ORACLES.items():
        a, b = operands(operation)
        stdin = b"".join(struct.pack("<IIQQ", operation, 0, *pair) for pair in zip(a.tolist(), b.tolist(), strict=True))
        run = run_firmware(firmware.elf, firmware.cpu, firmware.board, stdin)
        results = np.frombuffer(run.stdout, np.uint64)
        with np.errstate(all="ignore"):
            expected = oracle(a, b)
        if operation < 4 or 11 <= operation <= 14:
            results = bits(floats(results))
        wrong = np.flatnonzero(results != expected)
        shown = [(hex(a[i]), hex(b[i]), hex(results[i]), hex(expected[i])) for i in wrong[:5]]
        assert shown == [], f"operation {operation}: {len(wrong)} of {len(a)}"
