# SPDX-License-Identifier: Apache-2.0
"""What the ELF of a firmware has and what the plans of its models say, joined by symbols, regions and parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sconnx.codegen.firmware_arenas import firmware_arenas
from sconnx.codegen.packed_sizes import PackedSymbol
from sconnx.codegen.symbols import SHARED
from sconnx.elf.image import ElfImage, Symbol
from sconnx.export.lowered import Lowered
from sconnx.memory.meminfo import MemoryPlan
from sconnx.report.contributions import Contribution, contributions
from sconnx.report.extents import Extent, extents, process_extents
from sconnx.report.kernel_use import Node, kernel_users
from sconnx.report.parts import (
    ARENA,
    FLASH_PARTS,
    KERNELS,
    MODEL_PARTS,
    RAM_PARTS,
    PartSize,
    arena_part,
)
from sconnx.report.planned import Planned, planned_arenas, planned_params
from sconnx.report.reconcile import Reconciled, reconcile
from sconnx.stack.call_graph import CallGraph
from sconnx.target.board import Board


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A model of the firmware."""

    lowered: Lowered
    plan: MemoryPlan
    packed: tuple[PackedSymbol, ...]

    @property
    def name(self) -> str:
        return self.lowered.graph.name


class Joined:
    """What several parts of the report are made of, each found once.

    Args:
        image: of a firmware, or of a library.
        is_linked: False: the image is of a library, whose calls lead nowhere yet.

    Attributes:
        planned: what the plans say of symbols, by their names.
        by_region: the extents of each region in the order of addresses; of a process one region without a name.
        kernels: the symbols of kernels, each address once.
        own_bytes: of each symbol what it takes in its section.
    """

    def __init__(self, image: ElfImage, models: Sequence[Exported], board: Board, *, is_linked: bool) -> None:
        self.image, self.models, self.board = image, models, board
        self.names = [model.name for model in models]
        self.arenas = firmware_arenas({model.name: model.plan for model in models}, board.stack_region)
        self.planned = {each.symbol: each for each in self._planned()}
        regions = [region.name for region in board.regions]
        self.by_region: dict[str, tuple[Extent, ...]] = {name: extents(image, name, self.names) for name in regions}
        if not regions:
            self.by_region = {"": process_extents(image, self.names)}
        self.graph = CallGraph(image)
        self.users = kernel_users(self.graph, [model.lowered for model in models], follow=is_linked and bool(regions))
        named = [extent.symbol for extent in self.extents if extent.symbol and extent.part == KERNELS]
        self.kernels: list[Symbol] = list({symbol.address: symbol for symbol in named}.values())
        self.own_bytes = {extent.symbol.name: extent.size_bytes for extent in self.extents if extent.symbol}

    @property
    def extents(self) -> list[Extent]:
        return [extent for found in self.by_region.values() for extent in found]

    def _planned(self) -> Iterable[Planned]:
        yield from planned_arenas(self.arenas, self.board)
        for model in self.models:
            types = {node: choice.params_type for node, choice in enumerate(model.lowered.choices)}
            yield from planned_params(model.name, model.plan, model.packed, types, self.board)

    @property
    def arena_parts(self) -> tuple[str, ...]:
        owners = (SHARED if arena.is_shared else arena.models[0] for arena in self.arenas)
        return tuple(dict.fromkeys(arena_part(owner, self.names) for owner in owners))

    def parts(self, kind: str) -> tuple[PartSize, ...]:
        """RAM or flash by what it is for; of a process only what the models have and call."""
        if self.board.regions:
            ram = (*self.arena_parts, *(part for part in RAM_PARTS if part != ARENA))
            wanted = ram if kind == "ram" else FLASH_PARTS
            regions = [region.name for region in self.board.regions if region.kind == kind]
        else:
            wanted, regions = self.arena_parts if kind == "ram" else MODEL_PARTS, [""]
        sizes = dict.fromkeys(wanted, 0)
        for region in regions:
            for extent in self.by_region[region]:
                if extent.part in sizes or self.board.regions:
                    sizes[extent.part] = sizes.get(extent.part, 0) + extent.size_bytes
        return tuple(PartSize(part=part, size_bytes=size_bytes) for part, size_bytes in sizes.items())

    def reconciled(self, stack_bytes: int | None) -> tuple[Reconciled, ...]:
        outputs = [
            model.lowered.graph.tensors[tensor].size_bytes
            for model in self.models
            for tensor in model.lowered.graph.outputs
        ]
        stack = self.board.stack_bytes if stack_bytes is None else stack_bytes
        return reconcile(self.by_region, self.planned, stack, sum(outputs))

    def contributions(self) -> tuple[Contribution, ...]:
        needs = {
            (model.name, arena.region if self.board.regions else ""): arena.size_bytes
            for model in self.models
            for arena in model.plan.arenas
        }
        operators: dict[Node, str] = {
            (model.name, node): each.type
            for model in self.models
            for node, each in enumerate(model.lowered.graph.nodes)
        }
        return contributions(
            self.by_region, self.board, self.names, self.planned, self.arenas, needs, self.users, operators
        )
