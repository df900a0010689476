# SPDX-License-Identifier: Apache-2.0
"""What takes the bytes of each memory, in units that a user can do something about; budgets are sums of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sconnx.codegen.firmware_arenas import FirmwareArena
from sconnx.report.extents import Extent
from sconnx.report.kernel_use import Node
from sconnx.report.parts import ARENA, BIASES, KERNELS, MODEL_PARTS, PARAMETERS, WEIGHTS, owner_of
from sconnx.report.planned import Planned
from sconnx.target.board import Board


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """Bytes of a region for one thing: an arena, the parameters of a layer, a kernel, the stack.

    Args:
        by_model: what of it each model has alone; models that share a kernel or an arena have it each.
    """

    memory: str
    region: str
    what: str
    size_bytes: int
    by_model: Mapping[str, int]


def contributions(
    by_region: Mapping[str, Sequence[Extent]],
    board: Board,
    models: Sequence[str],
    planned: Mapping[str, Planned],
    arenas: Sequence[FirmwareArena],
    needs: Mapping[tuple[str, str], int],
    users: Mapping[int, tuple[Node, ...]],
    operators: Mapping[Node, str],
) -> tuple[Contribution, ...]:
    """All of them; those of a region add up to what is in use there.

    Args:
        needs: the bytes of each model's arena in a region.
        users: the layers that use each function, by its address.
        operators: of each layer.
    """
    shared = {arena.symbol: arena for arena in arenas if arena.is_shared}
    kinds = {region.name: region.kind for region in board.regions}

    def all_of(region: str, found: Sequence[Extent]) -> Iterator[Contribution]:
        for extent in found:
            name = extent.symbol.name if extent.symbol else ""
            what, by_model = extent.part, dict[str, int]()
            if name in shared:
                by_model = {model: needs[model, region] for model in shared[name].models}
            elif extent.symbol and extent.part == KERNELS:
                what = name
                by_model = {model: extent.size_bytes for model, _ in users.get(extent.symbol.address, ())}
            elif extent.symbol and owner_of(extent.symbol, models) in models:
                by_model = {owner_of(extent.symbol, models): extent.size_bytes}
            plan = planned.get(name)
            if plan and plan.node is not None and extent.part in (WEIGHTS, BIASES, PARAMETERS):
                of = f" of {plan.model}" if len(models) > 1 else ""
                what = f"parameters of layer {plan.node} {operators[plan.model, plan.node]}{of}"
            memory = kinds.get(region) or _in_process(extent.part)
            if memory:
                yield Contribution(
                    memory=memory, region=region, what=what, size_bytes=extent.size_bytes, by_model=by_model
                )

    return tuple(one for region, found in by_region.items() for one in all_of(region, found))


def _in_process(part: str) -> str:
    """The memory of a part in a process of the build machine, which has no regions; empty: it is not the models'."""
    return "flash" if part in MODEL_PARTS else "ram" if ARENA in part.split() else ""
