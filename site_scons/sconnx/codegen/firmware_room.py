# SPDX-License-Identifier: Apache-2.0
"""Whether the memories hold a whole firmware. The plan of each model knows nothing of what the others keep there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sconnx.codegen.firmware_arenas import firmware_arenas
from sconnx.codegen.main_source import Program
from sconnx.errors import SconnxError
from sconnx.export.lowered import Lowered
from sconnx.memory.free import caller_bytes, free_bytes
from sconnx.memory.meminfo import MemoryPlan
from sconnx.memory.parameters import parameter_bytes
from sconnx.target.board import Board

LARGEST = 3
"""Nodes that a message names."""


def check_room(programs: Sequence[Program], board: Board, stack_bytes: int | None) -> None:
    """Weights and arenas beside the outputs of the caller, all of them.

    Args:
        stack_bytes: reserved for the stack; None: the board's default.

    Raises:
        SconnxError: E310, they do not fit.
    """
    region = board.stack_region
    plans = {program.name: program.plan for program in programs}
    outputs = {
        program.name: caller_bytes(port.size_bytes for port in program.interface.outputs) for program in programs
    }
    weights_bytes = sum(
        place.size_bytes for plan in plans.values() for place in plan.parameters if place.region == region
    )
    arenas = firmware_arenas(plans, region)
    requested_bytes = sum(arena.size_bytes for arena in arenas if arena.region == region)
    available_bytes = max(free_bytes(board, board.ram, stack_bytes) - weights_bytes - sum(outputs.values()), 0)
    if requested_bytes > available_bytes:
        listed = ", ".join(f"{name} {size_bytes:,}" for name, size_bytes in outputs.items())
        raise SconnxError(
            "E310",
            f"the tensors do not fit in {region}: requested {requested_bytes:,}, available {available_bytes:,}, "
            f"missing {requested_bytes - available_bytes:,} bytes",
            where=region,
            why=f"the outputs of all models lie beside the arena: {listed}",
            help="output=arena, or a smaller stack=",
        )


def check_flash(models: Mapping[str, tuple[Lowered, MemoryPlan]], board: Board) -> None:
    """The weights and biases of all models in the flash of the code; what code and tables need, only the linker knows.

    Those in another flash are not there; of those in RAM, the start copies what is.

    Raises:
        SconnxError: E310, they do not fit.
    """
    flashes = {region.name: region.size_bytes for region in board.regions if region.kind == "flash"}
    nodes: list[tuple[int, str]] = []
    for name, (lowered, plan) in models.items():
        elsewhere = {place.node for place in plan.parameters if place.region in flashes}
        for index, (node, choice) in enumerate(zip(lowered.graph.nodes, lowered.choices, strict=True)):
            if choice.macs and index not in elsewhere:
                label = f"{node.name!r}" if len(models) == 1 else f"{node.name!r} of {name}"
                nodes.append((parameter_bytes(lowered, index), label))
    requested_bytes, available_bytes = sum(size_bytes for size_bytes, _ in nodes), board.flash.size_bytes
    if requested_bytes > available_bytes:
        largest = sorted(nodes, key=lambda entry: -entry[0])[:LARGEST]
        others = [name for name, size_bytes in flashes.items() if size_bytes >= requested_bytes]
        raise SconnxError(
            "E310",
            f"the weights do not fit in {board.flash.name}: requested {requested_bytes:,}, "
            f"available {available_bytes:,}, missing {requested_bytes - available_bytes:,} bytes",
            where=board.flash.name,
            why=f"the largest are those of {', '.join(f'{label} {size_bytes:,}' for size_bytes, label in largest)}",
            help=f"weights={others[0]} has room for them" if others else "a board with more flash, or an int8 model",
        )
