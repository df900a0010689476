# SPDX-License-Identifier: Apache-2.0
"""measure: a library for somebody else's firmware, and the arenas of its plans -> report.json and its forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.codegen.firmware_arenas import firmware_arenas
from sconnx.codegen.names import firmware_name
from sconnx.elf.archive import Reserved, archive_members, image_of_objects
from sconnx.report.assemble import make_report
from sconnx.report.report import ANY_BOARD, Build
from sconnx.steps.inspect import exported, forms, limits_of
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    library, *files = inputs
    return measured(options, library.name, archive_members(library), files)


def measured(
    options: Mapping[str, Any], library: str, objects: Iterable[tuple[str, bytes]], files: Sequence[Path]
) -> tuple[bytes, ...]:
    """The report of objects by name.

    Args:
        library: what they are called together.
        files: lowered.json, meminfo.json and packed.json of each model.
    """
    models = exported(files)
    cpu = load_cpu(options["target"])
    board = load_board(options["board"], cpu)
    plans = {model.name: model.plan for model in models}
    arenas = [
        Reserved(symbol=arena.symbol, region=arena.region, size_bytes=arena.size_bytes)
        for arena in firmware_arenas(plans, board.stack_region)
    ]
    build = Build(
        model=firmware_name(list(plans)),
        target=cpu.name,
        board=ANY_BOARD,
        toolchain=options["toolchain"],
        toolchain_version="",
        optimize=options["optimize"],
        sources=tuple(options["sources"]),
    )
    image = image_of_objects(library, objects, board, arenas)
    limits = limits_of(options, board, None)
    return forms(make_report(image, models, board, build, limits, is_linked=False), models)
