# SPDX-License-Identifier: Apache-2.0
"""Archives: members by the names that ar prints, in the formats of its kinds, and damage that is refused with a message."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from sconnx.elf.archive import archive_members, read_archive
from sconnx.errors import SconnxError
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from tests.tiny_pipeline import TARGET, Pipeline

BOARD = load_board("", load_cpu(TARGET))


def ar(*words: str | Path) -> str:
    if shutil.which("ar") is None:
        pytest.skip("ar is not installed")
    return subprocess.run(["ar", *words], capture_output=True, text=True, check=True).stdout


def test_members_are_those_that_ar_lists(pipeline: Pipeline) -> None:
    path = pipeline.folder / "libtiny.a"
    assert [name for name, _ in archive_members(path)] == ar("t", path).split()


def test_contents_have_any_length_and_names_too(tmp_path: Path) -> None:
    contents = {"short.o": b"odd", "a_name_that_is_longer_than_sixteen.o": b"even", "with space.o": b"", "x" * 90: b"1"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    library = tmp_path / "library.a"
    ar("rcD", library, *(tmp_path / name for name in contents))
    assert dict(archive_members(library)) == contents
    # As BSD's ar writes long names: before the content.
    body = b"longer_than_sixteen_characters.o\0\0\0\0content"
    header = f"{'#1/36':<16}{0:<12}{0:<6}{0:<6}{'644':<8}{len(body):<10}`\n".encode()
    library.write_bytes(b"!<arch>\n" + header + body)
    assert archive_members(library) == [("longer_than_sixteen_characters.o", b"content")]


def test_what_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "library.a"
    with pytest.raises(SconnxError) as caught:
        archive_members(path)
    assert str(caught.value) == "library.a: error[E502]: cannot read the library: No such file or directory"
    path.write_bytes(b"!<thin>\n")
    with pytest.raises(SconnxError) as caught:
        archive_members(path)
    assert str(caught.value) == "library.a: error[E502]: the file is no archive: thin ones are not read"


def test_damage_is_refused_or_harmless(pipeline: Pipeline, tmp_path: Path) -> None:
    """Truncated anywhere, or with other bytes in the headers of members and in what they hold."""
    whole = (pipeline.folder / "libtiny.a").read_bytes()
    headers = [at for at in range(8, len(whole), 2) if whole[at + 58 : at + 60] == b"`\n"]
    assert len(headers) > 5
    random = np.random.default_rng(5)
    path = tmp_path / "library.a"
    refused = 0
    for trial in range(240):
        changed = bytearray(whole)
        if trial % 3 == 0:
            del changed[random.integers(len(whole)) :]
        elif trial % 3 == 1:
            # Of names and sizes; what else is there nobody reads.
            start = headers[random.integers(len(headers))] + random.choice([0, 48])
            changed[start : start + 3] = random.choice([b"#1/", b"/9 ", b"/x ", b"-1 ", b"99 ", b"\xff\0 "])
        else:
            for _ in range(8):
                changed[random.integers(len(whole))] = random.integers(256)
        path.write_bytes(changed)
        try:
            read_archive(path, BOARD, ())
        except SconnxError as error:
            assert "library.a" in str(error)
            refused += 1
    assert refused > 100
