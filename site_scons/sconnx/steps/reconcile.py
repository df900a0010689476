# SPDX-License-Identifier: Apache-2.0
"""reconcile: a firmware of others, the library in it and the plans -> linked.json and linked.txt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.elf.archive import read_archive
from sconnx.elf.image import read_image
from sconnx.export.lowered import read_lowered
from sconnx.graph.json_form import to_bytes
from sconnx.memory.meminfo import read_plan
from sconnx.project.budgets import stack_budgets
from sconnx.report.linked import check_stacks, linked, linked_text
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    firmware, library, *files = inputs
    cpu = load_cpu(options["target"])
    board = load_board(options["board"], cpu)
    names = [read_lowered(path).graph.name for path in files[0::2]]
    budgets = stack_budgets(options["stack"], names)
    plans = dict(zip(names, map(read_plan, files[1::2]), strict=True))
    report = linked(
        read_image(firmware),
        read_archive(library, board, ()),
        plans,
        region=board.stack_region,
        arena=options["arena"],
        with_stacks=not cpu.is_host,
    )
    check_stacks(report, budgets)
    return to_bytes(report.to_json()), linked_text(report).encode()
