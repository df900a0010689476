# SPDX-License-Identifier: Apache-2.0
"""What `diff` compares with: the files of another build, or a revision of git."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sconnx.errors import SconnxError
from sconnx.project.revision import OWN, resolve
from sconnx.project.settings import Settings
from sconnx.project.variables import BUILD


def base_files(base: str) -> list[str]:
    """report.json, and run.json where it is beside it; none for a revision. Raises SconnxError E702 without base=."""
    if not base:
        hint = "base=path/to/report.json, or base=main"
        raise SconnxError("E702", "diff needs something to compare with", help=hint)
    path = Path(base)
    if not path.is_file():
        return []
    run = path.with_name("run.json")
    return [str(path.absolute()), *([str(run.absolute())] if run.is_file() else [])]


def base_options(root: Path, settings: Settings, arguments: Mapping[str, str]) -> dict[str, Any]:
    """The options of the step `base`. Raises SconnxError E701 when there is no such revision."""
    commit = resolve(root, settings.base)
    return {
        "revision": commit,
        "export": f"{settings.build}/base/{commit}",
        "firmware": f"{BUILD}/{settings.target_name}/{settings.name}",
        "arguments": {name: value for name, value in arguments.items() if name not in OWN},
    }
