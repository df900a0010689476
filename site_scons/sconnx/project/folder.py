# SPDX-License-Identifier: Apache-2.0
"""The build folder and the cache: there, and writable, before anything is put into them."""

from __future__ import annotations

import os
from pathlib import Path

from sconnx.errors import SconnxError


def cache_folder(path: str, is_readonly: bool) -> None:
    """Make the folder of `cache=`, unless it is only read.

    Raises SconnxError E105 as below, E101 when it is only read and no cache, E702 for a path that SCons does not take.
    """
    if "$" in path:
        raise SconnxError("E702", f"cache={path}: SCons takes no $ in the path of its cache")
    if not is_readonly:
        build_folder(path, "cache")
    elif not (Path(path) / "config").is_file():
        why = "--cache-readonly needs a folder that a build without it has filled"
        raise SconnxError("E101", f"cache={path} is no cache", why=why)


def build_folder(path: str, kind: str = "build") -> None:
    """Make the folder. Raises SconnxError E105 when that, or writing into it, is not possible."""
    name = Path(path).name
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "it is a file" if isinstance(error, FileExistsError) else error.strerror or str(error)
        raise SconnxError("E105", f"cannot make the {kind} folder", where=name, why=reason) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise SconnxError("E105", f"cannot write into the {kind} folder", where=name, why="permission denied")
