# SPDX-License-Identifier: Apache-2.0
"""How far a long computation is: one line on the terminal, written over and over, and gone at the end."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FIRST_SECONDS = 1.0
"""What takes less shows nothing."""
INTERVAL_SECONDS = 0.2
_CLEAR = "\r\x1b[K"


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function to tell with; it does nothing where standard error is no terminal. Results must not depend on it."""
    is_shown = sys.stderr.isatty()
    due, is_there = time.monotonic() + FIRST_SECONDS, False

    def tell(text: str) -> None:
        nonlocal due, is_there
        if is_shown and time.monotonic() >= due:
            due, is_there = time.monotonic() + INTERVAL_SECONDS, True
            sys.stderr.write(_CLEAR + text[: shutil.get_terminal_size().columns - 1])
            sys.stderr.flush()

    try:
        yield tell
    finally:
        if is_there:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()
