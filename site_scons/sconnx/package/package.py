# SPDX-License-Identifier: Apache-2.0
"""Package: generated code and the kernels it uses as one flat folder of C, with all that a build system wants to know of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sconnx.codegen.place import arena_member
from sconnx.errors import SconnxError, raise_all
from sconnx.export.lowered import Lowered
from sconnx.export.manifest import LibManifest
from sconnx.memory.meminfo import MemoryPlan
from sconnx.target.cpu import Cpu
from sconnx.target.toolchain import foreign_flags

_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)

GCC_OPTIONS = ("-fno-schedule-insns",)
"""Of gcc: its scheduler before register allocation makes unrolled kernels spill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What the steps made of one model: its graph on the target, its memory plan, its C by file name."""

    lowered: Lowered
    plan: MemoryPlan
    code: Mapping[str, bytes]

    @property
    def name(self) -> str:
        return self.lowered.graph.name


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedModel:
    """A model as the package's pages speak of it.

    Args:
        macro: prefix of its macros.
        arenas: the arguments of `<name>_init` behind the ctx, one per arena.
        arena_bytes: of all arenas.
    """

    name: str
    macro: str
    arenas: tuple[str, ...]
    arena_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package, whatever build system it is for.

    Args:
        name: a C identifier; of several models their names joined.
        target: the CPU that the kernels were chosen for.
        generated, kernels: names of the C files, sorted.
        options, gcc_options: of gcc and clang, and of gcc alone; CPU and ABI are the application's.
        files: all files of `src/` by name, headers included.
    """

    name: str
    version: str
    target: str
    models: tuple[PackagedModel, ...]
    generated: tuple[str, ...]
    kernels: tuple[str, ...]
    options: tuple[str, ...]
    gcc_options: tuple[str, ...]
    files: Mapping[str, bytes]

    @property
    def sources(self) -> tuple[str, ...]:
        return (*self.generated, *self.kernels)

    @property
    def headers(self) -> tuple[str, ...]:
        """What an application includes."""
        return tuple(f"{model.name}.h" for model in self.models)

    @property
    def macro(self) -> str:
        return self.name.upper()

    @property
    def summary(self) -> str:
        """One line for lists of packages."""
        what = "neural network" if len(self.models) == 1 else f"{len(self.models)} neural networks"
        return f"{what} for {self.target}, exported by sconnx"


def make_package(
    models: Sequence[Generated], libs: Sequence[LibManifest], kernels: Path, cpu: Cpu, version: str
) -> Package:
    """Put it together.

    Args:
        libs: of all rule folders.
        cpu: the target.
        kernels: the project's kernels; its `include` has the headers that all libs share.

    Raises:
        SconnxError: E611 for kernels of a third-party library, E612 for files of one name.
    """
    used = _used_libs(models, libs)
    generated = {name: content for model in models for name, content in model.code.items()}
    sources = _kernel_sources(models, used)
    # Kernels of one lib may include headers of another one.
    others = [lib for lib in libs if lib not in used]
    folders = [kernels / "include", *(folder for lib in [*used, *others] for folder in lib.kernels)]
    files = _flat([*sources, *_headers(sources, generated.values(), folders)], generated)
    return Package(
        name="_".join(model.name for model in models),
        version=version,
        target=cpu.name,
        models=tuple(_described(model) for model in models),
        generated=tuple(sorted(name for name in generated if name.endswith(".c"))),
        kernels=tuple(sorted(path.name for path in sources)),
        options=("-O2", *(flag for flag in foreign_flags(cpu) if not flag.startswith("-std="))),
        gcc_options=GCC_OPTIONS,
        files=dict(sorted(files.items())),
    )


def _described(model: Generated) -> PackagedModel:
    members = [arena_member(model.plan, arena.region) for arena in model.plan.arenas]
    return PackagedModel(
        name=model.name,
        macro=model.name.upper(),
        arenas=tuple(members),
        arena_bytes=model.plan.arena_bytes,
    )


def _used_libs(models: Sequence[Generated], libs: Sequence[LibManifest]) -> list[LibManifest]:
    """The libs that the models' kernels come from, and no other."""
    names = {lib for model in models for lib, _ in model.lowered.kernels}
    used = [lib for lib in libs if lib.name in names]
    raise_all(
        [
            SconnxError(
                "E611",
                f"kernels of lib '{lib.name}' cannot be packaged",
                why=f"they call the third-party library '{lib.external.variable}', which has its own package and licence",
                help=f"leave {lib.external.variable}= out",
            )
            for lib in used
            if lib.external is not None
        ]
    )
    return used


def _kernel_sources(models: Sequence[Generated], libs: Iterable[LibManifest]) -> list[Path]:
    """The C files of the kernels used, and what their libs always link."""
    used = {kernel for model in models for kernel in model.lowered.kernels}
    found = []
    for lib in libs:
        for folder in lib.kernels:
            found += [path for path in sorted(folder.glob("*.c")) if (lib.name, path.stem) in used]
            found += sorted(folder.glob("static/*.c"))
    return found


def _headers(sources: Iterable[Path], generated: Iterable[bytes], folders: Sequence[Path]) -> list[Path]:
    """The headers that these files include, and those that these include in turn; system headers are not among them."""
    known = {path.name: path for folder in reversed(folders) for path in folder.glob("*.h*")}
    pending = [path.read_bytes() for path in sources] + list(generated)
    found: dict[str, Path] = {}
    while pending:
        for match in _INCLUDE.finditer(pending.pop()):
            name = match[1].decode()
            if name in known and name not in found:
                found[name] = known[name]
                pending.append(known[name].read_bytes())
    return [found[name] for name in sorted(found)]


def _flat(paths: Iterable[Path], generated: Mapping[str, bytes]) -> dict[str, bytes]:
    """All files of one folder by name. Raises SconnxError E612 when two have the same name and differ."""
    files, errors = dict(generated), []
    for path in paths:
        content = path.read_bytes()
        if files.setdefault(path.name, content) != content:
            errors.append(
                SconnxError(
                    "E612",
                    f"two files of the package are called {path.name}",
                    where=str(path),
                    help="rename the kernel or the model",
                )
            )
    raise_all(errors)
    return files
