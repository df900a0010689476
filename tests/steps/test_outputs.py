# SPDX-License-Identifier: Apache-2.0
"""Outputs are written completely or not at all, and only when they change."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sconnx.errors import SconnxError
from sconnx.steps.outputs import write_outputs

LONG_AGO = 1_000_000_000


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def old_outputs(folder: Path) -> list[Path]:
    paths = [folder / name for name in ("a.json", "b.json", "c.json")]
    for path in paths:
        path.write_bytes(b"old " + path.name.encode())
        os.utime(path, (LONG_AGO, LONG_AGO))
    return paths


def test_new_files_in_new_folders(tmp_path: Path) -> None:
    write_outputs([tmp_path / "x/y/a", tmp_path / "b"], [b"1", b""])
    assert files(tmp_path) == {"x/y/a": b"1", "b": b""}


def test_unchanged_content_keeps_its_time(tmp_path: Path) -> None:
    a, b, c = old_outputs(tmp_path)
    write_outputs([a, b, c], [b"old a.json", b"new", b"old c.json"])
    assert [path.stat().st_mtime == LONG_AGO for path in (a, b, c)] == [True, False, True]
    assert files(tmp_path) == {"a.json": b"old a.json", "b.json": b"new", "c.json": b"old c.json"}


def failing_write(monkeypatch: pytest.MonkeyPatch, which: str, error: BaseException) -> None:
    """Writing the temporary file of one output writes half of it and fails."""
    write = Path.write_bytes

    def half(self: Path, content: Any) -> int:
        if which in self.name:
            write(self, content[:1])
            raise error
        return write(self, content)

    monkeypatch.setattr(Path, "write_bytes", half)


@pytest.mark.parametrize("which", ["a.json", "b.json", "c.json"])
def test_a_full_disk_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str) -> None:
    paths = old_outputs(tmp_path)
    before = files(tmp_path)
    failing_write(monkeypatch, which, OSError(28, "No space left on device"))
    with pytest.raises(SconnxError) as caught:
        write_outputs(paths, [b"new"] * 3)
    assert str(caught.value) == (
        f"{which}: error[E105]: cannot write: No space left on device (help: look at the folder of {tmp_path / which})"
    )
    assert files(tmp_path) == before
    assert all(path.stat().st_mtime == LONG_AGO for path in paths)


def test_an_interruption_leaves_no_temporaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = old_outputs(tmp_path)
    before = files(tmp_path)
    failing_write(monkeypatch, "b.json", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        write_outputs(paths, [b"new"] * 3)
    assert files(tmp_path) == before


@pytest.mark.parametrize("content", [b"old a.json", b"new"])
def test_what_a_killed_step_left_goes_with_the_next(tmp_path: Path, content: bytes) -> None:
    a, *_ = old_outputs(tmp_path)
    code = (
        "import os, pathlib, signal, sys\n"
        "from sconnx.steps.outputs import write_outputs\n"
        "write = pathlib.Path.write_bytes\n"
        "def half(path, content):\n"
        "    write(path, content[:1])\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "pathlib.Path.write_bytes = half\n"
        "write_outputs([pathlib.Path(sys.argv[1])], [b'another'])\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", code, str(a)], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert files(tmp_path).keys() > {"a.json", "b.json", "c.json"}
    write_outputs([a], [content])
    assert files(tmp_path) == {"a.json": content, "b.json": b"old b.json", "c.json": b"old c.json"}


def folder_in_the_way(folder: Path) -> None:
    (folder / "c.json").unlink()
    (folder / "c.json").mkdir()


def file_in_the_way(folder: Path) -> None:
    (folder / "c.json").unlink()
    (folder / "sub").write_bytes(b"a file")


@pytest.mark.parametrize(
    ("prepare", "third", "reason"),
    [
        (folder_in_the_way, "c.json", "Is a directory"),
        (file_in_the_way, "sub/c.json", "File exists"),
        (lambda folder: None, "n" * 300, "File name too long"),
    ],
)
def test_what_cannot_be_written_leaves_the_others_as_they_were(
    tmp_path: Path, prepare: Callable[[Path], None], third: str, reason: str
) -> None:
    a, b, _ = old_outputs(tmp_path)
    prepare(tmp_path)
    before = files(tmp_path)
    with pytest.raises(SconnxError) as caught:
        write_outputs([a, b, tmp_path / third], [b"new"] * 3)
    assert (caught.value.code, caught.value.why) == ("E105", reason)
    assert files(tmp_path) == before


def test_a_wrong_number_of_contents_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 outputs for 2 paths"):
        write_outputs([tmp_path / "a", tmp_path / "b"], [b""])
    assert files(tmp_path) == {}
