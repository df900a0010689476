# SPDX-License-Identifier: Apache-2.0
"""The context of main.c: a program that reads inputs and writes outputs, model by model, until no input is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sconnx.codegen.c_value import C_TYPES
from sconnx.codegen.firmware_arenas import FirmwareArena, firmware_arenas
from sconnx.codegen.interface import Interface, Port
from sconnx.codegen.place import arena_member
from sconnx.codegen.render import render
from sconnx.codegen.symbols import caller_symbol
from sconnx.memory.meminfo import MemoryPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A model that main runs."""

    name: str
    interface: Interface
    plan: MemoryPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class MainPort:
    """An input or output as main sees it.

    Args:
        location: the expression of an output's first element.
        c_type, length: of the array that holds it, where main does.
    """

    macro: str
    function: str
    location: str
    c_type: str
    length: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MainArena:
    """The arena of a model in one region: the array's name, in a shared arena the member's, and the prefixes of its macros."""

    name: str
    array: str
    macro: str
    align: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MainUnion:
    """An arena that models share, with a member for each of them."""

    symbol: str
    members: tuple[MainArena, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MainModel:
    """What main does with one model; `ctx` is the variable that holds its ctx."""

    name: str
    ctx: str
    inputs: tuple[MainPort, ...]
    outputs: tuple[MainPort, ...]
    arenas: tuple[MainArena, ...]


def main_text(
    programs: Sequence[Program], stack_region: str, *, by_rows: bool, by_caller: bool, console: str = "semihosting"
) -> bytes:
    """main.c.

    Args:
        stack_region: the board's region of the stack.
        by_rows: whether inputs are pushed row by row.
        by_caller: whether the outputs lie in arrays of main.
        console: of the board; without one main runs once and keeps the outputs.
    """
    plans = {program.name: program.plan for program in programs}
    found = firmware_arenas(plans, stack_region)
    arenas = {(model, arena.region): _arena(model, plans[model], arena) for arena in found for model in arena.models}
    models = [_model(program, arenas, len(programs) > 1, by_caller) for program in programs]
    return render(
        "main.c.j2",
        names=_listed(list(plans)),
        by_rows=by_rows,
        by_caller=by_caller,
        models=models,
        has_console=console != "none",
        runs_once=console == "none" or not any(model.inputs for model in models),
        results_bytes=" + ".join(f"{output.macro}_BYTES" for model in models for output in model.outputs),
        arrays=[arenas[arena.models[0], arena.region] for arena in found if not arena.is_shared],
        unions=[
            MainUnion(symbol=arena.symbol, members=tuple(arenas[model, arena.region] for model in arena.models))
            for arena in found
            if arena.is_shared
        ],
    )


def _arena(model: str, plan: MemoryPlan, arena: FirmwareArena) -> MainArena:
    return MainArena(
        name=model,
        array=f"{arena.symbol}.{model}" if arena.is_shared else arena.symbol,
        macro=f"{model}_{arena_member(plan, arena.region)}".upper(),
        align=f"{model}_arena_align".upper(),
    )


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _model(
    program: Program, arenas: Mapping[tuple[str, str], MainArena], is_one_of_several: bool, by_caller: bool
) -> MainModel:
    name = program.name
    ctx = f"ctx_{name}" if is_one_of_several else "ctx"

    def port(what: str, port: Port) -> MainPort:
        function = f"{name}_{what}_{port.identifier}"
        location = caller_symbol(name, port.identifier) if by_caller else f"{function}(&{ctx})"
        c_type, macro = C_TYPES[port.dtype], function.upper()
        unit = "" if port.size == port.size_bytes else f" / sizeof({c_type})"
        return MainPort(macro=macro, function=function, location=location, c_type=c_type, length=f"{macro}_BYTES{unit}")

    return MainModel(
        name=name,
        ctx=ctx,
        inputs=tuple(port("input", found) for found in program.interface.inputs),
        outputs=tuple(port("output", found) for found in program.interface.outputs),
        arenas=tuple(arenas[name, arena.region] for arena in program.plan.arenas),
    )
