# SPDX-License-Identifier: Apache-2.0
"""inspect: firmware.elf against meminfo.json -> report.json, report.txt and report.html."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.codegen.names import firmware_name
from sconnx.elf.image import read_image
from sconnx.export.lowered import read_lowered
from sconnx.graph.json_form import to_bytes
from sconnx.memory.meminfo import read_plan
from sconnx.report.page import report_page
from sconnx.report.report import Build, Exported, make_report
from sconnx.report.text import report_text
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    elf, *files = inputs
    models = [
        Exported(lowered=read_lowered(lowered), plan=read_plan(plan))
        for lowered, plan in zip(files[0::2], files[1::2], strict=True)
    ]
    cpu = load_cpu(options["target"])
    board = load_board(options["board"], cpu)
    build = Build(
        model=firmware_name([model.name for model in models]),
        target=cpu.name,
        board=board.name,
        toolchain=options["toolchain"],
        toolchain_version=options["toolchain_version"],
        optimize=options["optimize"],
    )
    report = make_report(read_image(elf, board.regions), models, board, build)
    page = report_page(report, {model.name: model.plan for model in models})
    return to_bytes(report.to_json()), report_text(report).encode(), page.encode()
