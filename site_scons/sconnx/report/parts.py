# SPDX-License-Identifier: Apache-2.0
"""What the bytes of a linked firmware are for: the part of the product that a symbol belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.codegen.symbols import SHARED
from sconnx.elf.image import Symbol

ARENA = "arena"
CALLER_OUTPUTS = "caller's outputs"
STACK = "stack"
WEIGHTS = "weights"
BIASES = "biases"
PARAMETERS = "parameters and tables"
KERNELS = "kernels"
MODEL = "generated code"
START = "start-up"
MAIN = "main program"
IO = "semihosting"
HELPERS = "compiler helpers"
LIBRARY = "library of the compiler"
VECTORS = "vector table"
LITERALS = "literals"
PADDING = "padding"
GAPS = "alignment gaps"
UNEXPLAINED = "unexplained"

FIRMWARE_PARTS = (START, MAIN, IO, HELPERS, LIBRARY)
"""Code that is there whatever the model is."""
_UNNAMED = (LITERALS, PADDING, GAPS, UNEXPLAINED)
FLASH_PARTS = (WEIGHTS, BIASES, PARAMETERS, KERNELS, MODEL, *FIRMWARE_PARTS, VECTORS, *_UNNAMED)
RAM_PARTS = (ARENA, CALLER_OUTPUTS, WEIGHTS, BIASES, PARAMETERS, STACK, KERNELS, MODEL, *FIRMWARE_PARTS, *_UNNAMED)
MODEL_PARTS = (WEIGHTS, BIASES, PARAMETERS, KERNELS, MODEL)
"""What a model has in flash wherever it is linked."""

# The sources of target/support/ and main.c, and what they define for others. All else are kernels and what those call.
_SOURCES = {"startup.c": START, "main.c": MAIN, "semihosting.c": IO, "runtime.c": HELPERS, "float32.c": HELPERS}
_NAMES = (
    (START, re.compile(r"Reset_Handler|fault|sx_vectors|sx_copies")),
    (MAIN, re.compile(r"main")),
    (IO, re.compile(r"sx_io_\w+(\.\w+)*|console\.name|(input|output|name)\.\d+")),
    (HELPERS, re.compile(r"__aeabi_\w+|mem(cpy|set|move|cmp)")),
    (LIBRARY, re.compile(r"__\w+")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSize:
    """Bytes of one part in one region kind."""

    part: str
    size_bytes: int


def part_of(symbol: Symbol, model: str) -> str:
    """The part that a symbol belongs to, by the naming rules of the generated code and by its source file."""
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
    if name.startswith(f"{model}_") or symbol.file == f"{model}.c":
        return MODEL
    if symbol.file in _SOURCES:
        return _SOURCES[symbol.file]
    return next((part for part, names in _NAMES if names.fullmatch(name)), KERNELS)


def arena_part(owner: str, models: Sequence[str]) -> str:
    """The part of an arena; of several models each has its own, or they share one."""
    if len(models) == 1:
        return ARENA
    return f"shared {ARENA}" if owner == SHARED else f"{ARENA} of {owner}"


def owner_of(symbol: Symbol, models: Sequence[str]) -> str:
    """The model that a symbol belongs to, none of whose names begins like another one's; `SHARED`, or empty: to no one model."""
    for owner in (*models, SHARED):
        if symbol.name.startswith(f"{owner}_") or symbol.file == f"{owner}.c":
            return owner
    return ""


def part_in(symbol: Symbol, models: Sequence[str]) -> str:
    """The part that a symbol belongs to in a firmware of some models."""
    owner = owner_of(symbol, models) or models[0]
    part = part_of(symbol, owner)
    return arena_part(owner, models) if part == ARENA else part
