# SPDX-License-Identifier: Apache-2.0
"""A firmware that differs from its plan by one byte, or has bytes that nothing explains, fails the build."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile

from sconnx.__main__ import main
from sconnx.elf.image import read_image
from sconnx.report.extents import extents
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from tests.tiny_pipeline import TARGET, Pipeline

SYMBOL_BYTES, SIZE_AT = 16, 8


def resized(elf: bytearray, path: Path, symbol: str, more: int) -> None:
    """Change the size of a symbol, or of the section called `symbol`, in the bytes of an ELF file."""
    with path.open("rb") as stream:
        file = ELFFile(stream)
        table = file.get_section_by_name(".symtab")
        index = next(i for i, entry in enumerate(table.iter_symbols()) if entry.name == symbol)
        at = table["sh_offset"] + SYMBOL_BYTES * index + SIZE_AT
    size = int.from_bytes(elf[at : at + 4], "little") + more
    elf[at : at + 4] = size.to_bytes(4, "little")


@pytest.fixture
def judge(
    pipeline: Pipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[[Callable[[bytearray, Path], None]], tuple[int, list[str], dict[str, Any]]]:
    """Inspect a changed firmware.elf and judge the report, as a build does: status, errors, report.json."""

    def run(change: Callable[[bytearray, Path], None]) -> tuple[int, list[str], dict[str, Any]]:
        elf, *plans = pipeline.inputs("inspect")
        content = bytearray(elf.read_bytes())
        change(content, elf)
        changed = tmp_path / "firmware.elf"
        changed.write_bytes(content)
        options = tmp_path / "options.json"
        options.write_text(json.dumps(pipeline.options))
        outputs = [str(tmp_path / path.name) for path in pipeline.outputs("inspect")]
        words = ["inspect", "--options", str(options), str(changed), *map(str, plans), "-o", *outputs]
        assert main(words) == 0
        status = main(["budget", outputs[0], "-o", str(tmp_path / "budget.json")])
        return status, capsys.readouterr().err.splitlines(), json.loads(Path(outputs[0]).read_text())

    return run


Judge = Callable[[Callable[[bytearray, Path], None]], tuple[int, list[str], dict[str, Any]]]


def test_an_unchanged_one(judge: Judge) -> None:
    status, errors, report = judge(lambda elf, path: None)
    assert (status, errors, report["unexplained_bytes"]) == (0, [], 0)


@pytest.mark.parametrize("more", [1, -1])
@pytest.mark.parametrize(
    ("symbol", "region", "section"),
    [
        ("tiny_arena", "ram", ".arena"),
        ("tiny_p0_weights", "flash", ".rodata"),
        ("tiny_p0_bias", "flash", ".rodata"),
        ("tiny_p0_requantize_multiplier", "flash", ".rodata"),
    ],
)
def test_one_byte_more_or_less(judge: Judge, symbol: str, region: str, section: str, more: int) -> None:
    status, errors, report = judge(lambda elf, path: resized(elf, path, symbol, more))
    size_bytes = next(row["size_bytes"] for row in report["symbols"] if row["name"] == symbol)
    planned = next(row["plan_bytes"] for row in report["symbols"] if row["name"] == symbol)
    assert (status, size_bytes) == (1, planned + more)
    why = "the firmware was not built from this plan (help: delete it and build it again; "
    first, *rest = errors
    assert first.startswith(
        f"firmware.elf: error[E301]: '{symbol}' has {size_bytes:,} bytes, the plan {planned:,}: {why}"
    )
    if symbol == "tiny_arena" and more == 1:
        # The section ends where the arena did: no byte is there to be explained.
        assert rest == []
        return
    last = rest[-1]
    assert last.startswith("firmware.elf: error[E413]: ")
    assert f"{more:+,} in {section} of {region} (" in last
    wrong = [row for row in report["reconciliation"] if row["cause"] == "unexplained"]
    assert sum(abs(row["difference_bytes"]) for row in wrong) == report["unexplained_bytes"] >= 1


@pytest.mark.parametrize("more", [1, -1])
def test_a_struct_of_one_byte_more_or_less(judge: Judge, more: int) -> None:
    """The compiler says how large it is, in whole words where it holds addresses."""
    status, errors, report = judge(lambda elf, path: resized(elf, path, "tiny_p0", more))
    size_bytes = next(row["size_bytes"] for row in report["symbols"] if row["name"] == "tiny_p0")
    assert status == 1
    what = f"'tiny_p0' has {size_bytes} bytes, a struct with addresses a multiple of 4"
    assert any(line.startswith(f"firmware.elf: error[E301]: {what}: ") for line in errors)


def test_bytes_between_functions_that_are_no_filler(judge: Judge, pipeline: Pipeline) -> None:
    board = load_board("", load_cpu(TARGET))
    image = read_image(pipeline.folder / "firmware.elf", board.regions)
    text = image.find_section(".text")
    assert text is not None
    ends = {symbol.address + symbol.size_bytes for symbol in image.symbols if symbol.section == ".text"}
    starts = {symbol.address for symbol in image.symbols if symbol.section == ".text"}
    at = min(end for end in ends if end not in starts and end < text.end)
    padding = [extent for extent in extents(image, board.flash.name, ("tiny",)) if extent.part == "padding"]
    assert padding

    def overwrite(elf: bytearray, path: Path) -> None:
        with path.open("rb") as stream:
            section = ELFFile(stream).get_section_by_name(".text")
            elf[section["sh_offset"] + at - section["sh_addr"]] = 0x55

    status, errors, report = judge(overwrite)
    gap = min(start for start in (*starts, text.end) if start > at) - at
    assert (status, report["unexplained_bytes"]) == (1, gap)
    assert errors == [
        f"firmware.elf: error[E413]: {gap:,} bytes of the firmware have no cause: +{gap:,} in no section of flash"
        " (unexplained) (help: symbols need a type and a size: .type and .size in assembler files)"
    ]
    text_form = (pipeline.folder / "report.txt").read_text()
    assert "\n    Unexplained                 0" in text_form
