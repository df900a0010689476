# SPDX-License-Identifier: Apache-2.0
"""firmware.hex and firmware.bin, read back and made by GNU objcopy."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from sconnx.elf.flash_image import intel_hex, region_bytes
from sconnx.elf.image import ElfImage, Segment, read_image
from sconnx.errors import SconnxError
from sconnx.target.board import Region
from tests.emulate.firmware_build import PROGRAMS, FirmwareBuilder

OBJCOPY = "arm-none-eabi-objcopy"


def objcopy(folder: Path, content: bytes, *flags: str) -> bytes:
    if shutil.which(OBJCOPY) is None:
        pytest.skip(f"{OBJCOPY} is not installed")
    (folder / "in").write_bytes(content)
    subprocess.run([OBJCOPY, *flags, "in", "out"], cwd=folder, check=True)
    return (folder / "out").read_bytes()


def made_up(*segments: tuple[int, bytes]) -> ElfImage:
    return ElfImage("f.elf", 0x08000100, (), (), tuple(Segment(*segment) for segment in segments), ())


@pytest.mark.parametrize("toolchain", ["zig", "gcc", "clang"])
def test_a_firmware(builder: FirmwareBuilder, tmp_path: Path, toolchain: str) -> None:
    firmware = builder.build(PROGRAMS / "echo.c", "cortex-m4", toolchain_name=toolchain)
    image = read_image(firmware.elf, firmware.board.regions)
    elf = firmware.elf.read_bytes()
    flags = ("-O", "binary", "--gap-fill", "0xff")
    expected = objcopy(tmp_path, elf, *flags)
    assert region_bytes(image, firmware.board.flash) == expected
    assert objcopy(tmp_path, intel_hex(image), "-I", "ihex", *flags) == expected
    assert len(expected) > 500


def test_every_byte_keeps_its_address(tmp_path: Path) -> None:
    """Segments in any order, from an odd address on, across 64 KiB, of one byte, and far away."""
    near = bytes(range(256)) * 257
    image = made_up((0x0801FFF0, near), (0x08000003, b"\x01" * 21), (0x0800FFFF, b"\x02"))
    there = objcopy(tmp_path, intel_hex(image), "-I", "ihex", "-O", "binary", "--gap-fill", "0xff")
    expected = bytearray(b"\xff" * (0x1FFF0 - 3 + len(near)))
    expected[0:21], expected[0xFFFF - 3], expected[0x1FFF0 - 3 :] = b"\x01" * 21, 2, near
    assert there == expected
    far = made_up((0x90000000, b"\x05\x06"))
    assert intel_hex(far) == (
        b":020000049000" + b"6A\n" + b":020000000506F3\n" + b":0400000508000101ED\n" + b":00000001FF\n"
    )


def test_the_flash_of_the_code_alone() -> None:
    image = made_up((0x90000000, b"far"), (0x08000008, b"code"), (0x08000000, b"vec"))
    flash, empty = Region("flash", "flash", 0x08000000, 64), Region("qspi", "flash", 0x60000000, 64)
    assert region_bytes(image, flash) == b"vec" + b"\xff" * 5 + b"code"
    with pytest.raises(SconnxError, match=r"f\.elf: error\[E503\]: nothing of the firmware lies in region 'qspi'"):
        region_bytes(image, empty)
