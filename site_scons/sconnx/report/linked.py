# SPDX-License-Identifier: Apache-2.0
"""Models in a firmware of others: what of their library the linker kept, their arenas, and what is not theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

from sconnx.codegen.firmware_arenas import firmware_arenas
from sconnx.codegen.symbols import arena_symbol
from sconnx.elf.image import ElfImage, Symbol
from sconnx.errors import SconnxError, raise_all
from sconnx.memory.meminfo import MemoryPlan
from sconnx.project.budgets import Budget
from sconnx.report.budget import CONTRIBUTORS
from sconnx.report.columns import columns
from sconnx.report.parts import BIASES, FLASH_PARTS, WEIGHTS, part_in
from sconnx.stack.call_graph import CallGraph
from sconnx.stack.worst import worst_case

SCHEMA = "sconnx.linked/1"
APPLICATION = "everything else"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedArena:
    """An object of the firmware that models work in: how large it is, and how large it has to be by their plans."""

    symbol: str
    models: tuple[str, ...]
    size_bytes: int
    plan_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedStack:
    """The deepest calls of a model's run, the largest first; `unknown` says why it may be more."""

    function: str
    size_bytes: int
    calls: tuple[tuple[str, int], ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """All of it, in bytes. RAM are sections that are written to, stacks and heaps included where they are sections."""

    firmware: str
    models: tuple[str, ...]
    arenas: tuple[LinkedArena, ...]
    flash: Mapping[str, int]
    total_flash_bytes: int
    total_ram_bytes: int
    stacks: tuple[LinkedStack, ...]

    def to_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA, **asdict(self)}


def _wanted(
    image: ElfImage, plans: Mapping[str, MemoryPlan], region: str, name: str
) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Symbol, models and bytes of each arena; one that models share may be there, or one of each of them."""
    for arena in firmware_arenas(plans, region):
        if name and arena.region == region:
            yield name, arena.models, arena.size_bytes
        elif arena.is_shared and image.find_symbol(arena.symbol) is None:
            for model in arena.models:
                own = next(each for each in plans[model].arenas if each.region == arena.region)
                yield arena_symbol(model, arena.region, region), (model,), own.size_bytes
        else:
            yield arena.symbol, arena.models, arena.size_bytes


def _arenas(image: ElfImage, plans: Mapping[str, MemoryPlan], region: str, name: str) -> list[LinkedArena]:
    """Raises SconnxError E503, an arena is not in the firmware; E301, one is too small for all that is to lie in it.

    Args:
        region: the one that the stack is in, whose arenas are called `name` where that is given.
    """
    models: dict[str, tuple[str, ...]] = {}
    sizes: Counter[str] = Counter()
    for wanted, of, size_bytes in _wanted(image, plans, region, name):
        models[wanted] = (*models.get(wanted, ()), *of)
        sizes[wanted] += size_bytes
    found: list[LinkedArena] = []
    errors: list[SconnxError] = []
    for wanted, of in models.items():
        symbol = image.find_symbol(wanted)
        if symbol is None:
            what = f"the arena of {' and '.join(of)} is not in the firmware: there is no '{wanted}'"
            hint = "say what it is called: arena='...', or call it so"
            errors.append(SconnxError("E503", what, where=image.file, help=hint))
            continue
        if symbol.size_bytes < sizes[wanted]:
            what = f"'{wanted}' has {symbol.size_bytes:,} bytes, {' and '.join(of)} need{'s' * (len(of) == 1)} {sizes[wanted]:,}"
            hint = f"give it {' and '.join(f'{model.upper()}_ARENA_BYTES' for model in of)}"
            errors.append(SconnxError("E301", what, where=image.file, help=hint))
        found.append(LinkedArena(symbol=wanted, models=of, size_bytes=symbol.size_bytes, plan_bytes=sizes[wanted]))
    raise_all(errors)
    return found


def _kept(image: ElfImage, library: ElfImage) -> list[Symbol]:
    """The symbols of the firmware that are the library's: a function or object of its name and size, each address once."""
    theirs = {(symbol.name, symbol.kind, symbol.size_bytes) for symbol in library.symbols if symbol.size_bytes}
    kept = [s for s in image.symbols if s.section and (s.name, s.kind, s.size_bytes) in theirs]
    return list({(symbol.address, symbol.size_bytes): symbol for symbol in kept}.values())


def _check_kept(image: ElfImage, library: ElfImage, kept: Sequence[Symbol], models: Sequence[str]) -> None:
    """Raise SconnxError E503 for a model that is not called, E301 for weights that are not those of the library."""
    errors = []
    for model in models:
        if image.find_symbol(f"{model}_run") is None and image.find_symbol(f"{model}_push_row") is None:
            what = f"'{model}' is not in the firmware: nothing calls {model}_run"
            errors.append(SconnxError("E503", what, where=image.file, help="link its library, and call it"))
    names = {symbol.name for symbol in kept}
    for symbol in library.symbols:
        if part_in(symbol, models) in (WEIGHTS, BIASES) and symbol.name not in names:
            other = image.find_symbol(symbol.name)
            if other is not None:
                what = f"'{symbol.name}' has {other.size_bytes:,} bytes, in the library {symbol.size_bytes:,}"
                why = "the firmware was not linked with this library"
                errors.append(SconnxError("E301", what, where=image.file, why=why))
    raise_all(errors)


def linked(
    image: ElfImage,
    library: ElfImage,
    plans: Mapping[str, MemoryPlan],
    *,
    region: str,
    arena: str = "",
    with_stacks: bool = False,
) -> Linked:
    """Hold a firmware against the library of its models and their plans.

    Args:
        image: of the firmware, read without regions.
        library: its objects, as `image_of_objects`.
        plans: by model.
        region: of the board, that the stack is in.
        arena: what the firmware calls the arena there; empty: <model>_arena.
        with_stacks: whether its machine code is that of a Cortex-M, to be followed.

    Raises:
        SconnxError: E301, E503: it does not have what library and plans say.
    """
    models = tuple(plans)
    kept = _kept(image, library)
    _check_kept(image, library, kept, models)
    arenas = _arenas(image, plans, region, arena)
    parts: Counter[str] = Counter()
    for symbol in kept:
        parts[part_in(symbol, models)] += symbol.size_bytes
    flash_bytes = sum(section.size_bytes for section in image.sections if section.kind != "bss")
    flash = {part: parts[part] for part in FLASH_PARTS if parts[part]}
    flash[APPLICATION] = flash_bytes - sum(flash.values())
    calls = [f"{model}_{call}" for model in models for call in ("run", "push_row")] if with_stacks else []
    graph = CallGraph(image)
    deepest = {call: worst_case(graph, call) for call in calls if image.find_symbol(call)}
    return Linked(
        firmware=image.file,
        models=models,
        arenas=tuple(arenas),
        flash=flash,
        total_flash_bytes=flash_bytes,
        total_ram_bytes=sum(section.size_bytes for section in image.sections if section.kind in ("data", "bss")),
        stacks=tuple(
            LinkedStack(
                function=call,
                size_bytes=each.bytes,
                calls=tuple(sorted(each.path, key=lambda frame: -frame[1])),
                unknown=each.unknown,
            )
            for call, each in deepest.items()
        ),
    )


def check_stacks(report: Linked, budgets: Sequence[Budget]) -> None:
    """Raise SconnxError E410 for each model whose deepest calls take more than its budget."""
    errors = []
    for budget, stack in product(budgets, report.stacks):
        missing_bytes = stack.size_bytes - budget.size_bytes
        if stack.function not in (f"{budget.model}_run", f"{budget.model}_push_row") or missing_bytes <= 0:
            continue
        what = f"{budget.memory} budget{budget.scope} exceeded: requested {stack.size_bytes:,}, "
        what += f"available {budget.size_bytes:,}, missing {missing_bytes:,} bytes"
        largest = ", ".join(f"{name} {size_bytes:,}" for name, size_bytes in stack.calls[:CONTRIBUTORS])
        hint = f"raise {budget.variable}"
        errors.append(SconnxError("E410", what, where=report.firmware, why=f"largest: {largest}", help=hint))
    raise_all(errors)


def linked_text(report: Linked) -> str:
    """For the console and for linked.txt."""
    rest_bytes = report.total_ram_bytes - sum(arena.size_bytes for arena in report.arenas)
    lines = [f"{' and '.join(report.models)} in {report.firmware}", "", f"  RAM {report.total_ram_bytes:,}"]
    rows = [
        (arena.symbol, f"{arena.size_bytes:,}", f"plan {arena.plan_bytes:,} of {' and '.join(arena.models)}")
        for arena in report.arenas
    ]
    rows.append((APPLICATION, f"{rest_bytes:,}", ""))
    lines += ["  " + line for line in columns(rows, "lrl")]
    lines += ["", f"  Flash {report.total_flash_bytes:,}"]
    lines += ["  " + line for line in columns([(part, f"{size:,}") for part, size in report.flash.items()], "lr")]
    if report.stacks:
        lines += ["", "  Stack by the deepest calls"]
        rows = [(each.function, f"{each.size_bytes:,}", "; ".join(each.unknown)) for each in report.stacks]
        lines += ["  " + line for line in columns(rows, "lrl")]
    return "\n".join(lines) + "\n"
