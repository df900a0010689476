# SPDX-License-Identifier: Apache-2.0
"""firmware: interface.json + board -> main.c and link.ld, a program that reads inputs and writes outputs until none is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.codegen.interface import read_interface
from sconnx.codegen.render import render
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    interface = read_interface(inputs[0])
    cpu = load_cpu(options["target"])
    board = load_board(options["board"], cpu)
    main = render(
        "main.c.j2",
        name=options["name"],
        macro=options["name"].upper(),
        inputs=[f"input_{port.identifier}" for port in interface.inputs],
        outputs=[f"output_{port.identifier}" for port in interface.outputs],
    )
    if cpu.is_host:
        return main, b"/* The host needs no linker script. */\n"
    script = render(
        "link.ld.j2",
        flash=board.flash,
        ram=board.ram,
        regions=board.regions,
        stack_bytes=board.stack_bytes if options["stack_bytes"] is None else options["stack_bytes"],
    )
    return main, script
