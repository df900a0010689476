# SPDX-License-Identifier: Apache-2.0
"""Writing a step's outputs: completely or not at all, and only where the content changed."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sconnx.errors import SconnxError


def write_outputs(paths: Sequence[Path], contents: Sequence[bytes]) -> None:
    """Write each content to its path by way of a temporary file beside it.

    All temporary files are complete before the first one is renamed. Their names are always the same, so that what is left of
    a step that was killed goes with the next one. Raises SconnxError E105 when a folder or file cannot be written; then no
    output was touched.
    """
    if len(paths) != len(contents):
        raise ValueError(f"{len(contents)} outputs for {len(paths)} paths")
    temporaries = [path.with_name(f".{path.name}.part") for path in paths]
    pending: list[tuple[Path, Path]] = []
    try:
        for path, temporary, content in zip(paths, temporaries, contents, strict=True):
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if path.is_file() and path.read_bytes() == content:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            pending.append((temporary, path))
            temporary.write_bytes(content)
        for temporary, path in pending:
            temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SconnxError(
            "E105", "cannot write", where=path.name, why=reason, help=f"look at the folder of {path}"
        ) from error
    finally:
        for temporary in temporaries:
            with suppress(OSError):
                temporary.unlink()
