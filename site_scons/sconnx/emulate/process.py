# SPDX-License-Identifier: Apache-2.0
"""Runs a firmware as a process: a host executable, or QEMU with semihosting on its own stdin and stdout."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sconnx.emulate.unicorn_machine import RunResult
from sconnx.errors import SconnxError
from sconnx.target.board import Board

QEMU = "qemu-system-arm"


def run_native(executable: Path, stdin: bytes = b"", *, timeout_seconds: int = 600) -> RunResult:
    """Run a host executable.

    Raises:
        SconnxError: E501, it was killed by a signal, or never exits; E502, it cannot be started.
    """
    return _run([str(executable.resolve())], executable.name, stdin, timeout_seconds)


def run_qemu(elf: Path, board: Board, stdin: bytes = b"", *, timeout_seconds: int = 600) -> RunResult:
    """Run a firmware in QEMU's machine for the board. QEMU's flash is RAM: a write to it goes unnoticed.

    Raises:
        SconnxError: E501, as for `run_native`; E601, QEMU is not installed, or it does not have the board.
    """
    program = shutil.which(QEMU)
    if program is None:
        raise SconnxError("E601", f"'{QEMU}' is not on PATH", help="install it with your system's packages")
    if not board.qemu_machine:
        raise SconnxError("E601", f"board '{board.name}' names no 'qemu_machine'")
    command = [program, "-machine", board.qemu_machine, "-kernel", str(elf)]
    # No serial port and no monitor: both would take bytes from stdin.
    command += ["-display", "none", "-serial", "none", "-monitor", "none"]
    command += ["-semihosting-config", "enable=on,target=native"]
    return _run(command, elf.name, stdin, timeout_seconds)


def _run(command: Sequence[str], name: str, stdin: bytes, timeout_seconds: int) -> RunResult:
    limit = timeout_seconds
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        raise SconnxError("E501", f"the program did not exit within {limit} s", where=name) from None
    except OSError as error:
        why = error.strerror or str(error)
        raise SconnxError("E502", "cannot start the program", where=name, why=why) from None
    if done.returncode < 0:
        raise SconnxError("E501", f"the program was killed by signal {-done.returncode}", where=name)
    return RunResult(done.stdout, done.returncode)
