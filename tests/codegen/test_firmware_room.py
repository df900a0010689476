# SPDX-License-Identifier: Apache-2.0
"""Weights that the flash of the code has no room for are told before anything is linked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sconnx.codegen.firmware_room import check_flash
from sconnx.errors import SconnxError
from sconnx.export.lowered import Lowered
from sconnx.graph.operator import FullyConnected
from sconnx.memory.meminfo import MemoryPlan, ParameterPlace
from sconnx.memory.planner import Memory, plan_memory
from sconnx.schedule.scheduler import ExportScheduler
from sconnx.target.board import Board, Region
from tests.tiny_models import Chain, lowered_of


def board(flash_bytes: int, qspi_bytes: int) -> Board:
    """The code is in `flash`."""
    regions = (
        Region("flash", "flash", 0x08000000, flash_bytes),
        Region("qspi", "flash", 0x90000000, qspi_bytes),
        Region("sram", "ram", 0x20000000, 0x4000),
    )
    return Board("bench", "a bench", ("cortex-m3",), "unicorn", "", 1024, regions)


def two_layers() -> tuple[Lowered, MemoryPlan]:
    """Of 1,000 + 400 and 2,000 + 80 bytes."""
    chain = Chain()
    wide = chain.node(
        FullyConnected(), chain.input(1, 10), chain.constant(100, 10), chain.constant(100, dtype=np.int32), name="wide"
    )
    narrow = chain.node(
        FullyConnected(), wide, chain.constant(20, 100), chain.constant(20, dtype=np.int32), name="narrow"
    )
    lowered = lowered_of(chain.build(narrow))
    return lowered, plan_memory(ExportScheduler().schedule(lowered), [Memory(region="sram")])


def test_the_flash_holds_them_just_so() -> None:
    model = two_layers()
    check_flash({"net": model}, board(3480, 0))
    with pytest.raises(SconnxError) as caught:
        check_flash({"net": model}, board(3476, 3480))
    assert str(caught.value) == (
        "flash: error[E310]: the weights do not fit in flash: requested 3,480, available 3,476, missing 4 bytes: "
        "the largest are those of 'narrow' 2,080, 'wide' 1,400 (help: weights=qspi has room for them)"
    )


def test_those_of_all_models_count() -> None:
    model = two_layers()
    check_flash({"a": model, "b": model}, board(6960, 0))
    with pytest.raises(SconnxError) as caught:
        check_flash({"a": model, "b": model}, board(6000, 6000))
    assert str(caught.value) == (
        "flash: error[E310]: the weights do not fit in flash: requested 6,960, available 6,000, missing 960 bytes: "
        "the largest are those of 'narrow' of a 2,080, 'narrow' of b 2,080, 'wide' of a 1,400 "
        "(help: a board with more flash, or an int8 model)"
    )


@pytest.mark.parametrize(("region", "fits"), [("qspi", True), ("sram", False)])
def test_those_elsewhere(region: str, fits: bool) -> None:
    """What the start copies to RAM is in the flash all the same."""
    lowered, plan = two_layers()
    moved = replace(plan, parameters=(ParameterPlace(node=1, region=region, size_bytes=2080),))
    if fits:
        check_flash({"net": (lowered, moved)}, board(1400, 4000))
        return
    with pytest.raises(SconnxError, match="requested 3,480, available 1,400"):
        check_flash({"net": (lowered, moved)}, board(1400, 4000))
