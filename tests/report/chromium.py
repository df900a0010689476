# SPDX-License-Identifier: Apache-2.0
"""A page in a headless browser: what a script measures of it, and a picture of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars"
).split()
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
DARK = "--blink-settings=preferredColorScheme=0"


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("needs chromium")
    command = [program, *QUIET, f"--user-data-dir={folder / 'profile'}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done


def measure(page: str, folder: Path, width: int, script: str, *flags: str) -> Any:
    """What the expression `script` is, as JSON, when the page stands in a frame of this width in pixels.

    A frame, because a browser's window has a least width. What the page writes to the console is an error.
    """
    (folder / "page.html").write_text(page)
    (folder / "frame.html").write_text(
        f'<!DOCTYPE html><body style="margin:0"><iframe id="f" src="page.html" style="border:0;width:{width}px;height:900px">'
        "</iframe><pre id='found'></pre><script>f.onload = () => { const page = f.contentDocument;"
        f"found.textContent = JSON.stringify({script}); }}</script>"
    )
    arguments = (
        "--allow-file-access-from-files",
        "--window-size=1400,1000",
        "--virtual-time-budget=5000",
        "--enable-logging=stderr",
        "--dump-dom",
        *flags,
    )
    done = _run(folder, *arguments, (folder / "frame.html").as_uri())
    assert "CONSOLE" not in done.stderr, done.stderr
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None and found[1], done.stdout[-2000:]
    return json.loads(unescape(found[1]))


def screenshot(page: str, folder: Path, width: int) -> bytes:
    """A PNG of the top of the page."""
    (folder / "page.html").write_text(page)
    picture = folder / "page.png"
    _run(folder, f"--window-size={width},1600", f"--screenshot={picture}", (folder / "page.html").as_uri())
    return picture.read_bytes()
