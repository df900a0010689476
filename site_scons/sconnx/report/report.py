# SPDX-License-Identifier: Apache-2.0
"""The report: figures of the linked ELF beside the memory plan, every difference with its cause. report.json's data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # Whoever only reads a report.json needs none of what makes it.
    from sconnx.graph.graph import Removed
    from sconnx.memory.meminfo import Mode
    from sconnx.report.budget import BudgetRow
    from sconnx.report.finding import Finding
    from sconnx.report.kernel_use import KernelRow
    from sconnx.report.parts import PartSize
    from sconnx.report.reconcile import Reconciled
    from sconnx.report.stack import Stack

SCHEMA = "sconnx.report/2"
"""docs/report.schema.json describes the form."""
ANY_BOARD = "any board"
"""The board of a library that is not linked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """How the firmware was built.

    Args:
        sources: the file of each model, relative to the checkout; of one outside its name alone.
    """

    model: str
    target: str
    board: str
    toolchain: str
    toolchain_version: str
    optimize: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """In the vocabulary of the field, in bytes.

    activation_ram: the arenas; stack: what is reserved; runtime_ram: all other RAM; weights_flash: weights and biases;
    code_flash: all other flash.
    """

    activation_ram_bytes: int
    runtime_ram_bytes: int = 0
    stack_bytes: int = 0
    total_ram_bytes: int
    weights_flash_bytes: int
    code_flash_bytes: int
    total_flash_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRow:
    """One memory of the board.

    Args:
        plan_bytes: what the plan has there: arenas, outputs of the caller, stack, weights, biases and tables.
        difference_bytes: what else is in use; `reconciliation` has the cause of each byte.
        budget_bytes: None: it has none.
    """

    name: str
    kind: str
    size_bytes: int
    used_bytes: int
    plan_bytes: int = 0
    difference_bytes: int = 0
    budget_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRow:
    """One node of a model's graph; it streams where rows go from it or to it while others of its step run.

    Args:
        params_plan_bytes: of its arrays, as its rule packs them.
        params_bytes: in the ELF: the arrays, and `struct_bytes` of a struct that the compiler lays out.
        kernel_bytes: of its kernel and all that this calls; `kernel_shared_bytes` of them are used by other layers as well.
        generated_bytes: of its own function in the generated code; 0 where it was inlined.
        ram_bytes: what of the arenas is in use in its step; None: it runs in none.
    """

    model: str
    node: int
    name: str
    operator: str
    implementation: str
    macs: int
    params_bytes: int
    step: int | None
    streams: bool
    params_plan_bytes: int = 0
    struct_bytes: int = 0
    kernel_bytes: int = 0
    kernel_shared_bytes: int = 0
    generated_bytes: int = 0
    ram_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolRow:
    """A function or an object.

    Args:
        plan_bytes: None: the plan says nothing of its size.
        model: whose it is; empty: of no one model.
        node: the layer whose parameter it is, if it is one.
    """

    name: str
    section: str
    region: str
    size_bytes: int
    plan_bytes: int | None
    part: str
    model: str
    node: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One model: what it would need for itself.

    Args:
        ram_bytes: its arenas, outputs of its caller, and what of its weights is in RAM.
        flash_bytes: its parameters, its code, and the kernels that it calls, which other models may call as well.
        stack_bytes: of its deepest calls; None: it is not known.
    """

    name: str
    rule: str
    layers: int
    macs: int
    plan_arena_bytes: int
    weights_flash_bytes: int
    ram_bytes: int = 0
    flash_bytes: int = 0
    stack_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of it.

    Args:
        models: one or several.
        stack: None for a process of the build machine.
        removed: what import left out of all models; no other figure counts it.
        numerics: what is promised of the values, see docs/numerics.md.
        state_bytes: what of the arenas is kept from run to run.
        reconciliation: plan beside ELF, by region, section and part; those of a region add up to what it has in use.
        findings: what fails the build: budgets that do not hold, and figures of the plan that the ELF does not have.
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
    stack: Stack | None
    sections: tuple[dict[str, Any], ...]
    symbols: tuple[SymbolRow, ...]
    layers: tuple[LayerRow, ...]
    removed: Removed
    modes: tuple[Mode, ...]
    reconciliation: tuple[Reconciled, ...] = ()
    unexplained_bytes: int = 0
    kernels: tuple[KernelRow, ...] = ()
    budgets: tuple[BudgetRow, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def size(self) -> str:
        """Layers and multiply-accumulates, and how much import removed, in one line."""
        return size_line(len(self.layers), sum(layer.macs for layer in self.layers), self.removed)

    def to_json(self) -> dict[str, Any]:
        document = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        return {"schema": SCHEMA, **document}


def size_line(layers: int, macs: int, removed: Removed) -> str:
    """Layers and multiply-accumulates, and how much import removed, in one line."""
    line = f"{layers} layers, {macs:,} MACs"
    if not removed.channels:
        return line
    return (
        f"{line} (removed: {removed.channels:,} dead channels, {removed.macs:,} MACs, "
        f"{removed.constant_bytes:,} bytes of weights)"
    )
