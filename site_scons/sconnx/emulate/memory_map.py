# SPDX-License-Identifier: Apache-2.0
"""The emulated address space: which pages exist, and what may be done there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sconnx.errors import SconnxError
from sconnx.target.board import Region

PAGE_BYTES = 4096
# CPACR and the rest of the System Control Space: unicorn has none, and plain memory is enough for start-up.
SYSTEM_CONTROL = Region("system_control", "ram", 0xE000E000, PAGE_BYTES)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Whole pages `[origin, origin + size_bytes)`; all of them can be read."""

    origin: int
    size_bytes: int
    writable: bool
    executable: bool


def memory_map(regions: Iterable[Region], executable_ram: Iterable[str] = ()) -> tuple[Mapping, ...]:
    """The pages of the regions: flash is read-only and executable, RAM writable.

    Args:
        regions: of the board; the edges are widened to whole pages.
        executable_ram: names of the RAM regions that hold code.

    Raises:
        SconnxError: E702, two regions share a page.
    """
    mappings: list[Mapping] = []
    names: list[str] = []
    executable = tuple(executable_ram)
    for region in sorted((*regions, SYSTEM_CONTROL), key=lambda region: region.origin):
        origin = region.origin // PAGE_BYTES * PAGE_BYTES
        end = -(-region.end // PAGE_BYTES) * PAGE_BYTES
        if mappings and origin < mappings[-1].origin + mappings[-1].size_bytes:
            raise SconnxError(
                "E702",
                f"regions '{names[-1]}' and '{region.name}' share a page of {PAGE_BYTES} bytes",
                why="the emulator protects whole pages",
            )
        is_ram = region.kind == "ram"
        mappings.append(Mapping(origin, end - origin, is_ram, not is_ram or region.name in executable))
        names.append(region.name)
    return tuple(mappings)
