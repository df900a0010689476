# SPDX-License-Identifier: Apache-2.0
"""inspect: firmware.elf against the plan -> report.json and its forms for the console, a browser and CI.

What is wrong with the firmware is content of the report, not a failure of the step: that is `budget`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.codegen.names import firmware_name
from sconnx.codegen.packed_sizes import read_packed
from sconnx.elf.image import read_image
from sconnx.export.lowered import read_lowered
from sconnx.graph.json_form import to_bytes
from sconnx.memory.meminfo import read_plan
from sconnx.project.budgets import budgets_from, check_regions
from sconnx.report.assemble import Limits, make_report
from sconnx.report.joined import Exported
from sconnx.report.junit import report_junit
from sconnx.report.page import report_page
from sconnx.report.report import Build, Report
from sconnx.report.sarif import report_sarif
from sconnx.report.text import report_text
from sconnx.target.board import Board, load_board
from sconnx.target.cpu import load_cpu


def exported(files: Sequence[Path]) -> list[Exported]:
    """The models of lowered.json, meminfo.json and packed.json, one after the other."""
    return [
        Exported(lowered=read_lowered(lowered), plan=read_plan(plan), packed=read_packed(packed))
        for lowered, plan, packed in zip(files[0::3], files[1::3], files[2::3], strict=True)
    ]


def limits_of(options: Mapping[str, Any], board: Board, stack_bytes: int | None) -> Limits:
    """What the user allows. Raises SconnxError E701 for regions that the board does not have."""
    budgets, margin = budgets_from(options)
    check_regions(budgets, board)
    return Limits(stack_bytes=stack_bytes, budgets=budgets, margin=margin)


def forms(report: Report, models: Sequence[Exported]) -> tuple[bytes, ...]:
    """The outputs of the step, all of one report."""
    document = report.to_json()
    return (
        to_bytes(document),
        report_text(report).encode(),
        report_page(document, {model.name: (model.lowered, model.plan) for model in models}).encode(),
        report_junit(document).encode(),
        to_bytes(report_sarif(document)),
    )


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    elf, *files = inputs
    models = exported(files)
    cpu = load_cpu(options["target"])
    board = load_board(options["board"], cpu)
    build = Build(
        model=firmware_name([model.name for model in models]),
        target=cpu.name,
        board=board.name,
        toolchain=options["toolchain"],
        toolchain_version=options["toolchain_version"],
        optimize=options["optimize"],
        sources=tuple(options["sources"]),
    )
    limits = limits_of(options, board, options["stack_bytes"])
    return forms(make_report(read_image(elf, board.regions), models, board, build, limits), models)
