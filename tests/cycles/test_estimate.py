# SPDX-License-Identifier: Apache-2.0
"""Edges between blocks against the counts of instructions, and cycles against sums made by hand."""

from __future__ import annotations

from collections import Counter

import pytest

from sconnx.cycles.estimate import MODELS, estimate
from sconnx.cycles.instruction import decode
from sconnx.elf.image import ElfImage, read_image
from sconnx.emulate import block_trace
from sconnx.emulate.run_result import RunResult
from sconnx.emulate.unicorn_machine import run_firmware
from sconnx.errors import SconnxError
from tests.emulate.firmware_build import PROGRAMS, FirmwareBuilder
from tests.emulate.test_instruction_count import INPUT, NAMES


def traced(builder: FirmwareBuilder, program: str, cpu: str, names: tuple[str, ...]) -> tuple[RunResult, ElfImage]:
    firmware = builder.build(PROGRAMS / program, cpu)
    run = run_firmware(
        firmware.elf, firmware.cpu, firmware.board, INPUT, count=names, trace=True, native_hooks=builder.hooks()
    )
    return run, read_image(firmware.elf, firmware.board.regions)


@pytest.mark.parametrize("cpu", ["cortex-m4", "cortex-m7"])
def test_edges_hold_every_counted_instruction(builder: FirmwareBuilder, cpu: str) -> None:
    run, image = traced(builder, "layers.c", cpu, NAMES)
    found: Counter[str] = Counter()
    for edge in run.edges:
        code = image.content(edge.after.address, edge.after.size_bytes)
        instructions = decode(code, edge.after.address)
        assert "unknown" not in {each.name for each in instructions}
        found[edge.function] += edge.count * len(instructions)
        assert edge.mispredicted <= edge.count
    steps = {name: sum(run.instructions[name]) for name in NAMES if name != "kws_run"}
    assert found == {**steps, "kws_run": sum(run.instructions["kws_run"]) - sum(steps.values())}


def test_cycles_of_cortex_m4_by_hand(builder: FirmwareBuilder) -> None:
    """The functions of calls.c, each after the refill of the branch to it."""
    run, image = traced(builder, "calls.c", "cortex-m4", ("outer", "tail", "recursive", "looping"))
    round_of_loop = 1 + 1 + 1
    entry_of_recursion = 2 + (1 + 2) + 1 + 1 + 1
    assert estimate(run.edges, image, MODELS["CORTEX_M4"]) == {
        "outer": 2 * (2 + 1 + 1),
        "tail": 2 * (2 + 1 + 1 + 1),
        "recursive": 3 * entry_of_recursion + 2 * 1 + 3 * (2 + 1 + 2),
        "looping": (2 + round_of_loop) * 3 + 1,
    }


def test_a_loop_is_mispredicted_at_its_end(builder: FirmwareBuilder) -> None:
    run, _ = traced(builder, "calls.c", "cortex-m7", ("looping",))
    edges = {(edge.before == edge.after, edge.count, edge.mispredicted) for edge in run.edges}
    assert edges == {(False, 1, 0), (True, 2, 0), (False, 1, 1)}


def test_too_many_edges(builder: FirmwareBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_trace, "CAPACITY", 8)
    with pytest.raises(SconnxError) as caught:
        traced(builder, "layers.c", "cortex-m4", NAMES)
    assert (caught.value.code, caught.value.what) == (
        "E501",
        "the firmware has more than 4 edges between blocks of code",
    )
