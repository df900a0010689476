# SPDX-License-Identifier: Apache-2.0
"""The worst case of functions whose use of the stack is known, and of programs whose stack was painted."""

from __future__ import annotations

from pathlib import Path

import pytest

from sconnx.elf.image import ElfImage, read_image
from sconnx.emulate.unicorn_machine import run_firmware
from sconnx.errors import SconnxError
from sconnx.stack.call_graph import CallGraph
from sconnx.stack.worst import worst_case
from tests.emulate.firmware_build import Firmware, FirmwareBuilder

PROGRAM = Path(__file__).parent / "firmware" / "calls.c"
DEEP = PROGRAM.with_name("deep.c")


@pytest.fixture(scope="module", params=["zig", "gcc"])
def firmware(request: pytest.FixtureRequest, builder: FirmwareBuilder) -> Firmware:
    return builder.build(PROGRAM, "cortex-m4", toolchain_name=request.param)


@pytest.fixture(scope="module")
def image(firmware: Firmware) -> ElfImage:
    return read_image(firmware.elf, firmware.board.regions)


@pytest.mark.parametrize(
    ("function", "size_bytes", "path"),
    [
        ("leaf", 0, [("leaf", 0)]),
        ("fixed", 32, [("fixed", 32)]),
        ("tail", 32, [("tail", 0), ("fixed", 32)]),
        ("if_then", 56, [("if_then", 24), ("fixed", 32)]),
        ("written_back", 24, [("written_back", 24)]),
        ("floats", 40, [("floats", 40)]),
        ("rounded", 16 + 64 + 31, [("rounded", 111)]),
        ("by_literal", 40, [("by_literal", 8), ("fixed", 32)]),
        ("table", 40, [("table", 8), ("fixed", 32)]),
        ("two_ways", 76, [("two_ways", 44), ("fixed", 32)]),
    ],
)
def test_functions_in_assembly(image: ElfImage, function: str, size_bytes: int, path: list[tuple[str, int]]) -> None:
    found = worst_case(CallGraph(image), function)
    assert (found.bytes, list(found.path), found.unknown) == (size_bytes, path, ())


@pytest.mark.parametrize(
    ("function", "unknown"),
    [
        ("by_register", "a call by register r0 in by_register"),
        ("recursive", "recursion recursive > recursive"),
        ("endless", "a loop that takes more of the stack each time in endless"),
    ],
)
def test_what_cannot_be_said_is_said(image: ElfImage, function: str, unknown: str) -> None:
    assert worst_case(CallGraph(image), function).unknown == (unknown,)


def test_no_such_function(image: ElfImage) -> None:
    with pytest.raises(SconnxError, match="symbol 'nothing' is not in the firmware"):
        worst_case(CallGraph(image), "nothing")


def test_a_painted_stack(firmware: Firmware, image: ElfImage) -> None:
    """The program always goes the deepest way; its last words may be reserved without being written."""
    painted = run_firmware(firmware.elf, firmware.cpu, firmware.board, b"").stack_bytes
    found = worst_case(CallGraph(image), "Reset_Handler")
    assert found.unknown == ()
    assert painted is not None and painted <= found.bytes <= painted + 16
    assert (found.path[-2][0], found.path[-1][0]) == ("deep", "fixed")


@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
@pytest.mark.parametrize("cpu", ["cortex-m0plus", "cortex-m33"])
def test_other_cores(builder: FirmwareBuilder, cpu: str, toolchain: str) -> None:
    """Their code differs: no IT blocks on the first, loops and predicated vectors on the last."""
    firmware = builder.build(DEEP, cpu, toolchain_name=toolchain)
    image = read_image(firmware.elf, firmware.board.regions)
    found = worst_case(CallGraph(image), "Reset_Handler")
    painted = run_firmware(firmware.elf, firmware.cpu, firmware.board, b"").stack_bytes
    assert found.unknown == () and painted is not None and painted <= found.bytes <= painted + 16
