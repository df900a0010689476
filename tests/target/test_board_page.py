# SPDX-License-Identifier: Apache-2.0
"""docs/boards.md: its board, its keys and its commands."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from sconnx.errors import SconnxError
from sconnx.memory.memories import board_memories
from sconnx.project.settings import parse_settings
from sconnx.project.variables import check_targets
from sconnx.target.board import Board, Region, load_board
from sconnx.target.cpu import load_cpu
from tests.build.scons_checkout import ROOT
from tests.export.outside import blocks

PAGE = ROOT / "docs/boards.md"


@pytest.fixture
def board_file(tmp_path: Path) -> Path:
    (text,) = (text for path, language, text in blocks(PAGE) if language == "toml" and path == "stm32h743.toml")
    (tmp_path / "stm32h743.toml").write_text(text)
    return tmp_path / "stm32h743.toml"


def test_the_board_of_the_page(board_file: Path) -> None:
    board = load_board(str(board_file), load_cpu("cortex-m7"))
    assert (board.flash.name, board.ram.name) == ("flash", "dtcm")
    assert [memory.region for memory in board_memories(board, None)] == ["dtcm", "axi", "sdram"]


def test_the_page_has_every_key_and_no_other(board_file: Path) -> None:
    keys = re.findall(r"^\| `([\w.]+)` \|", PAGE.read_text(), re.MULTILINE)
    top = [field.name for field in fields(Board) if field.name not in ("name", "regions")]
    below = [f"regions.NAME.{field.name}" for field in fields(Region) if field.name != "name"]
    assert keys == [*top, "regions.NAME", *below]


@pytest.mark.parametrize("key", ["kind", "origin", "size_bytes"])
def test_keys_of_a_region_that_must_be_there(board_file: Path, key: str) -> None:
    text = board_file.read_text()
    board_file.write_text(re.sub(rf"(\[regions.axi\]\n(?:.*\n)*?){key} = .*\n", r"\1", text, count=1))
    with pytest.raises(SconnxError, match=f"'regions.axi.{key}' is missing"):
        load_board(str(board_file), load_cpu("cortex-m7"))


def test_the_commands_of_the_page() -> None:
    lines = [line for _, language, text in blocks(PAGE) if language == "sh" for line in text.splitlines()]
    assert len(lines) == 6
    for line in lines:
        words = line.partition("#")[0].split()
        assert words[0] == "./sconsw"
        parse_settings(dict(word.split("=", 1) for word in words[1:] if "=" in word))
        check_targets([word for word in words[1:] if "=" not in word])
