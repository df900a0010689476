# SPDX-License-Identifier: Apache-2.0
"""Whether the region of the stack holds a whole firmware. The plan of each model knows nothing of what the others keep there."""

from __future__ import annotations

from collections.abc import Sequence

from sconnx.codegen.firmware_arenas import firmware_arenas
from sconnx.codegen.main_source import Program
from sconnx.errors import SconnxError
from sconnx.memory.free import caller_bytes, free_bytes
from sconnx.target.board import Board


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
