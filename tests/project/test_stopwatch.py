# SPDX-License-Identifier: Apache-2.0
"""Seconds of commands: appended by command, read by folder; nothing is measured unless asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sconnx.project.stopwatch import VARIABLE, read_seconds, timed


def test_seconds_of_a_folder_are_those_of_the_last_run_of_each_command(tmp_path: Path) -> None:
    log = tmp_path / "seconds.jsonl"
    lines = [("build/m7/a/x.o", 1.0), ("build/m7/a/y.o", 2.0), ("build/m7/ab/x.o", 32.0), ("build/m7/a/x.o", 4.5)]
    log.write_text("".join(json.dumps({"output": output, "seconds": value}) + "\n" for output, value in lines))
    seconds = read_seconds(log)
    assert (seconds("build/m7/a"), seconds("build/m7/ab"), seconds("build/m7/b")) == (6.5, 32.0, None)
    assert read_seconds(tmp_path / "none.jsonl")("build/m7/a") is None


@pytest.mark.parametrize(
    ("words", "environment", "count"), [("cc -c a.c -o a.o", 1, 1), ("show a", 1, 0), ("cc -o b", 0, 0)]
)
def test_a_command_that_makes_a_file_is_a_line(tmp_path: Path, words: str, environment: int, count: int) -> None:
    log = tmp_path / "seconds.jsonl"
    for _ in range(2):
        with timed(words.split(), {VARIABLE: str(log)} if environment else {}):
            pass
    entries = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    assert [entry["output"] for entry in entries] == ["a.o"] * 2 * count
    assert all(entry["seconds"] >= 0 for entry in entries)
