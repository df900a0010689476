# SPDX-License-Identifier: Apache-2.0
"""The report: figures of the linked ELF beside the memory plan, every difference with its cause. report.json's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sconnx.codegen.firmware_arenas import FirmwareArena, firmware_arenas
from sconnx.codegen.symbols import SHARED
from sconnx.elf.image import ElfImage
from sconnx.errors import SconnxError
from sconnx.export.lowered import Lowered
from sconnx.graph.graph import Removed
from sconnx.memory.meminfo import MemoryPlan, Mode
from sconnx.report.closeness import numerics_text
from sconnx.report.parts import (
    ARENA,
    BIASES,
    FLASH_PARTS,
    KERNELS,
    MODEL,
    PARAMETERS,
    RAM_PARTS,
    WEIGHTS,
    PartSize,
    arena_part,
    part_in,
    part_sizes,
    process_sizes,
)
from sconnx.report.placed import check_weights
from sconnx.report.stack import Stack, stack_of
from sconnx.target.board import Board

SCHEMA = "sconnx.report/1"
ANY_BOARD = "any board"
"""The board of a library that is not linked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A model of the firmware."""

    lowered: Lowered
    plan: MemoryPlan

    @property
    def name(self) -> str:
        return self.lowered.graph.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """How the firmware was built."""

    model: str
    target: str
    board: str
    toolchain: str
    toolchain_version: str
    optimize: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """In the vocabulary of the field, in bytes.

    activation_ram: the arenas; total_ram: everything in RAM, the reserved stack included; weights_flash: weights and biases;
    code_flash: all other flash.
    """

    activation_ram_bytes: int
    total_ram_bytes: int
    weights_flash_bytes: int
    code_flash_bytes: int
    total_flash_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRow:
    """One memory of the board."""

    name: str
    kind: str
    size_bytes: int
    used_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Bytes in RAM or flash that are not in the memory plan, and why they are there."""

    memory: str
    cause: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRow:
    """One node of a model's graph; it streams where rows go from it or to it while others of its step run."""

    model: str
    node: int
    name: str
    operator: str
    implementation: str
    macs: int
    params_bytes: int
    step: int | None
    streams: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolRow:
    name: str
    section: str
    size_bytes: int
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One model of several: what it would need of RAM for itself, and its own part of the flash."""

    name: str
    rule: str
    layers: int
    macs: int
    plan_arena_bytes: int
    weights_flash_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of it.

    Args:
        models: empty where there is one.
        stack: None for a process of the build machine.
        removed: what import left out of all models; no other figure counts it.
        numerics: what is promised of the values, see docs/numerics.md.
        state_bytes: what of the arenas is kept from run to run.
    """

    build: Build
    rule: str
    numerics: str
    models: tuple[ModelRow, ...]
    summary: Summary
    regions: tuple[RegionRow, ...]
    plan_arena_bytes: int
    plan_lower_bound_bytes: int
    state_bytes: int
    ram: tuple[PartSize, ...]
    flash: tuple[PartSize, ...]
    differences: tuple[Difference, ...]
    stack: Stack | None
    sections: tuple[dict[str, Any], ...]
    symbols: tuple[SymbolRow, ...]
    layers: tuple[LayerRow, ...]
    removed: Removed
    modes: tuple[Mode, ...]

    @property
    def size(self) -> str:
        """Layers and multiply-accumulates, and how much import removed, in one line."""
        line = f"{len(self.layers)} layers, {sum(layer.macs for layer in self.layers):,} MACs"
        gone = self.removed
        if not gone.channels:
            return line
        return (
            f"{line} (removed: {gone.channels:,} dead channels, {gone.macs:,} MACs, "
            f"{gone.constant_bytes:,} bytes of weights)"
        )

    def to_json(self) -> dict[str, Any]:
        """Where there is one model, neither `models` nor the model of a layer is said."""
        document = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        if not self.models:
            del document["models"]
            for layer in document["layers"]:
                del layer["model"]
        return {"schema": SCHEMA, **document}


def _size(parts: tuple[PartSize, ...], name: str) -> int:
    return next((part.size_bytes for part in parts if part.part == name), 0)


def check_arenas(image: ElfImage, arenas: Sequence[FirmwareArena], board: Board) -> None:
    """Raise SconnxError E301 unless every arena in the ELF is as large as the plans say and in its region."""
    for arena in arenas:
        symbol = image.symbol(arena.symbol)
        region = symbol.region or board.stack_region
        if symbol.size_bytes != arena.size_bytes or region != arena.region:
            plan = f"the largest of {len(arena.models)} memory plans" if arena.is_shared else "the memory plan"
            raise SconnxError(
                "E301",
                f"the arena has {symbol.size_bytes} bytes in {region}, {plan} {arena.size_bytes} in {arena.region}",
                where=image.file,
                why=f"the firmware was not built from {'these plans' if arena.is_shared else 'this plan'}",
            )


def _layers(image: ElfImage, lowered: Lowered, plan: MemoryPlan) -> tuple[LayerRow, ...]:
    model = lowered.graph.name
    step_of = {node.node: step for step, info in enumerate(plan.steps) for node in info.nodes}
    rows = []
    for index, (node, choice) in enumerate(zip(lowered.graph.nodes, lowered.choices, strict=True)):
        prefix = f"{model}_p{index}"
        params = [s for s in image.symbols if s.name == prefix or s.name.startswith(f"{prefix}_")]
        rows.append(
            LayerRow(
                model=model,
                node=index,
                name=node.name,
                operator=node.type,
                implementation=choice.kernel or choice.access.kind,
                macs=choice.macs,
                params_bytes=sum(symbol.size_bytes for symbol in params),
                step=step_of.get(index),
                streams=index in step_of and plan.steps[step_of[index]].streams,
            )
        )
    return tuple(rows)


def _memories(
    image: ElfImage, board: Board, models: Sequence[str], arena_parts: tuple[str, ...]
) -> tuple[tuple[PartSize, ...], tuple[PartSize, ...]]:
    """RAM and flash by part; of a host process only what the models and their kernels take."""
    if board.regions:
        ram_parts = (*arena_parts, *(part for part in RAM_PARTS if part != ARENA))
        return _all_parts(image, board, "ram", models, ram_parts), _all_parts(
            image, board, "flash", models, FLASH_PARTS
        )
    sizes = process_sizes(image, models)
    own = (WEIGHTS, BIASES, PARAMETERS, KERNELS, MODEL)
    ram, flash = (
        tuple(PartSize(part=part, size_bytes=sizes.get(part, 0)) for part in parts) for parts in (arena_parts, own)
    )
    return ram, flash


def _all_parts(
    image: ElfImage, board: Board, kind: str, models: Sequence[str], parts: tuple[str, ...]
) -> tuple[PartSize, ...]:
    """The parts of all regions of a kind, added up."""
    sizes = dict.fromkeys(parts, 0)
    for region in board.regions:
        for part in part_sizes(image, region.name, models, parts) if region.kind == kind else ():
            sizes[part.part] += part.size_bytes
    return tuple(PartSize(part=part, size_bytes=size_bytes) for part, size_bytes in sizes.items())


def _model_row(image: ElfImage, model: Exported, models: Sequence[str]) -> ModelRow:
    weights = [symbol for symbol in image.symbols if symbol.name.startswith(f"{model.name}_")]
    return ModelRow(
        name=model.name,
        rule=model.lowered.graph.rule.value,
        layers=len(model.lowered.graph.nodes),
        macs=sum(choice.macs for choice in model.lowered.choices),
        plan_arena_bytes=model.plan.arena_bytes,
        weights_flash_bytes=sum(s.size_bytes for s in weights if part_in(s, models) in (WEIGHTS, BIASES)),
    )


def make_report(image: ElfImage, models: Sequence[Exported], board: Board, build: Build) -> Report:
    """Raises SconnxError E301 when arenas or weights differ from the plans."""
    names = [model.name for model in models]
    arenas = firmware_arenas({model.name: model.plan for model in models}, board.stack_region)
    check_arenas(image, arenas, board)
    for model in models:
        check_weights(image, model.name, model.plan, board)
    arena_parts = tuple(dict.fromkeys(arena_part(SHARED if a.is_shared else a.models[0], names) for a in arenas))
    ram, flash = _memories(image, board, names, arena_parts)
    weights_bytes = _size(flash, WEIGHTS) + _size(flash, BIASES)
    total_flash = sum(part.size_bytes for part in flash)
    differences = [
        Difference(memory=memory, cause=part.part, size_bytes=part.size_bytes)
        for memory, parts in (("ram", ram), ("flash", flash))
        for part in parts
        if part.part not in arena_parts and part.size_bytes
    ]
    named = [symbol for symbol in image.symbols if symbol.size_bytes and symbol.kind in ("function", "object")]
    return Report(
        build=build,
        rule=" and ".join(dict.fromkeys(model.lowered.graph.rule.value for model in models)),
        numerics=numerics_text([model.lowered.graph for model in models]),
        models=tuple(_model_row(image, model, names) for model in models) if len(models) > 1 else (),
        summary=Summary(
            activation_ram_bytes=sum(_size(ram, part) for part in arena_parts),
            total_ram_bytes=sum(part.size_bytes for part in ram),
            weights_flash_bytes=weights_bytes,
            code_flash_bytes=total_flash - weights_bytes,
            total_flash_bytes=total_flash,
        ),
        regions=tuple(
            RegionRow(
                name=region.name,
                kind=region.kind,
                size_bytes=region.size_bytes,
                used_bytes=image.use(region.name).used_bytes + image.use(region.name).gap_bytes,
            )
            for region in board.regions
        ),
        plan_arena_bytes=sum(arena.size_bytes for arena in arenas),
        state_bytes=sum(model.plan.state_bytes for model in models),
        plan_lower_bound_bytes=sum(arena.lower_bound_bytes for arena in arenas),
        ram=ram,
        flash=flash,
        differences=tuple(differences),
        stack=stack_of(image, names, board),
        sections=tuple(
            {"name": s.name, "kind": s.kind, "region": s.region, "address": s.address, "size_bytes": s.size_bytes}
            for s in image.sections
        ),
        symbols=tuple(
            SymbolRow(
                name=symbol.name,
                section=symbol.section,
                size_bytes=symbol.size_bytes,
                part=part_in(symbol, names),
            )
            for symbol in sorted(named, key=lambda symbol: (-symbol.size_bytes, symbol.name))
        ),
        layers=tuple(row for model in models for row in _layers(image, model.lowered, model.plan)),
        removed=sum((model.lowered.graph.removed for model in models), Removed()),
        modes=models[0].plan.modes if len(models) == 1 else (),
    )
