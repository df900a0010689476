# SPDX-License-Identifier: Apache-2.0
"""CPUs: features, default board and compiler flags, read from `data/cpus.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from sconnx.target.toml_file import DATA, Table, read_toml, unknown_name

HOST = "host"


@dataclass(frozen=True, slots=True)
class Cpu:
    """One processor.

    Attributes:
        name: the value of `target=`, like `cortex-m4`.
        features: what its code may use, sorted; the words of `[features]` in cpus.toml.
        board: the name of the default board.
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
    """The CPU called `name`.

    Raises:
        SconnxError: E701, there is no such CPU.
    """
    cpus = _cpus()
    if name not in cpus:
        raise unknown_name("target", name, cpus)
    return cpus[name]


def cpu_names() -> tuple[str, ...]:
    """All values of `target=`, in the order of cpus.toml."""
    return tuple(_cpus())


@lru_cache(maxsize=1)
def _cpus() -> MappingProxyType[str, Cpu]:
    top = read_toml(DATA / "cpus.toml", "cpus.toml")
    features = top.table("features").names()
    cpus = top.table("cpus")
    found = {name: _cpu(name, cpus.table(name), features) for name in cpus.names()}
    top.end()
    return MappingProxyType(found)


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
