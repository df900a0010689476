# SPDX-License-Identifier: Apache-2.0
"""The memories of a board that an arena may lie in, from the fastest to the slowest, and what the user says about them."""

from __future__ import annotations

from collections.abc import Sequence

from sconnx.errors import SconnxError, raise_all
from sconnx.graph.graph import Graph
from sconnx.graph.tensor import Constant
from sconnx.memory.planner import Memory
from sconnx.project.nearest import nearest
from sconnx.target.board import Board

RESERVED_BYTES = 64
"""What the board support keeps in the region of the stack besides it."""


def board_memories(
    board: Board, stack_bytes: int | None, chosen: Sequence[tuple[str, int | None]] = ()
) -> list[Memory]:
    """Where tensors may lie, the fastest memory first.

    Args:
        stack_bytes: reserved for the stack; None: the board's default.
        chosen: regions, and how many bytes of them the arena may take, None being all; without any, all regions of RAM.

    Raises:
        SconnxError: E701, the board has no such RAM; E310, more was asked for than the region has.
    """
    if board.run == "native":
        return [Memory(region=board.stack_region, capacity_bytes=chosen[0][1] if chosen else None)]
    regions = {region.name: region for region in board.regions if region.kind == "ram"}
    limits = dict(chosen)
    errors = [
        SconnxError(
            "E701", f"board '{board.name}' has no RAM '{name}'", where="memory", help=nearest(name, tuple(regions))
        )
        for name in limits
        if name not in regions
    ]
    raise_all(errors)
    reserved = {board.ram.name: (board.stack_bytes if stack_bytes is None else stack_bytes) + RESERVED_BYTES}
    memories = []
    for region in sorted(regions.values(), key=lambda region: region.access_cycles):
        if limits and region.name not in limits:
            continue
        free_bytes = max(region.size_bytes - reserved.get(region.name, 0), 0)
        limit_bytes = limits.get(region.name)
        memories.append(
            Memory(
                region=region.name, capacity_bytes=free_bytes if limit_bytes is None else min(limit_bytes, free_bytes)
            )
        )
    return memories


def pinned_tensors(graph: Graph, pins: Sequence[tuple[str, str]], memories: Sequence[Memory]) -> dict[int, str]:
    """The region of each tensor that the user named, by its name in the model or its index.

    Raises:
        SconnxError: E701 (all), no such tensor, or no such memory.
    """
    tensors = {str(index): index for index, tensor in enumerate(graph.tensors) if not isinstance(tensor, Constant)}
    tensors |= {graph.tensors[index].name: index for index in tensors.values() if graph.tensors[index].name}
    regions = [memory.region for memory in memories]
    found: dict[int, str] = {}
    errors = []
    for name, region in pins:
        if name not in tensors:
            hint = nearest(name, tuple(tensors))
            errors.append(SconnxError("E701", f"pin={name}:{region}: the model has no such tensor", help=hint))
        elif region not in regions:
            hint = nearest(region, tuple(regions))
            errors.append(SconnxError("E701", f"pin={name}:{region}: no such memory", help=hint))
        else:
            found[tensors[name]] = region
    raise_all(errors)
    return found
