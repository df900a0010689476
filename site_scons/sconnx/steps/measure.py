# SPDX-License-Identifier: Apache-2.0
"""measure: a library for somebody else's firmware, and the arenas of its plans -> report.json, .txt and .html."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sconnx.codegen.firmware_arenas import firmware_arenas
from sconnx.codegen.names import firmware_name
from sconnx.elf.archive import Reserved, archive_members, image_of_objects
from sconnx.export.lowered import read_lowered
from sconnx.graph.json_form import to_bytes
from sconnx.memory.meminfo import read_plan
from sconnx.report.page import report_page
from sconnx.report.report import ANY_BOARD, Build, Exported, make_report
from sconnx.report.text import report_text
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
        files: lowered.json and meminfo.json of each model.
    """
    models = [
        Exported(lowered=read_lowered(lowered), plan=read_plan(plan))
        for lowered, plan in zip(files[0::2], files[1::2], strict=True)
    ]
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
    )
    report = make_report(image_of_objects(library, objects, board, arenas), models, board, build)
    # The regions are those that tensors and weights were planned for; how full they get is a question of the whole firmware.
    report = replace(report, regions=())
    return to_bytes(report.to_json()), report_text(report).encode(), report_page(report, plans).encode()
