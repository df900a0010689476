# SPDX-License-Identifier: Apache-2.0
"""The line that says how far a long step is: on a terminal, gone at the end, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import sconnx.progress
from sconnx.places import PACKAGE
from sconnx.progress import progress

pty = pytest.importorskip("pty", reason="needs pseudo-terminals")
PROGRAM = """
import sconnx.progress as p
p.FIRST_SECONDS = p.INTERVAL_SECONDS = 0.0
with p.progress() as tell:
    for part in range(3):
        tell(f"{part} of 3 " + "x" * 300)
print("done")
"""


def said(program: str) -> str:
    """What a program writes to a terminal that is its standard error."""
    terminal, side = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "COLUMNS": "20"}
    done = subprocess.run(
        [sys.executable, "-c", program], stderr=side, stdout=subprocess.PIPE, env=environment, text=True, check=True
    )
    assert done.stdout == "done\n"
    os.set_blocking(terminal, False)
    try:
        return os.read(terminal, 10_000).decode()
    except BlockingIOError:
        return ""
    finally:
        os.close(terminal)
        os.close(side)


def test_one_line_that_is_gone_at_the_end() -> None:
    clear = "\r\x1b[K"
    lines = [f"{part} of 3 xxxxxxxxxxxx" for part in range(3)]
    assert said(PROGRAM) == "".join(clear + line for line in lines) + clear


def test_nothing_of_what_is_short() -> None:
    assert said(PROGRAM.replace("p.FIRST_SECONDS = ", "")) == ""


def test_nothing_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sconnx.progress, "FIRST_SECONDS", 0.0)
    with progress() as tell:
        tell("unseen")
    assert capsys.readouterr() == ("", "")
