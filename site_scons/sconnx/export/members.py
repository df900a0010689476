# SPDX-License-Identifier: Apache-2.0
"""Which object files belong in a model's library.

Build files ask this in every start, so nothing heavy is imported here, and lowered.json is read as plain JSON.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path, PurePath
from typing import TypeVar

_Object = TypeVar("_Object", bound=PurePath)


def used_kernels(lowered: Path) -> tuple[tuple[str, str], ...]:
    """(lib, name of the file) of the kernels that a lowered.json names, as `Lowered.kernels`.

    None where the file is not made yet, or is of a version that is about to be replaced.
    """
    try:
        choices = json.loads(lowered.read_bytes())["choices"]
        return tuple(sorted({(each["lib"], each["source"] or each["kernel"]) for each in choices if each["kernel"]}))
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        return ()


def members(kernels: Collection[tuple[str, str]], objects: Sequence[_Object]) -> list[_Object]:
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
