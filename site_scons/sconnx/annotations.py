# SPDX-License-Identifier: Apache-2.0
"""Annotations of GitHub Actions: a line per error, which the pull request shows at the file.

Source of the form: GitHub Docs, "Workflow commands for GitHub Actions", setting an error message.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from sconnx.errors import SconnxError, each_of

VARIABLE = "GITHUB_ACTIONS"


def is_asked_for(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether GitHub runs this."""
    return environment.get(VARIABLE) == "true"


def tell(error: SconnxError, paths: Sequence[Path] = (), stream: TextIO | None = None) -> None:
    """Print an error, and where GitHub runs the build its annotations; these are for standard output.

    Args:
        paths: as `github_lines`.
        stream: of the error; None: standard error.
    """
    print(error, file=stream or sys.stderr)
    if is_asked_for():
        print(*github_lines(error, paths), sep="\n")


def github_lines(error: SconnxError, paths: Sequence[Path] = ()) -> list[str]:
    """A line for each problem.

    Args:
        paths: files that a problem may be about: the one whose name `where` begins with is shown.
    """
    return [_line(one, paths) for one in each_of(error)]


def _line(error: SconnxError, paths: Sequence[Path]) -> str:
    where = error.where.partition(":")[0]
    file = error.file or next((path.as_posix() for path in paths if path.name == where), "")
    properties = {"file": file, "title": f"sconnx {error.code}"}
    shown = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items() if value)
    return f"::error {shown}::{_escaped(str(error), '')}"


def _escaped(text: str, further: str) -> str:
    """What would end the line, or one of its properties, as GitHub decodes it."""
    for character in "%\r\n" + further:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
