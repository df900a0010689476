# SPDX-License-Identifier: Apache-2.0
"""archive: the objects of the generated code and of the kernels that lowered.json names -> lib<name>.a."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.errors import SconnxError
from sconnx.export.members import members, used_kernels
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import find_toolchain


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    toolchain = find_toolchain(options["toolchain"], load_cpu(options["target"]))
    objects = [str(path) for path in members(used_kernels(inputs[0]), inputs[1:])]
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library.a"
        done = subprocess.run(
            toolchain.archive_command(str(library), objects), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise SconnxError("E604", "the archiver failed", where=toolchain.name, why=done.stderr.strip())
        return (library.read_bytes(),)
