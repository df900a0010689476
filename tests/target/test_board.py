# SPDX-License-Identifier: Apache-2.0
"""Board files: those that come with sconnx, the user's own, and every mistake that can be made in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from sconnx.errors import SconnxError
from sconnx.target.board import Region, board_names, load_board, read_board
from sconnx.target.cpu import load_cpu
from sconnx.target.toml_file import DATA
from tests.emulate.firmware_build import told

VALID = """
cpus = ["cortex-m4"]
stack_bytes = 1024
[regions.flash]
kind = "flash"
origin = 0x08000000
size_bytes = 0x20000
[regions.ram]
kind = "ram"
origin = 0x20000000
size_bytes = 0x4000
[regions.ccm]
kind = "ram"
origin = 0x10000000
size_bytes = 0x1000
"""


def write(folder: Path, text: str) -> str:
    path = folder / "my.toml"
    path.write_text(text)
    return str(path)


def test_every_board_loads_for_its_cpus() -> None:
    for name in board_names():
        for cpu in read_board(DATA / f"boards/{name}.toml", name).cpus:
            assert load_board(name, load_cpu(cpu)).name == name


def test_default_board_memory() -> None:
    board = load_board("", load_cpu("cortex-m33"))
    assert board.flash == Region("flash", "flash", 0x10000000, 4 << 20)
    assert board.ram == Region("ram", "ram", 0x38000000, 2 << 20)


def test_own_board(tmp_path: Path) -> None:
    board = load_board(write(tmp_path, VALID), load_cpu("cortex-m4"))
    assert (board.name, board.run, board.qemu_machine, board.stack_bytes) == ("my", "unicorn", "", 1024)
    assert [region.name for region in board.regions] == ["flash", "ram", "ccm"]
    assert board.ram.name == "ram"
    assert board.region("ccm").end == 0x10001000
    assert board.region_at(0x20003FFF) == board.ram
    assert board.region_at(0x20004000) is None


def test_unknown_board_and_region(tmp_path: Path) -> None:
    cpu = load_cpu("cortex-m4")
    with pytest.raises(SconnxError, match="board='mps2-an387' is not known") as caught:
        load_board("mps2-an387", cpu)
    assert caught.value.code == "E701"
    with pytest.raises(SconnxError, match="region='rom' is not known"):
        load_board("", cpu).region("rom")


def test_board_of_another_cpu() -> None:
    with pytest.raises(SconnxError) as caught:
        load_board("mps2-an385", load_cpu("cortex-m4"))
    assert (caught.value.code, caught.value.what, caught.value.help) == (
        "E701",
        "board 'mps2-an385' is not for target 'cortex-m4'",
        "its targets: cortex-m3, cortex-m0plus; the default board of cortex-m4: mps2-an386",
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('cpus = ["cortex-m4"]', 'cpus = "cortex-m4"', "'cpus' must be an array of strings"),
        ('cpus = ["cortex-m4"]', "cpus = [4]", "'cpus' must be an array of strings"),
        ('cpus = ["cortex-m4"]', "", "'cpus' is missing"),
        ("stack_bytes = 1024", "stack_bytes = true", "'stack_bytes' must be an integer"),
        ("stack_bytes = 1024", "stack_bytes = -8", "'stack_bytes' is -8, it must not be negative"),
        ("stack_bytes = 1024", "stack_bytes = 1004", "'stack_bytes' is 1004, it must be a multiple of 8"),
        ("stack_bytes = 1024", "stack_bytes = 32768", "'stack_bytes' is 32768, region 'ram' is smaller"),
        ("stack_bytes = 1024", "stack_byte = 1024", "'stack_bytes' is missing"),
        ("stack_bytes = 1024", "stack_bytes = 1024\nheap = 1", "'heap' is not a known key"),
        (
            "stack_bytes = 1024",
            'stack_bytes = 1024\nrun = "qmeu"',
            "'run' is 'qmeu', it must be one of: unicorn, qemu, native, none",
        ),
        ('kind = "flash"', 'kind = "rom"', "'regions.flash.kind' is 'rom', it must be one of: flash, ram"),
        ('kind = "flash"', 'kind = "ram"', "'regions' has no region of kind 'flash'"),
        ("origin = 0x10000000", "", "'regions.ccm.origin' is missing"),
        (
            "origin = 0x10000000",
            "origin = 0x10000004",
            "'regions.ccm.origin' and size_bytes must be multiples of 8",
        ),
        ("origin = 0x10000000", 'origin = "0"', "'regions.ccm.origin' must be an integer"),
        (
            "size_bytes = 0x1000\n",
            "size_bytes = 0x100000000\n",
            "'regions.ccm.size_bytes' is 4294967296, the region must not be empty or pass 4 GiB",
        ),
        (
            "origin = 0x10000000",
            "origin = 0x20003000",
            "'regions.ccm.origin' is 0x20003000, which overlaps region 'ram' that ends at 0x20004000",
        ),
        ("[regions.ccm]", "[regions.CCM]", "'regions.CCM' is not a region name: use a to z, 0 to 9 and _"),
        *(
            (
                "[regions.ccm]",
                f"[regions.{name}]",
                f"'regions.{name}' is a name that sconnx uses for sections of a firmware; use another one",
            )
            for name in ("stack", "data", "caller", "arena", "weights_ram", "my_arena")
        ),
    ],
)
def test_mistakes(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in VALID
    path = write(tmp_path, VALID.replace(old, new))
    with pytest.raises(SconnxError) as caught:
        load_board(path, load_cpu("cortex-m4"))
    assert told(caught.value) == ("E702", message, path, "", "")


def test_broken_and_absent_files(tmp_path: Path) -> None:
    path = write(tmp_path, "cpus = [")
    with pytest.raises(SconnxError, match="the file is not valid TOML") as caught:
        load_board(path, load_cpu("cortex-m4"))
    assert (caught.value.code, caught.value.where) == ("E702", path)
    with pytest.raises(SconnxError, match=r"cannot read 'absent.toml'") as caught:
        load_board("absent.toml", load_cpu("cortex-m4"))
    assert (caught.value.code, caught.value.why) == ("E701", "No such file or directory")
