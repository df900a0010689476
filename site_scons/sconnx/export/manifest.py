# SPDX-License-Identifier: Apache-2.0
"""What a lib brings besides its rules: kernels, headers, and for a third-party library the sources in the user's checkout.

Nothing has to be declared for kernels: those of lib `x` are in the folder `kernels/x`, of the project or of the user's
rules folder; `.c` files in its subfolder `static` are linked whenever the lib is used. A `lib.toml` beside the rules of a
third-party library says where its sources are:

    variable = "cmsis_nn"                       # NAME=PATH on the command line
    includes = ["Include"]                      # folders within PATH
    sources = ["Source/SoftmaxFunctions/*s8.c"] # patterns within PATH

Reading manifests imports no rule: build files do it in every start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sconnx.errors import SconnxError
from sconnx.target.toml_file import read_toml

OPERATORS = "operators"
"""The subfolder of a rules folder that defines operators instead of a lib."""


@dataclass(frozen=True, slots=True)
class External:
    """A third-party library in the user's checkout."""

    variable: str
    includes: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LibManifest:
    """One lib.

    Args:
        name: its folder's.
        rules: the folder of its rules.
        kernels: its kernels folders: of the project, or of the rules folders that add to it.
        external: None for a lib that is complete.
        is_users: whether it comes from a folder of the user's.
    """

    name: str
    rules: Path
    kernels: tuple[Path, ...]
    external: External | None
    is_users: bool


def _external(path: Path) -> External | None:
    if not path.is_file():
        return None
    table = read_toml(path, f"{path.parent.name}/{path.name}")
    external = External(table.text("variable"), table.strings("includes"), table.strings("sources"))
    table.end()
    return external


def read_manifests(rules: tuple[Path, ...], kernels: Path) -> tuple[LibManifest, ...]:
    """The libs of the rule folders, sorted by name.

    Args:
        rules: the project's folder first, then the user's; kernels of those are in their subfolder `kernels`.
        kernels: the project's kernels.
    """
    found: dict[str, LibManifest] = {}
    for position, folder in enumerate(rules):
        for lib in sorted(path for path in folder.iterdir() if path.name != OPERATORS and any(path.glob("*.py"))):
            root = folder / "kernels" if position else kernels
            own = (root / lib.name,) if (root / lib.name).is_dir() else ()
            known = found.get(lib.name)
            found[lib.name] = LibManifest(
                name=lib.name,
                rules=known.rules if known else lib,
                kernels=(known.kernels if known else ()) + own,
                external=known.external if known else _external(lib / "lib.toml"),
                is_users=known.is_users if known else position > 0,
            )
    return tuple(found[name] for name in sorted(found))


def usable_libs(
    manifests: Iterable[LibManifest], preferred: tuple[str, ...], externals: Mapping[str, str]
) -> tuple[LibManifest, ...]:
    """The libs that a target may use, in order of preference: the user's, third-party ones whose sources are given, the CPU's.

    Args:
        preferred: the CPU's libs in its order.
        externals: folder by variable, as the user gave them.

    Raises:
        SconnxError: E603, the CPU prefers a lib that no folder has.
    """
    by_name = {manifest.name: manifest for manifest in manifests}
    missing = [name for name in preferred if name not in by_name]
    if missing:
        raise SconnxError("E603", f"lib '{missing[0]}' is not among the rules", where="rules")
    others = [manifest for manifest in by_name.values() if manifest.name not in preferred]
    own = [m for m in others if m.is_users and m.external is None]
    given = [m for m in others if m.external is not None and externals.get(m.external.variable)]
    return (*own, *given, *(by_name[name] for name in preferred))
