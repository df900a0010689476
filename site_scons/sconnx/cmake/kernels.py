# SPDX-License-Identifier: Apache-2.0
"""What CMake has to know of a request, as a script: the files of its steps, and the kernels of its target.

Of kernels that is one static library of all that models may use, of which linkers take some: which ones a model uses is known
when its steps have run, and CMake wants to know sources before.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from sconnx.cmake.generation import made_files
from sconnx.cmake.request import Request
from sconnx.elf.archive import archive_members
from sconnx.places import places
from sconnx.project.sources import KernelSources, kernel_sources, used_sources
from sconnx.target.cpu import load_cpu, target_name
from sconnx.target.toolchain import foreign_flags


def sources_of(request: Request) -> KernelSources:
    """What the target's models may use. Raises SconnxError E605."""
    return kernel_sources(request.settings, request.rules, places().kernels)


def library_name(request: Request, found: KernelSources) -> str:
    """Of the CMake target: the CPU's; with the user's own kernels or third-party ones also a mark of which they are."""
    own = [str(source.path.absolute()) for source in found.sources if places().kernels not in source.path.parents]
    mark = f"_{sha256(chr(0).join(own).encode()).hexdigest()[:8]}" if own else ""
    return f"sconnx_kernels_{target_name(request.settings.target)}{mark}"


def script(request: Request) -> str:
    """Sets, in the scope that includes it: the library's name, its sources, include folders and flags; what steps write."""
    found = sources_of(request)
    ours = [source for source in found.sources if not source.is_external]
    external = [source for source in found.sources if source.is_external]
    lines = [
        _set("_sconnx_kernels", [library_name(request, found)]),
        _set("_sconnx_sources", _paths(source.path for source in ours)),
        _set("_sconnx_external", _paths(source.path for source in external)),
        _set("_sconnx_includes", _paths(found.includes)),
        _set("_sconnx_system_includes", _paths(found.system_includes)),
        _set("_sconnx_made", made_files(request.model.name)),
        _set("_sconnx_reported", made_files(request.model.name, ("measure", "budget"))),
        _set("_sconnx_flags", foreign_flags(load_cpu(request.settings.target))),
    ]
    return "".join(lines)


def used_objects(request: Request, lowered: Path, archive: Path) -> list[tuple[str, bytes]]:
    """The members of the library that the model uses, by name and content."""
    names = {source.path.name for source in used_sources(sources_of(request).sources, lowered)}
    return [member for member in archive_members(archive) if _source_name(member[0]) in names]


def _source_name(member: str) -> str:
    """CMake calls the object of `x.c` `x.c.o` or `x.c.obj`."""
    return member.rpartition(".")[0]


def _paths(paths: Iterable[Path]) -> list[str]:
    return [path.absolute().as_posix() for path in paths]


def _set(name: str, values: Iterable[str]) -> str:
    """In bracket arguments no character means anything."""
    return f"set({name} {' '.join(f'[==[{value}]==]' for value in values)})\n"
