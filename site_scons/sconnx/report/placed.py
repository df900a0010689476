# SPDX-License-Identifier: Apache-2.0
"""Whether the weights in a linked firmware lie where the memory plan has them."""

from __future__ import annotations

import re

from sconnx.elf.image import ElfImage
from sconnx.errors import SconnxError
from sconnx.memory.meminfo import MemoryPlan
from sconnx.report.parts import BIASES, WEIGHTS, part_of
from sconnx.target.board import Board


def check_weights(image: ElfImage, model: str, plan: MemoryPlan, board: Board) -> None:
    """Raise SconnxError E301 unless the weights and biases of every node are in their region; a process has none."""
    planned = {place.node: place.region for place in plan.parameters}
    for symbol in image.symbols if board.regions else ():
        found = re.match(rf"{model}_p(\d+)_", symbol.name)
        if found is None or part_of(symbol, model) not in (WEIGHTS, BIASES):
            continue
        region = planned.get(int(found[1]), board.flash.name)
        if symbol.region != region:
            raise SconnxError(
                "E301",
                f"'{symbol.name}' lies in {symbol.region or 'no region'}, the memory plan has it in {region}",
                where=image.file,
                why="the firmware was not built from this plan",
            )
