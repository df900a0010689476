# SPDX-License-Identifier: Apache-2.0
"""fleet-base: a revision of the repository -> the fleet.json of its own files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.project.revision import build, export


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    root, folder = Path.cwd(), Path(options["export"])
    export(root, options["revision"], folder)
    return build(root, folder, options["arguments"], ("fleet",), (folder / "build/fleet/fleet.json",))
