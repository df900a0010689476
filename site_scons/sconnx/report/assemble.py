# SPDX-License-Identifier: Apache-2.0
"""The report of a linked firmware: what the ELF has, beside what the plans of its models say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sconnx.codegen.firmware_arenas import firmware_arenas
from sconnx.codegen.packed_sizes import PackedSymbol
from sconnx.codegen.symbols import SHARED
from sconnx.elf.image import ElfImage, Symbol
from sconnx.errors import SconnxError
from sconnx.export.lowered import Lowered
from sconnx.graph.graph import Removed
from sconnx.memory.meminfo import MemoryPlan
from sconnx.project.budgets import Budget, Margin
from sconnx.report.budget import Firmware, budget_finding, budget_row, stack_finding, with_regions
from sconnx.report.closeness import numerics_text
from sconnx.report.contributions import Contribution, contributions
from sconnx.report.extents import Extent, extents, process_extents
from sconnx.report.kernel_use import Node, kernel_rows, kernel_users, layer_code
from sconnx.report.parts import (
    ARENA,
    BIASES,
    FLASH_PARTS,
    KERNELS,
    MODEL_PARTS,
    RAM_PARTS,
    STACK,
    WEIGHTS,
    PartSize,
    arena_part,
    owner_of,
    part_in,
)
from sconnx.report.planned import Planned, check_planned, planned_arenas, planned_params
from sconnx.report.reconcile import Reconciled, check_unexplained, reconcile, unexplained_bytes
from sconnx.report.report import Build, LayerRow, ModelRow, RegionRow, Report, Summary, SymbolRow
from sconnx.report.stack import Stack, stack_of
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the user allows.

    Args:
        stack_bytes: reserved; None: the board's default.
    """

    stack_bytes: int | None = None
    budgets: tuple[Budget, ...] = ()
    margin: Margin | None = None


class _Linked:
    """What several parts of the report are made of, each found once."""

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


def make_report(
    image: ElfImage,
    models: Sequence[Exported],
    board: Board,
    build: Build,
    limits: Limits | None = None,
    *,
    is_linked: bool = True,
) -> Report:
    """Figures that the ELF does not have as planned, bytes without a cause and budgets that do not hold are its findings.

    Raises SconnxError E702 for a budget of the stack where that is not known: of a library, of a process.

    Args:
        is_linked: False: the image is of a library. Its calls lead nowhere yet, and how full the regions get is a question of the
            whole firmware: they are those that tensors and weights were planned for.
    """
    limits = limits or Limits()
    linked = _Linked(image, models, board, is_linked=is_linked)
    names = linked.names
    ram, flash = linked.parts("ram"), linked.parts("flash")
    stack = stack_of(linked.graph, names, board) if is_linked else None
    regions = board.regions if is_linked else ()
    if stack is None and any(budget.memory == "stack" for budget in limits.budgets):
        what = f"stack=: how deep the calls of a model get on {build.board} is not known"
        hint = "leave the budget of the model out"
        if not is_linked:
            what += " before a firmware is linked"
            hint += "; in an SConscript NeuralReport takes it"
        raise SconnxError("E702", what, help=hint)
    rows = linked.reconciled(limits.stack_bytes)
    firmware = _firmware(linked, build, stack)
    kinds = {region.name: (region.kind, region.size_bytes) for region in regions}
    budgets = tuple(
        budget_row(firmware, budget, limits.margin) for budget in with_regions(limits.budgets, kinds, limits.margin)
    )
    over = [budget_finding(firmware, row) for row in budgets]
    findings = (
        *check_planned(image, tuple(linked.planned.values()), linked.extents),
        *check_unexplained(rows, image.file),
        *(finding for finding in (*over, stack_finding(firmware)) if finding is not None),
    )
    return Report(
        build=build,
        rule=" and ".join(dict.fromkeys(model.lowered.graph.rule.value for model in models)),
        numerics=numerics_text([model.lowered.graph for model in models]),
        models=tuple(_model_row(linked, model, firmware) for model in models),
        summary=_summary(linked, ram, flash),
        regions=tuple(_region_row(linked, region.name, rows, limits.budgets) for region in regions),
        plan_arena_bytes=sum(arena.size_bytes for arena in linked.arenas),
        state_bytes=sum(model.plan.state_bytes for model in models),
        plan_lower_bound_bytes=sum(arena.lower_bound_bytes for arena in linked.arenas),
        ram=ram,
        flash=flash,
        stack=stack,
        sections=tuple(
            {"name": s.name, "kind": s.kind, "region": s.region, "address": s.address, "size_bytes": s.size_bytes}
            for s in image.sections
        ),
        symbols=_symbols(linked),
        layers=tuple(row for model in models for row in _layers(linked, model)),
        removed=sum((model.lowered.graph.removed for model in models), Removed()),
        modes=models[0].plan.modes if len(models) == 1 else (),
        reconciliation=rows,
        unexplained_bytes=unexplained_bytes(rows),
        kernels=kernel_rows(linked.kernels, linked.users),
        budgets=budgets,
        findings=findings,
    )


def _firmware(linked: _Linked, build: Build, stack: Stack | None) -> Firmware:
    code = linked.board.flash.name if linked.board.regions else ""
    has_weights = any(extent.part == WEIGHTS for extent in linked.by_region.get(code, ()))
    return Firmware(
        name=build.model,
        contributions=linked.contributions(),
        stack=stack,
        arena_bytes=sum(arena.size_bytes for arena in linked.arenas),
        modes=linked.models[0].plan.modes if len(linked.models) == 1 else (),
        code_flash=code,
        other_flash=tuple(r.name for r in linked.board.regions if has_weights and r.kind == "flash" and r.name != code),
        optimize=build.optimize,
    )


def _summary(linked: _Linked, ram: tuple[PartSize, ...], flash: tuple[PartSize, ...]) -> Summary:
    in_ram = {part.part: part.size_bytes for part in ram}
    in_flash = {part.part: part.size_bytes for part in flash}
    activation = sum(in_ram[part] for part in linked.arena_parts)
    weights = in_flash[WEIGHTS] + in_flash[BIASES]
    total_ram, total_flash = sum(in_ram.values()), sum(in_flash.values())
    return Summary(
        activation_ram_bytes=activation,
        runtime_ram_bytes=total_ram - activation - in_ram.get(STACK, 0),
        stack_bytes=in_ram.get(STACK, 0),
        total_ram_bytes=total_ram,
        weights_flash_bytes=weights,
        code_flash_bytes=total_flash - weights,
        total_flash_bytes=total_flash,
    )


def _region_row(linked: _Linked, name: str, rows: Sequence[Reconciled], budgets: Sequence[Budget]) -> RegionRow:
    region = linked.board.region(name)
    here = [row for row in rows if row.region == name]
    is_only = sum(other.kind == region.kind for other in linked.board.regions) == 1
    limits = [
        budget.size_bytes
        for budget in budgets
        if not budget.model
        and (budget.region == name or (is_only and (budget.memory, budget.region) == (region.kind, "")))
    ]
    return RegionRow(
        name=name,
        kind=region.kind,
        size_bytes=region.size_bytes,
        used_bytes=sum(row.elf_bytes for row in here),
        plan_bytes=sum(row.plan_bytes for row in here),
        difference_bytes=sum(row.difference_bytes for row in here),
        budget_bytes=min(limits, default=None),
    )


def _model_row(linked: _Linked, model: Exported, firmware: Firmware) -> ModelRow:
    weights = [symbol for symbol in linked.image.symbols if symbol.name.startswith(f"{model.name}_")]
    needs = dict.fromkeys(("ram", "flash"), 0)
    for one in firmware.contributions:
        needs[one.memory] += one.by_model.get(model.name, 0)
    rows = firmware.stack.rows if firmware.stack else ()
    calls = [row for row in rows if row.function in (f"{model.name}_run", f"{model.name}_push_row")]
    return ModelRow(
        name=model.name,
        rule=model.lowered.graph.rule.value,
        layers=len(model.lowered.graph.nodes),
        macs=sum(choice.macs for choice in model.lowered.choices),
        plan_arena_bytes=model.plan.arena_bytes,
        weights_flash_bytes=sum(s.size_bytes for s in weights if part_in(s, linked.names) in (WEIGHTS, BIASES)),
        ram_bytes=needs["ram"],
        flash_bytes=needs["flash"],
        stack_bytes=max((row.size_bytes for row in calls), default=None),
    )


def _symbols(linked: _Linked) -> tuple[SymbolRow, ...]:
    """The largest first."""
    named = [symbol for symbol in linked.image.symbols if symbol.size_bytes and symbol.kind in ("function", "object")]
    rows = []
    for symbol in sorted(named, key=lambda symbol: (-symbol.size_bytes, symbol.name)):
        plan = linked.planned.get(symbol.name)
        owner = owner_of(symbol, linked.names)
        rows.append(
            SymbolRow(
                name=symbol.name,
                section=symbol.section,
                region=symbol.region,
                size_bytes=symbol.size_bytes,
                plan_bytes=plan.size_bytes if plan else None,
                part=part_in(symbol, linked.names),
                model="" if owner == SHARED else owner,
                node=plan.node if plan else None,
            )
        )
    return tuple(rows)


def _layers(linked: _Linked, model: Exported) -> tuple[LayerRow, ...]:
    step_of = {node.node: step for step, info in enumerate(model.plan.steps) for node in info.nodes}
    params = _params(linked, model.name)
    rows = []
    for index, (node, choice) in enumerate(zip(model.lowered.graph.nodes, model.lowered.choices, strict=True)):
        step = step_of.get(index)
        code = layer_code(model.name, index, linked.kernels, linked.users, linked.own_bytes)
        planned_bytes, params_bytes, struct_bytes = params.get(index, (0, 0, 0))
        rows.append(
            LayerRow(
                model=model.name,
                node=index,
                name=node.name,
                operator=node.type,
                implementation=choice.kernel or choice.access.kind,
                macs=choice.macs,
                params_bytes=params_bytes,
                step=step,
                streams=step is not None and model.plan.steps[step].streams,
                params_plan_bytes=planned_bytes,
                struct_bytes=struct_bytes,
                kernel_bytes=code.kernel_bytes,
                kernel_shared_bytes=code.shared_bytes,
                generated_bytes=code.generated_bytes,
                ram_bytes=None if step is None else sum(model.plan.steps[step].live_bytes),
            )
        )
    return tuple(rows)


def _params(linked: _Linked, model: str) -> Mapping[int, tuple[int, int, int]]:
    """Of each node the bytes of its arrays in the plan, of all its parameters in the ELF, and of its struct."""
    found: dict[int, tuple[int, int, int]] = {}
    for each in linked.planned.values():
        if each.model != model or each.node is None:
            continue
        planned, linked_bytes, struct = found.get(each.node, (0, 0, 0))
        own = linked.own_bytes.get(each.symbol, 0)
        found[each.node] = (
            planned + (each.size_bytes or 0),
            linked_bytes + own,
            struct + (0 if each.size_bytes else own),
        )
    return found
