# SPDX-License-Identifier: Apache-2.0
"""`python -m tests [pytest arguments]`: lint, types, then all tests. What `./sconsw test` runs.

Without arguments the tests run in two processes side by side, half of the work each.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = (("ruff", "check", "."), ("ruff", "format", "--check", "--quiet", "."), ("mypy",))
FIRST_HALF = ("bench", "benchmarks", "build", "project", "report", "sconsw", "steps")
"""Rooms of the first process; the second has all others."""


def halves() -> list[list[str]]:
    """The arguments of the two processes. Raises ValueError for a room that is not there."""
    first = [f"tests/{room}" for room in FIRST_HALF]
    missing = [room for room in first if not (ROOT / room).is_dir()]
    if missing:
        raise ValueError(f"there is no {', '.join(missing)}")
    return [first, ["tests", *(f"--ignore={room}" for room in first)]]


def side_by_side(commands: Sequence[Sequence[str]]) -> int:
    """Run commands at the same time, and print what each said, one after the other; the number of those that failed."""
    failed = 0
    with ExitStack() as open_files:
        running = []
        for command in commands:
            log = open_files.enter_context(tempfile.TemporaryFile())
            running.append((command, log, subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)))
        for command, log, process in running:
            failed += process.wait() != 0
            log.seek(0)
            print(f"-- {' '.join(command[2:])}", flush=True)
            sys.stdout.buffer.write(log.read())
            sys.stdout.flush()
    return failed


def main(pytest_arguments: list[str]) -> int:
    """Run every check, also after one has failed; the number of those that failed."""
    failed = 0
    for check in CHECKS:
        print(f"-- {' '.join(check)}", flush=True)
        failed += subprocess.run([sys.executable, "-m", *check], cwd=ROOT, check=False).returncode != 0
    runs = [pytest_arguments] if pytest_arguments else halves()
    return failed + side_by_side([[sys.executable, "-m", "pytest", "-q", *arguments] for arguments in runs])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
