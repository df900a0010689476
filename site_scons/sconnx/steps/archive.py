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


def members(kernel_sources: Sequence[str], objects: Sequence[Path]) -> list[Path]:
    """The objects that belong in the library: all but those of kernels that are not used.

    Kernel objects are recognised by the last two parts of their path, `<lib>/<function>.o`.
    """
    used = {source.removesuffix(".c") for source in kernel_sources}
    is_kernel = [path.parent.parent.name == "kernels" for path in objects]
    return [
        path
        for path, kernel in zip(objects, is_kernel, strict=True)
        if not kernel or f"{path.parent.name}/{path.stem}" in used
    ]


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    lowered = read_lowered(inputs[0])
    toolchain = find_toolchain(options["toolchain"], load_cpu(options["target"]))
    objects = [str(path) for path in members(lowered.kernel_sources, inputs[1:])]
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library.a"
        done = subprocess.run(
            toolchain.archive_command(str(library), objects), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise SconnxError("E604", "the archiver failed", where=toolchain.name, why=done.stderr.strip())
        return (library.read_bytes(),)
