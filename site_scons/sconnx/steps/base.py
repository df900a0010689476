# SPDX-License-Identifier: Apache-2.0
"""base: a revision of the repository -> its report.json and run.json, built from that revision's own files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.project.revision import build, export


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    root, folder = Path.cwd(), Path(options["export"])
    export(root, options["revision"], folder)
    built = folder / options["firmware"]
    files = (built / "report.json", built / "run.json")
    return build(root, folder, options["arguments"], ("report", "run"), files)
