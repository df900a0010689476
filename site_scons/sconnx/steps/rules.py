# SPDX-License-Identifier: Apache-2.0
"""What the steps that use rules share: loading the libs of a target from their options."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sconnx.errors import SconnxError
from sconnx.export.library import ExportLib, load_libs
from sconnx.export.manifest import read_manifests, usable_libs
from sconnx.target.cpu import Cpu, load_cpu


def rule_folders(options: Mapping[str, Any]) -> tuple[Path, ...]:
    """The folders of the option `rules`, the project's first."""
    return tuple(Path(folder) for folder in options["rules"])


def load_target_libs(options: Mapping[str, Any]) -> tuple[Cpu, list[ExportLib]]:
    """The CPU and its libs in order of preference, from the options `target`, `rules` and `externals`.

    Raises:
        SconnxError: E701 no such CPU, E603 a lib is missing, and as `load_libs`.
    """
    cpu = load_cpu(options["target"])
    folders = rule_folders(options)
    libs = load_libs(folders)
    usable = [lib.name for lib in usable_libs(read_manifests(folders, folders[0]), cpu.libs, options["externals"])]
    nameless = [name for name in usable if name not in libs]
    if nameless:
        what = f"no file in the folder '{nameless[0]}' defines a lib of that name"
        hint = f'write {nameless[0]} = ExportLib("{nameless[0]}") in its __init__.py'
        raise SconnxError("E603", what, where="rules", help=hint)
    return cpu, [libs[name] for name in usable]
