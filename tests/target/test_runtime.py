# SPDX-License-Identifier: Apache-2.0
"""The C run-time functions against Python's integers and bytes, as every compiler builds them."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from sconnx.emulate.unicorn_machine import run_firmware
from tests.emulate.firmware_build import FirmwareBuilder

PROGRAMS = Path(__file__).parent / "firmware"
M0PLUS_BUILDS = [("zig", "speed"), ("zig", "ram"), ("gcc", "speed"), ("gcc", "ram")]
BUILDS = [("cortex-m0plus", *build) for build in M0PLUS_BUILDS] + [("cortex-m3", "zig", "speed")]
EXTREMES = (0, 1, 2, 3, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFF, 0x10000, 0xFFFFFFFE, 0xFFFFFFFF)
EXTREMES_64 = (*EXTREMES, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 0xFFFFFFFF00000000)


def signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def quotient(a: int, b: int) -> int:
    """Rounded to zero; a division by zero gives 0, as the SDIV instruction does."""
    if b == 0:
        return 0
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def both(a: int, b: int) -> int:
    """The quotient in the low word, the remainder in the high word."""
    return (quotient(a, b) & 0xFFFFFFFF) | ((a - b * quotient(a, b)) & 0xFFFFFFFF) << 32


def unsigned_32(function: Callable[[int, int], int]) -> Callable[[int, int], int]:
    return lambda a, b: function(a & 0xFFFFFFFF, b & 0xFFFFFFFF)


def signed_32(function: Callable[[int, int], int]) -> Callable[[int, int], int]:
    return lambda a, b: function(signed(a, 32), signed(b, 32))


def sign(value: int) -> int:
    return (value > 0) - (value < 0)


ORACLES: dict[int, Callable[[int, int], int]] = {
    0: unsigned_32(quotient),
    1: unsigned_32(lambda a, b: a - b * quotient(a, b)),
    2: signed_32(quotient),
    3: signed_32(lambda a, b: a - b * quotient(a, b)),
    4: lambda a, b: a * b,
    5: signed_32(lambda a, b: a * b),
    6: lambda a, b: a << (b & 63),
    7: lambda a, b: a >> (b & 63),
    8: lambda a, b: signed(a, 64) >> (b & 63),
    9: lambda a, b: int(signed(a, 64) < signed(b, 64)),
    10: lambda a, b: int(a < b),
    11: unsigned_32(lambda a, b: 32 - a.bit_length()),
    12: unsigned_32(lambda a, b: (a & -a).bit_length() - 1 if a else 32),
    20: unsigned_32(both),
    21: signed_32(both),
    22: lambda a, b: a * b,
    23: lambda a, b: a << (b & 63),
    24: lambda a, b: a >> (b & 63),
    25: lambda a, b: signed(a, 64) >> (b & 63),
    26: lambda a, b: sign(signed(a, 64) - signed(b, 64)),
    27: lambda a, b: sign(a - b),
    28: unsigned_32(lambda a, b: 32 - a.bit_length()),
    29: lambda a, b: 64 - a.bit_length(),
    30: unsigned_32(lambda a, b: (a & -a).bit_length() - 1 if a else 32),
    31: unsigned_32(lambda a, b: a.bit_count()),
}


def some_bits(source: random.Random) -> int:
    return source.getrandbits(source.randint(1, 64))


def integer_records() -> list[tuple[int, int, int]]:
    source = random.Random(20)
    pairs = [(a, b) for a in EXTREMES_64 for b in EXTREMES_64]
    pairs += [(a, b) for a in EXTREMES_64[:6] for b in range(64)]
    pairs += [(some_bits(source), some_bits(source)) for _ in range(200)]
    # In C, a division by zero and INT_MIN / -1 are undefined; the functions by name define the first.
    return [
        (operation, a, b)
        for operation in ORACLES
        for a, b in pairs
        if operation > 3 or (b & 0xFFFFFFFF and (signed(a, 32), signed(b, 32)) != (-(1 << 31), -1))
    ]


@pytest.mark.parametrize(("cpu", "toolchain", "optimize"), BUILDS)
def test_integers_equal_python(builder: FirmwareBuilder, cpu: str, toolchain: str, optimize: str) -> None:
    firmware = builder.build(PROGRAMS / "integers.c", cpu, toolchain_name=toolchain, optimize=optimize)
    records = integer_records()
    stdin = b"".join(struct.pack("<IIQQ", operation, 0, a, b) for operation, a, b in records)
    run = run_firmware(firmware.elf, firmware.cpu, firmware.board, stdin)
    results = struct.unpack(f"<{len(records)}Q", run.stdout)
    expected = [ORACLES[operation](a, b) & ((1 << 64) - 1) for operation, a, b in records]
    answers = zip(records, results, expected, strict=True)
    wrong = [(record, got, want) for record, got, want in answers if got != want]
    assert wrong == []


def memory_after(function: int, to: int, source: int, size: int) -> bytes:
    buffer = bytearray(i * 7 & 0xFF for i in range(192))
    if function in (0, 1, 4, 5):
        buffer[to : to + size] = buffer[source : source + size]
    elif function in (2, 6, 7):
        buffer[to : to + size] = bytes([0 if function == 7 else source]) * size
    else:
        left, right = buffer[to : to + size], buffer[source : source + size]
        buffer[0] = 1 if left < right else 2 if left > right else 3
    return bytes(buffer)


def memory_records() -> list[tuple[int, int, int, int]]:
    records = []
    for to_offset in range(4):
        for from_offset in range(4):
            for size in (*range(20), 31, 32, 33, 64):
                apart = [(function, to_offset, 96 + from_offset, size) for function in (0, 1, 2, 3, 4, 6, 7)]
                near = [(1, 64 + to_offset, 64 + shift, size) for shift in (-17, -16, -5, -1, 0, 1, 4, 15, 16, 17)]
                records += [*apart, *near, (5, 70 + to_offset, 64 + from_offset, size)]
    return records


@pytest.mark.parametrize(("cpu", "toolchain", "optimize"), BUILDS)
def test_memory_functions_equal_python(builder: FirmwareBuilder, cpu: str, toolchain: str, optimize: str) -> None:
    firmware = builder.build(PROGRAMS / "memory.c", cpu, toolchain_name=toolchain, optimize=optimize)
    records = memory_records()
    run = run_firmware(firmware.elf, firmware.cpu, firmware.board, b"".join(map(bytes, records)))
    results = [run.stdout[at : at + 192] for at in range(0, len(run.stdout), 192)]
    wrong = [record for record, got in zip(records, results, strict=True) if got != memory_after(*record)]
    assert wrong == []
