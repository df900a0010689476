# SPDX-License-Identifier: Apache-2.0
"""archive: the objects of the generated code and of the kernels that lowered.json names -> lib<name>.a."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.errors import SconnxError
from sconnx.export.lowered import read_lowered
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import find_toolchain


def members(kernels: Sequence[tuple[str, str]], objects: Sequence[Path]) -> list[Path]:
    """The objects that belong in the library: the generated ones, the kernels used, and all else of the libs used.

    Objects of a lib are `.../kernels/<lib>/<function>.o` for its kernels, and in subfolders for what is always linked.
    """
    used = set(kernels)
    libs = {lib for lib, _ in kernels}
    found = []
    for path in objects:
        *_, grandparent, parent, _ = ("", "", *path.parts)
        if grandparent == "kernels":
            wanted = (parent, path.stem) in used
        else:
            wanted = path.parts[-4:-3] != ("kernels",) or grandparent in libs
        if wanted:
            found.append(path)
    return found


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    lowered = read_lowered(inputs[0])
    toolchain = find_toolchain(options["toolchain"], load_cpu(options["target"]))
    objects = [str(path) for path in members(lowered.kernels, inputs[1:])]
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library.a"
        done = subprocess.run(
            toolchain.archive_command(str(library), objects), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise SconnxError("E604", "the archiver failed", where=toolchain.name, why=done.stderr.strip())
        return (library.read_bytes(),)
