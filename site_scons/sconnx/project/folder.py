# SPDX-License-Identifier: Apache-2.0
"""The build folder: there, and writable, before anything is put into it."""

from __future__ import annotations

import os
from pathlib import Path

from sconnx.errors import SconnxError


def build_folder(path: str) -> None:
    """Make the folder. Raises SconnxError E104 when that, or writing into it, is not possible."""
    name = Path(path).name
    try:
        Path(path).mkdir(exist_ok=True)
    except OSError as error:
        reason = "it is a file" if isinstance(error, FileExistsError) else error.strerror or str(error)
        raise SconnxError("E104", "cannot make the build folder", where=name, why=reason) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise SconnxError("E104", "cannot write into the build folder", where=name, why="permission denied")
