# SPDX-License-Identifier: Apache-2.0
"""Which objects of our own firmware hold the arenas of its models, and how they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sconnx.codegen.symbols import SHARED, arena_symbol
from sconnx.memory.meminfo import Arena, MemoryPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareArena:
    """An object of our own firmware that holds arenas in one region.

    Args:
        symbol: what it is called.
        is_shared: whether all models that need the region have it in turn; they never run at the same time.
        models: whose arenas.
        size_bytes, lower_bound_bytes: of the largest of these arenas, and the largest bound.
    """

    symbol: str
    region: str
    is_shared: bool
    models: tuple[str, ...]
    size_bytes: int
    lower_bound_bytes: int


def firmware_arenas(plans: Mapping[str, MemoryPlan], stack_region: str) -> tuple[FirmwareArena, ...]:
    """All arenas of a firmware: each model's own, or, of several that were not planned together, shared ones.

    An arena with a state, which another model's run must not overwrite, is its model's own.

    Args:
        plans: by model.
    """
    take_turns = len(plans) > 1 and any(plan.together != tuple(plans) for plan in plans.values())
    places: dict[tuple[str, str], list[tuple[str, Arena]]] = {}
    for model, plan in plans.items():
        for arena in plan.arenas:
            is_shared = take_turns and not any(mem.is_state and mem.region == arena.region for mem in plan.tensors)
            places.setdefault((SHARED if is_shared else model, arena.region), []).append((model, arena))
    return tuple(
        FirmwareArena(
            symbol=arena_symbol(owner, region, stack_region),
            region=region,
            is_shared=owner == SHARED,
            models=tuple(model for model, _ in there),
            size_bytes=max(arena.size_bytes for _, arena in there),
            lower_bound_bytes=max(arena.lower_bound_bytes for _, arena in there),
        )
        for (owner, region), there in places.items()
    )
