# SPDX-License-Identifier: Apache-2.0
"""Whether the compiler that firmware of others is built with is there, C library included."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

COMPILER = "arm-none-eabi-gcc"


def _has_library() -> bool:
    if shutil.which(COMPILER) is None:
        return False
    found = subprocess.run([COMPILER, "-print-file-name=libc.a"], capture_output=True, text=True, check=True)
    return Path(found.stdout.strip()).is_file()


needs_embedded_gcc = pytest.mark.skipif(not _has_library(), reason=f"{COMPILER} with newlib is not installed")
