# SPDX-License-Identifier: Apache-2.0
"""ELF reading against numbers known from the source, against binutils, and on damaged files."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from sconnx.elf.image import ElfImage, read_image
from sconnx.errors import SconnxError
from tests.emulate.firmware_build import Firmware, FirmwareBuilder, told

PROGRAM = Path(__file__).parent / "firmware" / "sizes.c"
STACK_BYTES = 512


@pytest.fixture(scope="module", params=["zig", "gcc"])
def firmware(request: pytest.FixtureRequest, builder: FirmwareBuilder) -> Firmware:
    return builder.build(PROGRAM, "cortex-m4", toolchain_name=request.param, stack_bytes=STACK_BYTES)


@pytest.fixture(scope="module")
def image(firmware: Firmware) -> ElfImage:
    return read_image(firmware.elf, firmware.board.regions)


@pytest.mark.parametrize(
    ("name", "size_bytes", "section", "region"),
    [
        ("constant_table", 1000, ".rodata", "flash"),
        ("initialised_words", 80, ".data", "ram"),
        ("zeroed_bytes", 300, ".bss", "ram"),
        ("model_arena", 777, ".arena", "ram"),
    ],
)
def test_object_sizes(image: ElfImage, name: str, size_bytes: int, section: str, region: str) -> None:
    symbol = image.symbol(name)
    assert (symbol.size_bytes, symbol.section, symbol.region, symbol.kind) == (
        size_bytes,
        section,
        region,
        "object",
    )


def copy_table(image: ElfImage) -> list[tuple[int, ...]]:
    """From, to and bytes of what the start copies."""
    start, end = (image.symbol(f"sx_copies_{end}").address for end in ("start", "end"))
    segment = max((s for s in image.segments if s.load_address <= start), key=lambda s: s.load_address)
    content = segment.content[start - segment.load_address : end - segment.load_address]
    return list(struct.iter_unpack("<III", content))


def test_sections(image: ElfImage, firmware: Firmware) -> None:
    kinds = {section.name: section.kind for section in image.sections}
    assert kinds == {
        ".isr_vector": "rodata",
        ".text": "code",
        ".rodata": "rodata",
        ".stack": "bss",
        ".data": "data",
        ".arena": "bss",
        ".bss": "bss",
    }
    data = image.find_section(".data")
    assert data is not None
    assert (data.size_bytes, data.region, data.load_region) == (80, "ram", "flash")
    assert copy_table(image) == [(data.load_address, data.address, data.size_bytes)]
    assert image.find_section(".absent") is None


def test_load_image_holds_the_initial_values(image: ElfImage) -> None:
    data = image.find_section(".data")
    assert data is not None
    stored = {segment.load_address: segment.content for segment in image.segments}
    start = max(address for address in stored if address <= (data.load_address or 0))
    content = stored[start][(data.load_address or 0) - start :][:80]
    assert content == b"".join(value.to_bytes(4, "little") for value in [1, 2, 3, *[0] * 17])


def test_content_by_run_time_address(image: ElfImage, firmware: Firmware) -> None:
    assert image.content(image.symbol("initialised_words").address, 12) == struct.pack("<3I", 1, 2, 3)
    address = image.symbol("zeroed_bytes").address
    with pytest.raises(SconnxError) as caught:
        image.content(address, 8)
    assert told(caught.value)[:3] == ("E503", f"8 bytes at 0x{address:08x} are not in the firmware", firmware.elf.name)


def test_region_use(image: ElfImage) -> None:
    sizes = {section.name: section.size_bytes for section in image.sections}
    flash, ram = image.use("flash"), image.use("ram")
    # Code, constants, and the initial values of .data, which RAM holds as well.
    assert flash.used_bytes == sizes[".isr_vector"] + sizes[".text"] + sizes[".rodata"] + 80
    assert ram.used_bytes == STACK_BYTES + 80 + 777 + sizes[".bss"]
    assert 0 <= ram.gap_bytes < 16
    assert flash.used_bytes + flash.gap_bytes + flash.free_bytes == 4 << 20


def test_sizes_equal_binutils(image: ElfImage, firmware: Firmware) -> None:
    tool = shutil.which("arm-none-eabi-size")
    if tool is None:
        pytest.skip("arm-none-eabi-size is not installed")
    done = subprocess.run([tool, "-A", str(firmware.elf)], capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith(".")]
    listed = {name: (int(size), int(address)) for name, size, address in rows if not name.startswith(".ARM")}
    assert listed == {section.name: (section.size_bytes, section.address) for section in image.sections}


def test_functions(image: ElfImage) -> None:
    main = image.symbol("main")
    assert (main.kind, main.is_global, main.address % 2) == ("function", True, 0)
    assert image.function_at(main.address + 2) == main
    assert image.function_at(0x70000000) is None
    assert not [symbol for symbol in image.symbols if symbol.name.startswith("$")]


def test_missing_symbol(image: ElfImage) -> None:
    assert image.find_symbol("absent") is None
    with pytest.raises(SconnxError) as caught:
        image.symbol("absent")
    assert told(caught.value) == (
        "E503",
        "symbol 'absent' is not in the firmware",
        image.file,
        "",
        "it may have been dropped as unused, or inlined, or stripped",
    )


def test_host_executable_has_no_regions(builder: FirmwareBuilder) -> None:
    host = builder.build(PROGRAM, "host", toolchain_name="gcc")
    if host.elf.read_bytes()[:4] != b"\x7fELF":
        pytest.skip("executables of this machine are not ELF")
    image = read_image(host.elf)
    assert image.symbol("model_arena").size_bytes == 777
    assert {symbol.region for symbol in image.symbols} == {""}


def test_no_elf_file(tmp_path: Path) -> None:
    path = tmp_path / "firmware.elf"
    with pytest.raises(SconnxError, match="cannot read the firmware"):
        read_image(path)
    path.write_bytes(b"not an ELF file at all")
    with pytest.raises(SconnxError) as caught:
        read_image(path)
    why = "Magic number does not match"
    assert told(caught.value) == ("E502", "the file is not a valid ELF file", "firmware.elf", why, "")


def test_damaged_files_raise_nothing_else(firmware: Firmware, tmp_path: Path) -> None:
    good = firmware.elf.read_bytes()
    source = random.Random(3)
    path = tmp_path / "damaged.elf"
    for attempt in range(300):
        content = bytearray(good)
        if attempt % 2:
            del content[source.randrange(len(good)) :]
        else:
            content[source.randrange(len(good) // (1 if attempt % 4 else 40))] ^= source.randrange(1, 256)
        path.write_bytes(content)
        try:
            read_image(path)
        except SconnxError as error:
            assert error.code == "E502"
