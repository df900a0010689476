# SPDX-License-Identifier: Apache-2.0
"""A linked firmware held against the library in it: what was kept, arenas by any name, and what cannot be."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sconnx.elf.archive import read_archive
from sconnx.elf.image import ElfImage, Symbol, read_image
from sconnx.errors import SconnxError
from sconnx.memory.meminfo import MemoryPlan, read_plan
from sconnx.project.budgets import stack_budgets
from sconnx.report.linked import APPLICATION, Linked, check_stacks, linked, linked_text
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from tests.tiny_pipeline import TARGET, Pipeline

BOARD = load_board("", load_cpu(TARGET))


@pytest.fixture(scope="module")
def firmware(pipeline: Pipeline) -> ElfImage:
    return read_image(pipeline.folder / "firmware.elf")


@pytest.fixture(scope="module")
def library(pipeline: Pipeline) -> ElfImage:
    return read_archive(pipeline.folder / "libtiny.a", BOARD, ())


@pytest.fixture(scope="module")
def plan(pipeline: Pipeline) -> MemoryPlan:
    return read_plan(pipeline.folder / "meminfo.json")


def held(image: ElfImage, library: ElfImage, plan: MemoryPlan, arena: str = "") -> Linked:
    return linked(image, library, {"tiny": plan}, region=BOARD.stack_region, arena=arena)


def changed(image: ElfImage, of: str, **fields: object) -> ElfImage:
    """The firmware with other fields of a symbol."""

    def symbol(each: Symbol) -> Symbol:
        return replace(each, **fields) if each.name == of else each  # type: ignore[arg-type]

    return replace(image, symbols=tuple(symbol(each) for each in image.symbols))


def problem(image: ElfImage, library: ElfImage, plan: MemoryPlan, arena: str = "") -> str:
    with pytest.raises(SconnxError) as caught:
        held(image, library, plan, arena)
    return str(caught.value)


def test_what_the_linker_kept(firmware: ElfImage, library: ElfImage, plan: MemoryPlan, pipeline: Pipeline) -> None:
    report = held(firmware, library, plan)
    (arena,) = report.arenas
    assert (arena.symbol, arena.size_bytes, arena.plan_bytes) == ("tiny_arena", plan.arena_bytes, plan.arena_bytes)
    # Our own report of the same firmware, which knows each symbol by its place on the board.
    own = {part["part"]: part["size_bytes"] for part in pipeline_report(pipeline)["flash"]}
    for part in ("weights", "biases", "parameters and tables", "generated code"):
        assert report.flash.get(part, 0) == own[part], part
    assert report.flash["kernels"] <= own["kernels"]
    assert sum(report.flash.values()) == report.total_flash_bytes
    assert report.flash[APPLICATION] >= own["start-up"] + own["vector table"]
    text = linked_text(report)
    assert text.startswith("tiny in firmware.elf\n\n  RAM ")
    assert f"    tiny_arena         {plan.arena_bytes}  plan {plan.arena_bytes} of tiny\n" in text


def pipeline_report(pipeline: Pipeline) -> dict[str, list[dict[str, int]]]:
    return dict(json.loads((pipeline.folder / "report.json").read_text()))


def test_budgets_of_a_stack_that_is_not_ours(firmware: ElfImage, library: ElfImage, plan: MemoryPlan) -> None:
    report = linked(firmware, library, {"tiny": plan}, region=BOARD.stack_region, with_stacks=True)
    [stack] = report.stacks
    used_bytes = stack.size_bytes
    assert used_bytes == sum(size_bytes for _, size_bytes in stack.calls) > 0
    check_stacks(report, stack_budgets(str(used_bytes), ["tiny"]))
    with pytest.raises(SconnxError) as caught:
        check_stacks(report, stack_budgets(f"tiny:{used_bytes - 1}", ["tiny"]))
    largest = ", ".join(f"{name} {size_bytes}" for name, size_bytes in stack.calls[:5])
    assert str(caught.value) == (
        f"firmware.elf: error[E410]: stack budget of tiny exceeded: requested {used_bytes}, available {used_bytes - 1}, "
        f"missing 1 bytes: largest: {largest} (help: raise stack=tiny:)"
    )
    assert [str(each) for each in stack_budgets("600", ["kws", "vad"])] == ["stack of kws", "stack of vad"]
    with pytest.raises(SconnxError, match=r"E702.*stack=voice:600 is no budget"):
        stack_budgets("voice:600", ["kws"])


def test_an_arena_has_any_name(firmware: ElfImage, library: ElfImage, plan: MemoryPlan) -> None:
    image = changed(firmware, "tiny_arena", name="pool", size_bytes=plan.arena_bytes + 8)
    assert held(image, library, plan, "pool").arenas[0].size_bytes == plan.arena_bytes + 8
    assert problem(image, library, plan) == (
        "firmware.elf: error[E503]: the arena of tiny is not in the firmware: there is no 'tiny_arena' "
        "(help: say what it is called: arena='...', or call it so)"
    )
    small = changed(firmware, "tiny_arena", size_bytes=plan.arena_bytes - 4)
    assert problem(small, library, plan) == (
        f"firmware.elf: error[E301]: 'tiny_arena' has {plan.arena_bytes - 4:,} bytes, tiny needs "
        f"{plan.arena_bytes:,} (help: give it TINY_ARENA_BYTES)"
    )


def test_a_firmware_without_the_model(firmware: ElfImage, library: ElfImage, plan: MemoryPlan) -> None:
    assert problem(changed(firmware, "tiny_run", name="other"), library, plan) == (
        "firmware.elf: error[E503]: 'tiny' is not in the firmware: nothing calls tiny_run "
        "(help: link its library, and call it)"
    )


def test_a_firmware_of_another_library(firmware: ElfImage, library: ElfImage, plan: MemoryPlan) -> None:
    weights = next(symbol for symbol in firmware.symbols if symbol.name.endswith("_weights"))
    image = changed(firmware, weights.name, size_bytes=weights.size_bytes + 4)
    assert problem(image, library, plan) == (
        f"firmware.elf: error[E301]: '{weights.name}' has {weights.size_bytes + 4:,} bytes, in the library "
        f"{weights.size_bytes:,}: the firmware was not linked with this library"
    )


def test_an_arena_of_several_models(firmware: ElfImage, library: ElfImage, plan: MemoryPlan) -> None:
    """Taking turns they need the larger of two, together the sum."""
    both = tuple(replace(each, name=each.name.replace("tiny", "other")) for each in firmware.symbols)
    image = changed(replace(firmware, symbols=(*firmware.symbols, *both)), "tiny_arena", name="pool")
    smaller = replace(plan, arenas=(replace(plan.arenas[0], size_bytes=plan.arena_bytes - 4),))
    turns = linked(image, library, {"tiny": plan, "other": smaller}, region=BOARD.stack_region, arena="pool")
    assert [(row.models, row.plan_bytes) for row in turns.arenas] == [(("tiny", "other"), plan.arena_bytes)]
    names = ("tiny", "other")
    together = {"tiny": replace(plan, together=names), "other": replace(smaller, together=names)}
    with pytest.raises(SconnxError) as caught:
        linked(image, library, together, region=BOARD.stack_region, arena="pool")
    assert str(caught.value) == (
        f"firmware.elf: error[E301]: 'pool' has {plan.arena_bytes} bytes, tiny and other need {2 * plan.arena_bytes - 4} "
        "(help: give it TINY_ARENA_BYTES and OTHER_ARENA_BYTES)"
    )
