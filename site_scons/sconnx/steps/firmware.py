# SPDX-License-Identifier: Apache-2.0
"""firmware: interface, lowered, meminfo and board -> main.c and link.ld, a program that reads inputs and writes outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.codegen.firmware_room import check_flash, check_room
from sconnx.codegen.interface import read_interface
from sconnx.codegen.main_source import Program, main_text
from sconnx.codegen.names import model_names
from sconnx.codegen.render import render
from sconnx.codegen.weights_sections import weights_sections
from sconnx.export.lowered import read_lowered
from sconnx.memory.meminfo import read_plan
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    programs = [
        Program(name=name, interface=read_interface(interface), plan=read_plan(plan))
        for name, interface, plan in zip(model_names(options["name"]), inputs[0::3], inputs[2::3], strict=True)
    ]
    cpu = load_cpu(options["target"])
    board = load_board(options["board"], cpu)
    by_rows, by_caller = options["input"] == "stream", options["output"] == "caller"
    main = main_text(programs, board.stack_region, by_rows=by_rows, by_caller=by_caller, console=board.console)
    if cpu.is_host:
        return main, b"/* The host needs no linker script. */\n"
    lowered = [read_lowered(path) for path in inputs[1::3]]
    check_flash({program.name: (each, program.plan) for program, each in zip(programs, lowered, strict=True)}, board)
    if by_caller:
        check_room(programs, board, options["stack_bytes"])
    script = render(
        "link.ld.j2",
        flash=board.flash,
        ram=board.ram,
        regions=board.regions,
        boot_words=board.boot_words,
        weights=weights_sections([program.plan for program in programs], board),
        stack_bytes=board.stack_bytes if options["stack_bytes"] is None else options["stack_bytes"],
    )
    return main, script
