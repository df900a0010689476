# SPDX-License-Identifier: Apache-2.0
"""Programs that fail, and tools that are absent. What works is in tests/target/test_support.py."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sconnx.emulate.available import emulated_cpus
from sconnx.emulate.process import run_native
from sconnx.emulate.qemu_machine import run_qemu
from sconnx.errors import SconnxError
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu


def script(folder: Path, code: str) -> Path:
    path = folder / "program"
    path.write_text(f"#!{sys.executable}\n{code}\n")
    path.chmod(0o755)
    return path


def test_killed_program(tmp_path: Path) -> None:
    with pytest.raises(SconnxError, match="the program was killed by signal 6") as caught:
        run_native(script(tmp_path, "import os; os.abort()"))
    assert (caught.value.code, caught.value.where) == ("E501", "program")


def test_endless_program(tmp_path: Path) -> None:
    with pytest.raises(SconnxError, match="the program did not exit within 1 s"):
        run_native(script(tmp_path, "while True: pass"), timeout_seconds=1)


def test_no_program(tmp_path: Path) -> None:
    with pytest.raises(SconnxError, match="cannot start the program") as caught:
        run_native(tmp_path / "absent")
    assert (caught.value.code, caught.value.why) == ("E502", "No such file or directory")


def test_no_qemu(monkeypatch: pytest.MonkeyPatch) -> None:
    board = load_board("", load_cpu("cortex-m3"))
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(SconnxError, match="'qemu-system-arm' is not on PATH"):
        run_qemu(Path("firmware.elf"), board)
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    with pytest.raises(SconnxError, match="board 'mps2-an385' names no 'qemu_machine'"):
        run_qemu(Path("firmware.elf"), replace(board, qemu_machine=""))


def test_cpus_that_are_emulated_here(monkeypatch: pytest.MonkeyPatch) -> None:
    in_unicorn = ("cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33")
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert emulated_cpus() == in_unicorn
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    assert emulated_cpus() == (*in_unicorn, "cortex-m55")
