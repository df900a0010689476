# SPDX-License-Identifier: Apache-2.0
"""What the tests of documents share: their code blocks, and a checkout whose commands are run as written."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.build.scons_checkout import Checkout, new_checkout

_BLOCK = re.compile(r"^(?:`([^`\n]+)`:\n\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(document: Path) -> list[tuple[str, str, str]]:
    """(path, language, text) of each code block; the path is the line `path`: before it, or empty."""
    return [(match[1] or "", match[2], match[3]) for match in _BLOCK.finditer(document.read_text(encoding="utf-8"))]


def checkout_with_sconsw(root: Path, zig_cache: Path) -> Checkout:
    """A checkout whose sconsw runs this Python, with everything installed, instead of setting up one of its own."""
    checkout = new_checkout(root, zig_cache)
    script = checkout.path("sconsw")
    script.write_text(
        f'#!/bin/sh\nexport SCONNX_CALLED_FROM="$PWD"\ncd "$(dirname "$0")" && exec "{sys.executable}" -m SCons -Q "$@"\n'
    )
    script.chmod(0o755)
    (root / ".venv/bin").mkdir(parents=True)
    python = root / ".venv/bin/python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return checkout


def run_as_written(commands: str, folder: Path) -> str:
    """Run shell commands in a folder; what they print. They must succeed."""
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", commands],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
