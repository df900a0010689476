# SPDX-License-Identifier: Apache-2.0
"""CPUs: features, default board and compiler flags, read from `data/cpus.toml` or the user's file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from sconnx.errors import SconnxError
from sconnx.target.toml_file import DATA, Table, read_toml, unknown_name

HOST = "host"


@dataclass(frozen=True, slots=True)
class Cpu:
    """One processor.

    Attributes:
        name: the value of `target=`, like `cortex-m4`, or the stem of the user's file.
        features: what its code may use, sorted; the words of `[features]` in cpus.toml.
        board: the name of the default board; of a user's CPU perhaps a file.
        libs: the ExportLibs it prefers, in order.
        unicorn_model: `CORTEX_M4` for `UC_CPU_ARM_CORTEX_M4`; empty when unicorn has no such CPU.
        flags: per toolchain, the compiler flags that select this CPU and its calling convention.
    """

    name: str
    features: tuple[str, ...]
    board: str
    libs: tuple[str, ...]
    unicorn_model: str
    flags: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def is_host(self) -> bool:
        """True for the build machine: hosted C, no linker script."""
        return self.name == HOST

    def has(self, feature: str) -> bool:
        """True when the CPU has the feature."""
        return feature in self.features

    def flags_for(self, toolchain: str) -> tuple[str, ...]:
        """The flags for the toolchain; empty when the CPU needs none or does not know it."""
        return dict(self.flags).get(toolchain, ())


def load_cpu(name: str) -> Cpu:
    """The CPU called `name`, or described by the file `name` when that ends in `.toml`.

    Such a file holds the keys of one CPU of cpus.toml. A table `new_features` explains features that cpus.toml does not
    have; a `board` that ends in `.toml` is a file beside it.

    Raises:
        SconnxError: E701, there is no such CPU; E702, a mistake in the file.
    """
    if name.endswith(".toml"):
        return _user_cpu(Path(name))
    cpus = _cpus()
    if name not in cpus:
        raise unknown_name("target", name, cpus)
    return cpus[name]


def cpu_names() -> tuple[str, ...]:
    """All values of `target=`, in the order of cpus.toml."""
    return tuple(_cpus())


def target_name(target: str) -> str:
    """The name of the CPU that `target=` means, without reading a file."""
    return Path(target).stem if target.endswith(".toml") else target


@lru_cache(maxsize=1)
def _cpus() -> MappingProxyType[str, Cpu]:
    top = read_toml(DATA / "cpus.toml", "cpus.toml")
    features = top.table("features").names()
    cpus = top.table("cpus")
    found = {name: _cpu(name, cpus.table(name), features) for name in cpus.names()}
    top.end()
    return MappingProxyType(found)


def _user_cpu(path: Path) -> Cpu:
    name = target_name(path.name)
    if name in _cpus():
        raise SconnxError(
            "E702", f"'{name}' is a CPU that sconnx knows", where=str(path), help="give the file another name"
        )
    top = read_toml(path, str(path))
    known = read_toml(DATA / "cpus.toml", "cpus.toml").table("features").names()
    cpu = _cpu(name, top, (*known, *top.table("new_features", {}).names()))
    return replace(cpu, board=str(path.parent / cpu.board)) if cpu.board.endswith(".toml") else cpu


def _cpu(name: str, table: Table, known_features: tuple[str, ...]) -> Cpu:
    features = table.strings("features")
    for feature in features:
        if feature not in known_features:
            raise table.error("features", f"names '{feature}', which is not listed under [features]")
    flags = table.table("flags")
    cpu = Cpu(
        name=name,
        features=tuple(sorted(features)),
        board=table.text("board"),
        libs=table.strings("libs"),
        unicorn_model=table.text("unicorn_model"),
        flags=tuple((toolchain, flags.strings(toolchain)) for toolchain in flags.names()),
    )
    table.end()
    return cpu
