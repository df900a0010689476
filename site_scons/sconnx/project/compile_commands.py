# SPDX-License-Identifier: Apache-2.0
"""compile_commands.json: how each C file of a build is compiled, for editors and checkers.

The format is that of https://clang.llvm.org/docs/JSONCompilationDatabase.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sconnx.target.toolchain import Toolchain


@dataclass(frozen=True, slots=True, kw_only=True)
class Compile:
    """One C file to one object, and what its command says besides the toolchain's flags."""

    source: str
    target: str
    optimize: str
    includes: tuple[str, ...]
    system_includes: tuple[str, ...]
    warnings: bool

    def command(self, toolchain: Toolchain) -> tuple[str, ...]:
        return toolchain.compile_command(
            self.source,
            self.target,
            optimize=self.optimize,
            includes=self.includes,
            system_includes=self.system_includes,
            warnings=self.warnings,
        )


def compile_commands(folder: Path, toolchain: Toolchain, compiles: Iterable[Compile]) -> str:
    """The file's text, an entry per object, in the order of their names.

    Args:
        folder: absolute; what the paths in the commands start from.
    """
    entries = [
        {
            "directory": str(folder),
            "file": each.source,
            "output": each.target,
            "arguments": list(each.command(toolchain)),
        }
        for each in sorted(compiles, key=lambda each: each.target)
    ]
    return json.dumps(entries, indent=2) + "\n"
