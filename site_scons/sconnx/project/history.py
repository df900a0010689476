# SPDX-License-Identifier: Apache-2.0
"""Where the history of a build is, and which commit its line is about."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sconnx.errors import SconnxError
from sconnx.history.history import DIRTY
from sconnx.project.revision import git
from sconnx.project.settings import Settings

NAME = "history.jsonl"


def history_file(settings: Settings) -> Path:
    """`history=`, or history.jsonl beside the first model; where that is a link, what it leads to.

    Raises SconnxError E105 when it cannot be a file.
    """
    file = Path(settings.history or Path(settings.models[0].path).parent / NAME).resolve()
    if file.is_dir() or not file.parent.is_dir():
        why = "it is a folder" if file.is_dir() else "its folder is not there"
        raise SconnxError("E105", f"history={settings.history or NAME} cannot be written", why=why)
    return file


def history_options(file: Path) -> Mapping[str, Any]:
    """The options of the step `history`, by the repository that the file is in, which need not be this one.

    `revision` is the commit, or `dirty` where tracked files differ from it, the history itself not counted; empty where there
    is no commit. `date` is the commit's.
    """
    revision, date = "", ""
    shown = git(file.parent, "log", "-1", "--format=%H %cI")
    if shown is not None and shown.returncode == 0:
        revision, _, date = shown.stdout.decode().strip().partition(" ")
        changes = git(
            file.parent, "status", "--porcelain", "--untracked-files=no", "--", ":/", f":(exclude,literal){file.name}"
        )
        if changes is None or changes.returncode or changes.stdout:
            revision, date = DIRTY, ""
    return {"history": os.path.relpath(file), "revision": revision, "date": date}
