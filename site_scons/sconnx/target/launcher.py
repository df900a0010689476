# SPDX-License-Identifier: Apache-2.0
"""Programs that start the compiler: caches of objects, and those that hand compiles to other machines."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from sconnx.errors import SconnxError
from sconnx.target.toml_file import DATA, read_toml
from sconnx.target.toolchain import Toolchain


def launched(toolchain: Toolchain, launcher: str) -> Toolchain:
    """The toolchain whose compiles `launcher` starts, a program on PATH or a path; empty: as it is.

    The compiler then goes by its name instead of its path, for distccd takes no path. Raises SconnxError E702 when the launcher
    is known not to start this compiler, E601 when it is not installed.
    """
    if not launcher:
        return toolchain
    table = read_toml(DATA / "toolchains.toml", "toolchains.toml").table("toolchains").table(toolchain.name)
    if Path(launcher).name in table.strings("refused_by"):
        what = f"launcher={launcher} cannot start the compiler of toolchain={toolchain.name}"
        raise SconnxError("E702", what, help="toolchain=gcc, or launcher=ccache")
    found = shutil.which(launcher)
    if found is None:
        why = f"there is no program '{launcher}'" if "/" in launcher else f"'{launcher}' is not on PATH"
        hint = "install it with your system's packages, or leave launcher= out"
        raise SconnxError("E601", f"launcher={launcher} is not installed", why=why, help=hint)
    compiler, *words = toolchain.cc
    name = Path(compiler).name
    return replace(toolchain, launcher=(found,), cc=(name if shutil.which(name) == compiler else compiler, *words))
