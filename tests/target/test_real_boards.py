# SPDX-License-Identifier: Apache-2.0
"""Boards that people own: their memories and cores in the emulator, firmware without a console, the words of a boot ROM."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import pytest

from sconnx.elf.image import ElfImage, read_image
from sconnx.emulate.unicorn_machine import run_firmware
from sconnx.errors import SconnxError
from sconnx.target.board import Board, load_board
from sconnx.target.cpu import load_cpu
from sconnx.target.toml_file import DATA
from tests.build.scons_checkout import ROOT
from tests.emulate.firmware_build import told
from tests.tiny_pipeline import Pipeline, build_pipeline

REAL = {
    "nucleo-h743zi2": "cortex-m7",
    "nucleo-l4r5zi": "cortex-m4",
    "nucleo-u575zi-q": "cortex-m33",
    "raspberry-pi-pico2": "cortex-m33",
    "nrf5340-dk": "cortex-m33",
}
PICO2 = "raspberry-pi-pico2"
BKPT_AB = b"\xab\xbe"


def with_console(folder: Path, name: str) -> str:
    """The board's file, but with semihosting in unicorn."""
    text = (DATA / f"boards/{name}.toml").read_text()
    text = text.replace('run = "none"', 'run = "unicorn"').replace('console = "none"\n', "")
    (folder / f"{name}.toml").write_text(text)
    return str(folder / f"{name}.toml")


@pytest.mark.parametrize(("name", "cpu"), REAL.items())
def test_a_model_is_exact_in_the_memories_of_the_board(tmp_path: Path, name: str, cpu: str) -> None:
    board = load_board(name, load_cpu(cpu))
    built = build_pipeline(tmp_path, "gcc", cpu, board=with_console(tmp_path, name))
    assert json.loads(built.run("verify")[0])["exact"] is True
    image = read_image(tmp_path / "firmware.elf", board.regions)
    assert all(section.region for section in image.sections)
    content = (tmp_path / "firmware.bin").read_bytes()
    stack, reset = struct.unpack("<2I", content[:8])
    assert stack == image.symbol("sx_stack_top").address == board.ram.origin + 2048
    assert reset == image.entry | 1 == image.symbol("Reset_Handler").address | 1
    assert (tmp_path / "firmware.hex").read_text().startswith(f":02000004{board.flash.origin >> 16:04X}")


def test_every_real_board_says_that_it_was_not_run() -> None:
    page = (ROOT / "docs/boards.md").read_text()
    for name, cpu in REAL.items():
        assert load_board(name, load_cpu(cpu)).description.endswith("; built, not run on the board")
        assert re.search(rf"^\| `{name}` \| .* \| built, not run \|$", page, re.MULTILINE)


def test_without_a_console_a_firmware_runs_once_and_keeps_its_outputs(tmp_path: Path) -> None:
    built = build_pipeline(tmp_path, "gcc", "cortex-m33", board=PICO2)
    board = load_board(PICO2, load_cpu("cortex-m33"))
    image = read_image(tmp_path / "firmware.elf", board.regions)
    results = image.symbol("sx_io_results")
    status, kept = run_to_the_end(image, board, results.address, results.size_bytes)
    assert status == 0
    for name in ("sx_io_read", "sx_io_write", "sx_io_exit"):
        function = image.symbol(name)
        assert BKPT_AB not in image.content(function.address, function.size_bytes)
    assert kept == outputs_of_zeros(built, tmp_path)
    with pytest.raises(SconnxError, match=r"error\[E504\]: board 'raspberry-pi-pico2' cannot be run here"):
        built.run("run")


def outputs_of_zeros(built: Pipeline, folder: Path) -> bytes:
    """What the same model writes on a board with a console."""
    (folder / "other").mkdir()
    cpu = load_cpu("cortex-m33")
    other = build_pipeline(folder / "other", "gcc", "cortex-m33")
    return run_firmware(other.folder / "firmware.elf", cpu, load_board("", cpu), bytes(60)).stdout


def run_to_the_end(image: ElfImage, board: Board, address: int, size_bytes: int) -> tuple[int, bytes]:
    """The argument of sx_io_exit, and bytes of the memory then."""
    from unicorn import UC_ARCH_ARM, UC_MODE_THUMB, Uc
    from unicorn.arm_const import UC_ARM_REG_R0, UC_ARM_REG_SP, UC_CPU_ARM_CORTEX_M33

    machine = Uc(UC_ARCH_ARM, UC_MODE_THUMB)
    machine.ctl_set_cpu_model(UC_CPU_ARM_CORTEX_M33)
    for region in board.regions:
        machine.mem_map(region.origin, region.size_bytes)
    machine.mem_map(0xE000E000, 0x1000)
    for segment in image.segments:
        machine.mem_write(segment.load_address, segment.content)
    machine.reg_write(UC_ARM_REG_SP, image.symbol("sx_stack_top").address)
    machine.emu_start(image.entry | 1, image.symbol("sx_io_exit").address, timeout=60_000_000)
    return machine.reg_read(UC_ARM_REG_R0), bytes(machine.mem_read(address, size_bytes))


def test_the_boot_rom_of_the_pico_finds_its_block(tmp_path: Path) -> None:
    """RP2350 Datasheet, 5.9.5.1: these 20 bytes, at a multiple of 4 in the first 4 KB."""
    build_pipeline(tmp_path, "zig", "cortex-m33", board=PICO2)
    block = bytes.fromhex("d3deffff 42012110 ff010000 00000000 793512ab")
    at = (tmp_path / "firmware.bin").read_bytes().find(block)
    assert at == 64
    report = json.loads((tmp_path / "report.json").read_text())
    assert {part["part"]: part["size_bytes"] for part in report["flash"]}["vector table"] == 84


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('run = "none"', 'run = "unicorn"', "'run' is 'unicorn', which needs a console: run = \"none\""),
        ('console = "none"', 'console = "uart"', "'console' is 'uart', it must be one of: semihosting, none"),
        ("0xFFFFDED3", "0x1FFFFDED3", "'boot_words' has a word of more than 32 bits"),
        ("[0xFFFFDED3", "[-1", "'boot_words' must be an array of integers of at least 0"),
        (
            "origin = 0x10000000",
            "origin = 0x10000040",
            "'regions.flash.origin' is 0x10000040; the vectors are there, and must be at a multiple of 128",
        ),
    ],
)
def test_mistakes(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = (DATA / f"boards/{PICO2}.toml").read_text()
    assert old in text
    (tmp_path / "my.toml").write_text(text.replace(old, new))
    with pytest.raises(SconnxError) as caught:
        load_board(str(tmp_path / "my.toml"), load_cpu("cortex-m33"))
    assert told(caught.value)[:2] == ("E702", message)
