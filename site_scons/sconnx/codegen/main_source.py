# SPDX-License-Identifier: Apache-2.0
"""The context of main.c: a program that reads inputs and writes outputs until none is left."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.codegen.interface import Interface, Port
from sconnx.codegen.place import arena_member
from sconnx.codegen.render import render
from sconnx.codegen.symbols import arena_symbol, caller_symbol
from sconnx.memory.meminfo import MemoryPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class MainPort:
    """An input or output as main sees it; `location` is the expression of an output's first byte."""

    macro: str
    function: str
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MainArena:
    """The array of one arena and the prefix of its macro."""

    symbol: str
    macro: str


def main_text(
    name: str, interface: Interface, plan: MemoryPlan, stack_region: str, *, by_rows: bool, by_caller: bool
) -> bytes:
    """main.c.

    Args:
        stack_region: the board's region of the stack.
        by_rows: whether the input is pushed row by row.
        by_caller: whether the outputs lie in arrays of main.
    """

    def port(what: str, port: Port) -> MainPort:
        function = f"{name}_{what}_{port.identifier}"
        location = caller_symbol(name, port.identifier) if by_caller else f"{function}(&ctx)"
        return MainPort(macro=function.upper(), function=function, location=location)

    return render(
        "main.c.j2",
        name=name,
        macro=name.upper(),
        by_rows=by_rows,
        by_caller=by_caller,
        inputs=[port("input", found) for found in interface.inputs],
        outputs=[port("output", found) for found in interface.outputs],
        arenas=[
            MainArena(
                symbol=arena_symbol(name, arena.region, stack_region),
                macro=f"{name}_{arena_member(plan, arena.region)}".upper(),
            )
            for arena in plan.arenas
        ],
    )
