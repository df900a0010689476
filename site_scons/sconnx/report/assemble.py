# SPDX-License-Identifier: Apache-2.0
"""The report of a linked firmware: what the ELF has, beside what the plans of its models say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sconnx.codegen.symbols import SHARED
from sconnx.elf.image import ElfImage
from sconnx.errors import SconnxError
from sconnx.graph.graph import Removed
from sconnx.project.budgets import Budget, Margin
from sconnx.report.budget import Firmware, budget_finding, budget_row, stack_finding, with_regions
from sconnx.report.closeness import numerics_text
from sconnx.report.joined import Exported, Joined
from sconnx.report.kernel_use import kernel_rows, layer_code
from sconnx.report.parts import (
    BIASES,
    STACK,
    WEIGHTS,
    PartSize,
    owner_of,
    part_in,
)
from sconnx.report.planned import check_planned
from sconnx.report.reconcile import Reconciled, check_unexplained, unexplained_bytes
from sconnx.report.report import Build, LayerRow, ModelRow, RegionRow, Report, Summary, SymbolRow
from sconnx.report.stack import Stack, stack_of
from sconnx.target.board import Board


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the user allows.

    Args:
        stack_bytes: reserved; None: the board's default.
    """

    stack_bytes: int | None = None
    budgets: tuple[Budget, ...] = ()
    margin: Margin | None = None


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
    joined = Joined(image, models, board, is_linked=is_linked)
    names = joined.names
    ram, flash = joined.parts("ram"), joined.parts("flash")
    stack = stack_of(joined.graph, names, board) if is_linked else None
    regions = board.regions if is_linked else ()
    if stack is None and any(budget.memory == "stack" for budget in limits.budgets):
        what = f"stack=: how deep the calls of a model get on {build.board} is not known"
        hint = "leave the budget of the model out"
        if not is_linked:
            what += " before a firmware is linked"
            hint += "; in an SConscript NeuralReport takes it"
        raise SconnxError("E702", what, help=hint)
    rows = joined.reconciled(limits.stack_bytes)
    firmware = _firmware(joined, build, stack)
    kinds = {region.name: (region.kind, region.size_bytes) for region in regions}
    budgets = tuple(
        budget_row(firmware, budget, limits.margin) for budget in with_regions(limits.budgets, kinds, limits.margin)
    )
    over = [budget_finding(firmware, row) for row in budgets]
    findings = (
        *check_planned(image, tuple(joined.planned.values()), joined.extents),
        *check_unexplained(rows, image.file),
        *(finding for finding in (*over, stack_finding(firmware)) if finding is not None),
    )
    return Report(
        build=build,
        rule=" and ".join(dict.fromkeys(model.lowered.graph.rule.value for model in models)),
        numerics=numerics_text([model.lowered.graph for model in models]),
        models=tuple(_model_row(joined, model, firmware) for model in models),
        summary=_summary(joined, ram, flash),
        regions=tuple(_region_row(joined, region.name, rows, limits.budgets) for region in regions),
        plan_arena_bytes=sum(arena.size_bytes for arena in joined.arenas),
        state_bytes=sum(model.plan.state_bytes for model in models),
        plan_lower_bound_bytes=sum(arena.lower_bound_bytes for arena in joined.arenas),
        ram=ram,
        flash=flash,
        stack=stack,
        sections=tuple(
            {"name": s.name, "kind": s.kind, "region": s.region, "address": s.address, "size_bytes": s.size_bytes}
            for s in image.sections
        ),
        symbols=_symbols(joined),
        layers=tuple(row for model in models for row in _layers(joined, model)),
        removed=sum((model.lowered.graph.removed for model in models), Removed()),
        modes=models[0].plan.modes if len(models) == 1 else (),
        reconciliation=rows,
        unexplained_bytes=unexplained_bytes(rows),
        kernels=kernel_rows(joined.kernels, joined.users),
        budgets=budgets,
        findings=findings,
    )


def _firmware(joined: Joined, build: Build, stack: Stack | None) -> Firmware:
    code = joined.board.flash.name if joined.board.regions else ""
    has_weights = any(extent.part == WEIGHTS for extent in joined.by_region.get(code, ()))
    return Firmware(
        name=build.model,
        contributions=joined.contributions(),
        stack=stack,
        arena_bytes=sum(arena.size_bytes for arena in joined.arenas),
        modes=joined.models[0].plan.modes if len(joined.models) == 1 else (),
        code_flash=code,
        other_flash=tuple(r.name for r in joined.board.regions if has_weights and r.kind == "flash" and r.name != code),
        optimize=build.optimize,
    )


def _summary(joined: Joined, ram: tuple[PartSize, ...], flash: tuple[PartSize, ...]) -> Summary:
    in_ram = {part.part: part.size_bytes for part in ram}
    in_flash = {part.part: part.size_bytes for part in flash}
    activation = sum(in_ram[part] for part in joined.arena_parts)
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


def _region_row(joined: Joined, name: str, rows: Sequence[Reconciled], budgets: Sequence[Budget]) -> RegionRow:
    region = joined.board.region(name)
    here = [row for row in rows if row.region == name]
    is_only = sum(other.kind == region.kind for other in joined.board.regions) == 1
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


def _model_row(joined: Joined, model: Exported, firmware: Firmware) -> ModelRow:
    weights = [symbol for symbol in joined.image.symbols if symbol.name.startswith(f"{model.name}_")]
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
        weights_flash_bytes=sum(s.size_bytes for s in weights if part_in(s, joined.names) in (WEIGHTS, BIASES)),
        ram_bytes=needs["ram"],
        flash_bytes=needs["flash"],
        stack_bytes=max((row.size_bytes for row in calls), default=None),
    )


def _symbols(joined: Joined) -> tuple[SymbolRow, ...]:
    """The largest first."""
    named = [symbol for symbol in joined.image.symbols if symbol.size_bytes and symbol.kind in ("function", "object")]
    rows = []
    for symbol in sorted(named, key=lambda symbol: (-symbol.size_bytes, symbol.name)):
        plan = joined.planned.get(symbol.name)
        owner = owner_of(symbol, joined.names)
        rows.append(
            SymbolRow(
                name=symbol.name,
                section=symbol.section,
                region=symbol.region,
                size_bytes=symbol.size_bytes,
                plan_bytes=plan.size_bytes if plan else None,
                part=part_in(symbol, joined.names),
                model="" if owner == SHARED else owner,
                node=plan.node if plan else None,
            )
        )
    return tuple(rows)


def _layers(joined: Joined, model: Exported) -> tuple[LayerRow, ...]:
    step_of = {node.node: step for step, info in enumerate(model.plan.steps) for node in info.nodes}
    params = _params(joined, model.name)
    rows = []
    for index, (node, choice) in enumerate(zip(model.lowered.graph.nodes, model.lowered.choices, strict=True)):
        step = step_of.get(index)
        code = layer_code(model.name, index, joined.kernels, joined.users, joined.own_bytes)
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


def _params(joined: Joined, model: str) -> Mapping[int, tuple[int, int, int]]:
    """Of each node the bytes of its arrays in the plan, of all its parameters in the ELF, and of its struct."""
    found: dict[int, tuple[int, int, int]] = {}
    for each in joined.planned.values():
        if each.model != model or each.node is None:
            continue
        planned, linked_bytes, struct = found.get(each.node, (0, 0, 0))
        own = joined.own_bytes.get(each.symbol, 0)
        found[each.node] = (
            planned + (each.size_bytes or 0),
            linked_bytes + own,
            struct + (0 if each.size_bytes else own),
        )
    return found
