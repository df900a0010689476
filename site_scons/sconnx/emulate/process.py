# SPDX-License-Identifier: Apache-2.0
"""Runs a host executable as a process."""

from __future__ import annotations

import subprocess
from pathlib import Path

from sconnx.emulate.run_result import RunResult
from sconnx.errors import SconnxError


def run_native(executable: Path, stdin: bytes = b"", *, timeout_seconds: int = 600) -> RunResult:
    """Run a host executable.

    Raises:
        SconnxError: E501, it was killed by a signal, or never exits; E502, it cannot be started.
    """
    command, name, limit = [str(executable.resolve())], executable.name, timeout_seconds
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
