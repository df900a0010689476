# SPDX-License-Identifier: Apache-2.0
"""Which C files a build compiles besides the generated ones: kernels, what comes with these, support of our own firmware."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath

from sconnx.errors import SconnxError
from sconnx.export.manifest import External, LibManifest, read_manifests, usable_libs
from sconnx.export.members import members, used_kernels
from sconnx.places import PACKAGE
from sconnx.project.settings import Settings
from sconnx.target.board import CONSOLES, Board
from sconnx.target.cpu import Cpu, load_cpu
from sconnx.target.toolchain import GENERATED_LEVEL


@dataclass(frozen=True, slots=True)
class KernelSource:
    """One C file.

    Args:
        path: of the source.
        object_path: below the target's folder `kernels`: <lib>/<function>.o, or <lib>/<group>/<file>.o for what is always linked.
        is_external: third-party code, which our warnings are not for.
    """

    path: Path
    object_path: str
    is_external: bool


@dataclass(frozen=True, slots=True)
class KernelSources:
    """Sources in a fixed order; include folders of our headers, and of third-party ones."""

    sources: tuple[KernelSource, ...]
    includes: tuple[Path, ...]
    system_includes: tuple[Path, ...]


def support_sources(cpu: Cpu, board: Board, optimize: str) -> list[tuple[Path, str]]:
    """Start-up, input/output and run-time helpers of our own firmware, with their levels; a user's firmware brings its own."""
    small = ("host.c",) if cpu.is_host else ("startup.c", CONSOLES[board.console])
    helpers = () if cpu.is_host else ("runtime.c", "float32.c")
    levels = {**dict.fromkeys(small, GENERATED_LEVEL), **dict.fromkeys(helpers, optimize)}
    return [(PACKAGE / "target/support" / name, level) for name, level in levels.items()]


@cache
def _of_lib(lib: LibManifest) -> tuple[KernelSource, ...]:
    found: list[KernelSource] = []
    for folder in lib.kernels:
        found += [KernelSource(path, f"{lib.name}/{path.stem}.o", False) for path in sorted(folder.glob("*.c"))]
        static = sorted(folder.glob("static/*.c"))
        found += [KernelSource(path, f"{lib.name}/static/{path.stem}.o", False) for path in static]
    return tuple(found)


def _external_files(external: External, root: Path) -> list[Path]:
    """The third-party sources in the checkout `root`. Raises SconnxError E605 when it is not such a checkout."""
    found = {pattern: sorted(root.glob(pattern)) for pattern in external.sources}
    missing = [folder for folder in external.includes if not (root / folder).is_dir()]
    missing += [pattern for pattern, files in found.items() if not files]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise SconnxError(
            "E605",
            f"{external.variable}={root}: this folder has no {missing[0]}{more}",
            help=f"give the top folder of a checkout of '{external.variable}' of a version that has these files",
        )
    return sorted({path for files in found.values() for path in files})


def kernel_sources(settings: Settings, rules: tuple[Path, ...], kernels: Path) -> KernelSources:
    """What the settings' target may need.

    Args:
        rules: the project's rules folder, then the user's.
        kernels: the project's kernels.

    Raises:
        SconnxError: E605, a third-party library's folder lacks what its `lib.toml` lists.
    """
    libs = usable_libs(read_manifests(rules, kernels), load_cpu(settings.target).libs, settings.externals)
    sources: list[KernelSource] = []
    includes = [kernels / "include"]
    system: list[Path] = []
    for lib in libs:
        sources += _of_lib(lib)
        includes += lib.kernels
        if lib.external is not None:
            root = Path(settings.externals[lib.external.variable])
            files = _external_files(lib.external, root)
            sources += [KernelSource(path, f"{lib.name}/external/{path.stem}.o", True) for path in files]
            system += [root / folder for folder in lib.external.includes]
            system += [folder / "include" for folder in lib.kernels if (folder / "include").is_dir()]
    return KernelSources(tuple(sources), tuple(includes), tuple(system))


def used_sources(sources: Iterable[KernelSource], lowered: Path) -> list[KernelSource]:
    """Those that the model of a lowered.json needs, in the same order; none where there is no such file yet."""
    by_object = {_in_kernels(source.object_path): source for source in sources}
    return [by_object[path] for path in members(used_kernels(lowered), list(by_object))]


@cache
def _in_kernels(object_path: str) -> PurePath:
    return PurePath("kernels", object_path)
