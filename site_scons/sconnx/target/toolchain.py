# SPDX-License-Identifier: Apache-2.0
"""Toolchains: finding the executables, and the command lines that `data/toolchains.toml` describes."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sconnx.errors import SconnxError
from sconnx.target.cpu import Cpu, load_cpu
from sconnx.target.toml_file import DATA, read_toml, unknown_name

OPTIMIZE = ("speed", "balanced", "ram")

GENERATED_LEVEL = "ram"
"""The level of generated code, always: it calls kernels once a row, and has a function per node."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A compiler that was found on this machine, with its flags for one CPU.

    Attributes:
        name: the value of `toolchain=`.
        version: of the compiler; belongs into reports and build signatures.
        machine: what its objects are for besides the CPU's flags: the build machine's kind, empty for a Cortex-M.
        cc, ar: the command words that start the compiler driver and the archiver.
        compile_flags: all flags but optimisation and warnings.
        optimize: per level of `OPTIMIZE`, its flags.
        warning_flags: the strict set that all our C compiles under.
        link_flags: for the compiler driver; without the linker script.
        shared_flags: for a shared library of the build machine that needs no C library; empty for a Cortex-M.
        launcher: the program before the compiler, for compiles to object files; mostly none.
    """

    name: str
    version: str
    machine: str
    cc: tuple[str, ...]
    ar: tuple[str, ...]
    compile_flags: tuple[str, ...]
    optimize: tuple[tuple[str, tuple[str, ...]], ...]
    warning_flags: tuple[str, ...]
    link_flags: tuple[str, ...]
    shared_flags: tuple[str, ...]
    launcher: tuple[str, ...] = ()

    def optimize_flags(self, level: str) -> tuple[str, ...]:
        """The flags of an optimisation level.

        Raises:
            SconnxError: E701, there is no such level.
        """
        levels = dict(self.optimize)
        if level not in levels:
            raise unknown_name("optimize", level, levels)
        return levels[level]

    def compile_command(
        self,
        source: str,
        target: str,
        *,
        optimize: str,
        includes: Sequence[str] = (),
        system_includes: Sequence[str] = (),
        defines: Sequence[str] = (),
        warnings: bool = True,
    ) -> tuple[str, ...]:
        """The command that compiles one C file to one object file, with all warnings unless the code is not ours."""
        return (
            *self.launcher,
            *self.cc,
            *self.compile_flags,
            *self.optimize_flags(optimize),
            *(self.warning_flags if warnings else ("-w",)),
            *(f"-D{define}" for define in defines),
            *(f"-I{include}" for include in includes),
            *(word for include in system_includes for word in ("-isystem", include)),
            *("-c", source, "-o", target),
        )

    def archive_command(self, target: str, objects: Sequence[str]) -> tuple[str, ...]:
        """The command that makes a static library without dates and owners."""
        return (*self.ar, "rcsD", target, *objects)

    def link_command(self, target: str, inputs: Sequence[str], script: str = "") -> tuple[str, ...]:
        """The command that links objects and archives; `script` is the linker script, none for the host."""
        return (
            *self.cc,
            *self.compile_flags,
            *inputs,
            *self.link_flags,
            *(("-T", script) if script else ()),
            *("-o", target),
        )

    def shared_library_command(self, target: str, *sources: str) -> tuple[str, ...]:
        """The command that makes a shared library of C files (host only)."""
        flags = (*self.compile_flags, *self.optimize_flags("balanced"), *self.warning_flags)
        return (*self.cc, *flags, *self.shared_flags, *sources, "-o", target)


def toolchain_names() -> tuple[str, ...]:
    """All values of `toolchain=`."""
    return tuple(_FINDERS)


def host_toolchain() -> Toolchain:
    """A compiler for this machine: zig where it is installed, else gcc. Raises SconnxError E601 when neither is."""
    try:
        return find_toolchain("zig", load_cpu("host"))
    except SconnxError:
        return find_toolchain("gcc", load_cpu("host"))


def foreign_flags(cpu: Cpu) -> tuple[str, ...]:
    """What is added to the flags of somebody else's firmware where its gcc or clang compiles our C: of the CPU's flags
    those that are about code, not about CPU and ABI, which the firmware has its own for.
    """
    common = read_toml(DATA / "toolchains.toml", "toolchains.toml").strings("foreign")
    return (*common, *(flag for flag in cpu.flags_for("gcc") if flag.startswith("-f")))


def find_toolchain(name: str, cpu: Cpu) -> Toolchain:
    """Find the toolchain on this machine and resolve its flags for the CPU.

    Raises:
        SconnxError: E701, there is no such toolchain; E601, it is not installed.
    """
    if name not in _FINDERS:
        raise unknown_name("toolchain", name, _FINDERS)
    return _described(name, cpu, *_FINDERS[name](cpu))


def for_editors(toolchain: Toolchain, cpu: Cpu) -> Toolchain:
    """The toolchain without its launcher; in the place of zig, whose driver no editor knows, the clang that is in it."""
    if toolchain.name == "zig":
        return _described("clang", cpu, ("clang",), ("llvm-ar",), toolchain.version)
    return replace(toolchain, launcher=())


def _described(name: str, cpu: Cpu, cc: tuple[str, ...], ar: tuple[str, ...], version: str) -> Toolchain:
    """A toolchain that was found, with what `toolchains.toml` says of it."""
    top = read_toml(DATA / "toolchains.toml", "toolchains.toml")
    table = top.table("toolchains").table(name)
    kind = table.table("host" if cpu.is_host else "embedded")
    levels = table.table("optimize")
    return Toolchain(
        name=name,
        version=version,
        machine=f"{platform.machine()}-{sys.platform}" if cpu.is_host else "",
        cc=cc,
        ar=ar,
        compile_flags=(*cpu.flags_for(name), *table.strings("compile"), *kind.strings("compile")),
        optimize=tuple((level, levels.strings(level)) for level in OPTIMIZE),
        warning_flags=top.strings("warnings"),
        link_flags=kind.strings("link"),
        shared_flags=kind.strings("shared"),
    )


_Found = tuple[tuple[str, ...], tuple[str, ...], str]


def _find_zig(cpu: Cpu) -> _Found:
    spec = find_spec("ziglang")
    if spec is None or not spec.submodule_search_locations:
        raise SconnxError(
            "E601",
            "toolchain 'zig' is not installed",
            why="this Python has no package 'ziglang'",
            help="run 'pip install ziglang', or choose toolchain=gcc",
        )
    package = Path(spec.submodule_search_locations[0])
    zig = str(package / ("zig.exe" if sys.platform == "win32" else "zig"))
    # The directory's name instead of importlib.metadata, whose import alone takes 40 ms of every start.
    versions = sorted(path.name.split("-")[1] for path in package.parent.glob("ziglang-*.dist-info"))
    return (zig, "cc"), (zig, "ar"), (versions or ["unknown"])[-1].removesuffix(".dist")


def _find_gcc(cpu: Cpu) -> _Found:
    prefix = "" if cpu.is_host else "arm-none-eabi-"
    gcc, ar = _programs("gcc", f"{prefix}gcc", f"{prefix}ar")
    return (gcc,), (ar,), _printed(gcc, "-dumpfullversion")


def _find_clang(cpu: Cpu) -> _Found:
    """LLVM has every target in one compiler; its linker is for the firmware, processes take the system's."""
    clang, ar, *_ = _programs("clang", "clang", "llvm-ar", *(() if cpu.is_host else ("ld.lld",)))
    return (clang,), (ar,), _printed(clang, "-dumpversion")


def _programs(toolchain: str, *names: str) -> list[str]:
    """The paths of a toolchain's programs. Raises SconnxError E601 for the first that is not there."""
    paths = [shutil.which(name) for name in names]
    for name, path in zip(names, paths, strict=True):
        if path is None:
            raise SconnxError(
                "E601",
                f"toolchain '{toolchain}' is not installed",
                why=f"'{name}' is not on PATH",
                help="install it with your system's packages, or choose toolchain=zig",
            )
    return [path for path in paths if path]


@cache
def _printed(program: str, flag: str) -> str:
    """What a compiler says of its version; asked once, a fleet has many builds."""
    done = subprocess.run([program, flag], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


_FINDERS = {"zig": _find_zig, "gcc": _find_gcc, "clang": _find_clang}
