# SPDX-License-Identifier: Apache-2.0
"""Attribution: which part of the product every byte of a linked firmware belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sconnx.codegen.symbols import SHARED
from sconnx.elf.image import ElfImage, Section, Symbol

ARENA = "arena"
CALLER_OUTPUTS = "caller's outputs"
STACK = "stack"
WEIGHTS = "weights"
BIASES = "biases"
PARAMETERS = "parameters and tables"
KERNELS = "kernels"
MODEL = "generated code"
SUPPORT = "board support"
VECTORS = "vector table"
UNNAMED = "literals and padding"
GAPS = "alignment gaps"

FLASH_PARTS = (WEIGHTS, BIASES, PARAMETERS, KERNELS, MODEL, SUPPORT, VECTORS, UNNAMED, GAPS)
RAM_PARTS = (ARENA, CALLER_OUTPUTS, WEIGHTS, BIASES, STACK, SUPPORT, UNNAMED, GAPS)


# What target/support/ and main.c define; all other functions of a firmware are kernels and what those call.
_SUPPORT = re.compile(
    r"main|Reset_Handler|fault|sx_vectors|sx_io_.*|console\.name|(input|output|name)\.\d+"
    r"|__aeabi_\w+|mem(cpy|set|move|cmp)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSize:
    """Bytes of one part in one region kind."""

    part: str
    size_bytes: int


def part_of(symbol: Symbol, model: str) -> str:
    """The part that a symbol belongs to, by the naming rules of the generated code."""
    name = symbol.name
    if re.fullmatch(rf"{model}_arena(_\w+)?", name):
        return ARENA
    if name.startswith(f"{model}_caller_"):
        return CALLER_OUTPUTS
    if re.fullmatch(rf"{model}_p\d+_(\w+_)?weights|{model}_t\d+", name):
        return WEIGHTS
    if re.fullmatch(rf"{model}_p\d+_(\w+_)?bias", name):
        return BIASES
    if re.match(rf"{model}_p\d+(_|$)", name):
        return PARAMETERS
    if name.startswith(f"{model}_"):
        return MODEL
    return SUPPORT if _SUPPORT.fullmatch(name) else KERNELS


def arena_part(owner: str, models: Sequence[str]) -> str:
    """The part of an arena; of several models each has its own, or they share one."""
    if len(models) == 1:
        return ARENA
    return f"shared {ARENA}" if owner == SHARED else f"{ARENA} of {owner}"


def part_in(symbol: Symbol, models: Sequence[str]) -> str:
    """The part that a symbol belongs to in a firmware of some models, none of whose names begins like another one's."""
    owner = next((owner for owner in (*models, SHARED) if symbol.name.startswith(f"{owner}_")), models[0])
    part = part_of(symbol, owner)
    return arena_part(owner, models) if part == ARENA else part


def _named_bytes(section: Section, symbols: Iterable[Symbol]) -> dict[tuple[int, int], Symbol]:
    """The symbols of a section that cover bytes, one per address range (aliases count once)."""
    ranges: dict[tuple[int, int], Symbol] = {}
    for symbol in symbols:
        if symbol.section == section.name and symbol.size_bytes and symbol.kind in ("function", "object"):
            ranges.setdefault((symbol.address, symbol.size_bytes), symbol)
    return ranges


def process_sizes(image: ElfImage, models: Sequence[str]) -> dict[str, int]:
    """Bytes per part of the models' own symbols, for a process of the build machine, which has no memory regions."""
    sizes: dict[str, int] = {}
    for section in image.sections:
        for symbol in _named_bytes(section, image.symbols).values():
            if not symbol.name.startswith((*(f"{model}_" for model in models), "sx_")):
                continue
            part = part_in(symbol, models)
            sizes[part] = sizes.get(part, 0) + symbol.size_bytes
    return sizes


def part_sizes(image: ElfImage, region: str, models: Sequence[str], parts: tuple[str, ...]) -> tuple[PartSize, ...]:
    """Bytes per part of what lies in a region; the sum is what the region has in use, gaps included."""
    sizes = dict.fromkeys(parts, 0)
    for section in image.sections:
        if region not in (section.region, section.load_region):
            continue
        if section.name == ".stack":
            sizes[STACK] += section.size_bytes
            continue
        if section.name == ".isr_vector":
            sizes[VECTORS] += section.size_bytes
            continue
        rest = section.size_bytes
        for symbol in _named_bytes(section, image.symbols).values():
            sizes[part_in(symbol, models)] += symbol.size_bytes
            rest -= symbol.size_bytes
        sizes[UNNAMED] += rest
    sizes[GAPS] += image.use(region).gap_bytes
    return tuple(PartSize(part=part, size_bytes=size) for part, size in sizes.items())
