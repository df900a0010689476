# SPDX-License-Identifier: Apache-2.0
"""The memories of a board that an arena may lie in, from the fastest to the slowest, and what the user says about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sconnx.errors import SconnxError, raise_all
from sconnx.graph.graph import Graph
from sconnx.graph.tensor import Constant
from sconnx.memory.free import free_bytes
from sconnx.memory.planner import Memory
from sconnx.project.nearest import nearest
from sconnx.schedule.schedule import Schedule
from sconnx.target.board import Board


def board_memories(
    board: Board,
    stack_bytes: int | None,
    chosen: Sequence[tuple[str, int | None]] = (),
    taken: Mapping[str, int] | None = None,
) -> list[Memory]:
    """Where tensors may lie, the fastest memory first.

    Args:
        stack_bytes: reserved for the stack; None: the board's default.
        chosen: regions, and how many bytes of them the arena may take, None being all; without any, all regions of RAM.
        taken: bytes of regions that hold something else.

    Raises:
        SconnxError: E701, the board has no such RAM.
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
    memories = []
    for region in sorted(regions.values(), key=lambda region: region.access_cycles):
        if limits and region.name not in limits:
            continue
        left_bytes = max(free_bytes(board, region, stack_bytes) - (taken or {}).get(region.name, 0), 0)
        limit_bytes = limits.get(region.name)
        memories.append(
            Memory(
                region=region.name,
                capacity_bytes=left_bytes if limit_bytes is None else min(limit_bytes, left_bytes),
                access_cycles=region.access_cycles,
            )
        )
    return memories


def pinned_tensors(
    graph: Graph,
    schedule: Schedule,
    pins: Sequence[tuple[str, str]],
    memories: Sequence[Memory],
    where: str = "",
) -> dict[int, str]:
    """The region of each tensor that the user named, by its name in the model or its index.

    Args:
        where: what messages begin with; of several models the name.

    Raises:
        SconnxError: E701 (all), no such tensor, no such memory, or two memories for tensors that share bytes.
    """
    tensors = {str(index): index for index, tensor in enumerate(graph.tensors) if not isinstance(tensor, Constant)}
    tensors |= {graph.tensors[index].name: index for index in tensors.values() if graph.tensors[index].name}
    regions = [memory.region for memory in memories]
    found: dict[int, str] = {}
    first: dict[int, tuple[str, str]] = {}
    errors = []
    for name, region in pins:
        if name not in tensors:
            hint = nearest(name, tuple(tensors))
            hint = hint if hint.startswith("did you") else "names and indices of tensors are in graph.json"
            what = f"pin={name}:{region}: the model has no such tensor"
            errors.append(SconnxError("E701", what, where=where, help=hint))
        elif region not in regions:
            hint = nearest(region, tuple(regions))
            errors.append(SconnxError("E701", f"pin={name}:{region}: no such memory", where=where, help=hint))
        else:
            found[tensors[name]] = region
            other, known = first.setdefault(_root(schedule, tensors[name]), (name, region))
            if known != region:
                why = "they are the same bytes" if other != name else ""
                what = f"pin={name}:{region} contradicts pin={other}:{known}"
                errors.append(SconnxError("E701", what, where=where, why=why))
    raise_all(errors)
    return found


def _root(schedule: Schedule, tensor: int) -> int:
    """The tensor whose bytes it shares, through any number of relations."""
    of = {lifetime.tensor: lifetime.relation.of for lifetime in schedule.lifetimes if lifetime.relation}
    while tensor in of:
        tensor = of[tensor]
    return tensor
