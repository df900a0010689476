# SPDX-License-Identifier: Apache-2.0
"""Where a model's arenas are in a linked firmware."""

from __future__ import annotations

from sconnx.codegen.symbols import SHARED, arena_symbol
from sconnx.elf.image import ElfImage, Symbol


def find_arena(image: ElfImage, model: str, region: str, stack_region: str) -> Symbol:
    """The arena of a model in a region: its own, or the one that it shares with other models.

    Raises:
        SconnxError: E503, there is none.
    """
    own = arena_symbol(model, region, stack_region)
    return image.find_symbol(own) or image.find_symbol(arena_symbol(SHARED, region, stack_region)) or image.symbol(own)
