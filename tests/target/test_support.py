# SPDX-License-Identifier: Apache-2.0
"""Board support and linker script: start-up, console, exit status, and links that must fail."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sconnx.elf.image import read_image
from sconnx.emulate.process import run_native
from sconnx.emulate.qemu_machine import run_qemu
from sconnx.emulate.unicorn_machine import run_firmware
from sconnx.target.board import Board, Region, load_board
from sconnx.target.cpu import load_cpu
from tests.emulate.firmware_build import CORTEX_M, IN_UNICORN, PROGRAMS, FirmwareBuilder

CONTENT = random.Random(7).randbytes(1234)
PIECES = 13


@pytest.mark.parametrize("toolchain", ["zig", "gcc", "clang"])
@pytest.mark.parametrize("cpu", IN_UNICORN)
def test_echo_in_unicorn(builder: FirmwareBuilder, cpu: str, toolchain: str) -> None:
    firmware = builder.build(PROGRAMS / "echo.c", cpu, toolchain_name=toolchain)
    run = run_firmware(firmware.elf, firmware.cpu, firmware.board, CONTENT)
    assert (run.stdout, run.exit_status) == (CONTENT, PIECES)


@pytest.mark.parametrize(("cpu", "toolchain"), [*((cpu, "zig") for cpu in CORTEX_M), ("cortex-m55", "gcc")])
def test_echo_in_qemu(builder: FirmwareBuilder, cpu: str, toolchain: str) -> None:
    if shutil.which("qemu-system-arm") is None:
        pytest.skip("qemu-system-arm is not installed")
    firmware = builder.build(PROGRAMS / "echo.c", cpu, toolchain_name=toolchain)
    run = run_qemu(firmware.elf, firmware.board, CONTENT, timeout_seconds=60)
    assert (run.stdout, run.exit_status) == (CONTENT, PIECES)


def test_echo_on_the_host(builder: FirmwareBuilder) -> None:
    """With the system's compiler: zig would first build a C library, for 15 s."""
    firmware = builder.build(PROGRAMS / "echo.c", "host", toolchain_name="gcc")
    run = run_native(firmware.elf, CONTENT)
    assert (run.stdout, run.exit_status) == (CONTENT, PIECES)


def small_board(**ram: int) -> Board:
    board = load_board("", load_cpu("cortex-m3"))
    flash = Region("flash", "flash", 0, 64 << 10)
    extra = Region("fast", "ram", 0x10000000, 4096)
    return replace(board, name="small", regions=(flash, Region("ram", "ram", 0x20000000, ram["size_bytes"]), extra))


@pytest.mark.parametrize("toolchain", ["zig", "gcc", "clang"])
def test_ram_layout(builder: FirmwareBuilder, toolchain: str) -> None:
    """Stack at the very bottom, arena not zeroed and apart, everything visible as sections."""
    board = small_board(size_bytes=8192)
    program = PROGRAMS / "layers.c"
    firmware = builder.build(program, "cortex-m3", toolchain_name=toolchain, stack_bytes=1024, board=board)
    image = read_image(firmware.elf, board.regions)
    stack, arena = image.find_section(".stack"), image.find_section(".arena")
    assert stack is not None
    assert arena is not None
    assert (stack.address, stack.size_bytes, stack.kind) == (0x20000000, 1024, "bss")
    assert (arena.size_bytes, arena.kind, arena.region) == (128, "bss", "ram")
    assert image.symbol("sx_stack_top").address == 0x20000400
    assert image.symbol("kws_arena").section == ".arena"
    bss = (image.symbol("sx_bss_start").address, image.symbol("sx_bss_end").address)
    assert not bss[0] <= arena.address < bss[1]
    assert image.entry == image.symbol("Reset_Handler").address
    assert image.sections[0].name == ".isr_vector"


@pytest.mark.parametrize("toolchain", ["zig", "gcc", "clang"])
def test_firmware_that_does_not_fit(builder: FirmwareBuilder, toolchain: str) -> None:
    board = replace(small_board(size_bytes=1024), name="tiny")
    with pytest.raises(AssertionError, match="overflow"):
        builder.build(PROGRAMS / "layers.c", "cortex-m3", toolchain_name=toolchain, stack_bytes=1024, board=board)


def test_same_bytes_in_every_folder(builder: FirmwareBuilder, tmp_path: Path) -> None:
    first = builder.build(PROGRAMS / "echo.c", "cortex-m4").elf
    second = FirmwareBuilder(tmp_path).build(PROGRAMS / "echo.c", "cortex-m4").elf
    assert first.read_bytes() == second.read_bytes()
