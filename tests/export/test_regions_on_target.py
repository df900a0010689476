# SPDX-License-Identifier: Apache-2.0
"""Firmware for a board with five memories: tensors and weights where the plan has them, and the same bits as ever."""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile

from sconnx.codegen.packed_sizes import read_packed
from sconnx.elf.image import ElfImage, Symbol, read_image
from sconnx.emulate.firmware import observe
from sconnx.emulate.vectors import seeded_vectors
from sconnx.frontend.tflite.importer import read_tflite
from sconnx.graph.model import Model
from sconnx.memory.meminfo import MemoryPlan, ParameterPlace
from sconnx.memory.parameters import parameter_bytes
from sconnx.report.assemble import make_report
from sconnx.report.compare import verify
from sconnx.report.joined import Exported as ExportedModel
from sconnx.report.parts import PartSize
from sconnx.report.report import Build, Report
from sconnx.report.text import report_text
from sconnx.target.toolchain import find_toolchain
from tests.build.scons_checkout import ROOT
from tests.export.outside import blocks
from tests.export.workshop import Exported, Workshop
from tests.networks.branches import depthwise_pairs, residual_net, two_branch_net
from tests.tiny_models import tiny_model

TOOLCHAINS = pytest.mark.parametrize("toolchain", ["zig", "gcc"])
NETWORKS = {"residual": residual_net, "branches": two_branch_net, "pairs": depthwise_pairs}
# The RAM of the stack is neither the first in the file by address nor the fastest.
BOARD = """
description = "two flashes, three RAMs"
cpus = ["cortex-m7"]
stack_bytes = 2048
[regions.flash]
kind = "flash"
origin = 0x08000000
size_bytes = 0x100000
[regions.qspi]
kind = "flash"
origin = 0x90000000
size_bytes = 0x100000
access_cycles = 6
[regions.sram]
kind = "ram"
origin = 0x20020000
size_bytes = 0x8000
access_cycles = 2
[regions.dtcm]
kind = "ram"
origin = 0x20000000
size_bytes = 0x4000
[regions.sdram]
kind = "ram"
origin = 0xC0000000
size_bytes = 0x100000
access_cycles = 8
"""


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("board") / "five.toml"
    path.write_text(BOARD)
    return str(path)


@functools.cache
def network(name: str, folder: Path) -> Model:
    path = folder / f"{name}.tflite"
    path.write_bytes(NETWORKS[name]())
    return read_tflite(path, name)


def image_of(exported: Exported) -> ElfImage:
    return read_image(exported.folder / "firmware.elf", exported.firmware.board.regions)


def report_of(exported: Exported, plan: MemoryPlan | None = None) -> Report:
    build = Build(
        model=exported.model.graph.name,
        target=exported.target,
        board="five",
        toolchain="",
        toolchain_version="",
        optimize="balanced",
    )
    packed = read_packed(exported.folder / "packed.json")
    model = ExportedModel(lowered=exported.lowered, plan=plan or exported.plan, packed=packed)
    return make_report(image_of(exported), [model], exported.firmware.board, build)


def check(exported: Exported) -> Report:
    """Every layer and output is exact; arenas and weights are where the plan has them; the report adds up."""
    firmware = exported.firmware
    vectors = seeded_vectors(firmware.interface)
    verify(firmware, exported.model, vectors, observe(firmware, vectors, layers=True), "seeded")
    image, plan, model = image_of(exported), exported.plan, exported.model.graph.name
    for arena in plan.arenas:
        name = f"{model}_arena" if arena.region == firmware.board.stack_region else f"{model}_arena_{arena.region}"
        symbol = image.symbol(name)
        assert (symbol.region, symbol.size_bytes) == (arena.region, arena.size_bytes)
        assert symbol.address % 4 == 0
    planned = {place.node: place.region for place in plan.parameters}
    for node, symbol in weights(image, model):
        assert symbol.region == planned.get(node, "flash"), symbol.name
    report = report_of(exported)
    assert (report.findings, report.unexplained_bytes) == ((), 0)
    for region in report.regions:
        rows = [row for row in report.reconciliation if row.region == region.name]
        assert sum(row.elf_bytes for row in rows) == region.used_bytes == region.plan_bytes + region.difference_bytes
        assert all(row.cause for row in rows if row.difference_bytes)
    assert report.summary.activation_ram_bytes == plan.arena_bytes == sum(arena.size_bytes for arena in plan.arenas)
    gaps = {kind: size_of(getattr(report, kind), "alignment gaps") for kind in ("ram", "flash")}
    allocated = sections(exported)
    assert report.summary.total_ram_bytes == allocated["ram"] + gaps["ram"]
    assert report.summary.total_flash_bytes == allocated["flash"] + gaps["flash"]
    assert max(gaps.values()) < 64
    assert sum(row.used_bytes for row in report.regions if row.kind == "ram") == report.summary.total_ram_bytes
    assert sum(row.used_bytes for row in report.regions if row.kind == "flash") == report.summary.total_flash_bytes
    return report


def weights(image: ElfImage, model: str) -> list[tuple[int, Symbol]]:
    """(node, array) of all weights and biases."""
    found = []
    for symbol in image.symbols:
        words = symbol.name.removeprefix(f"{model}_p").split("_")
        if symbol.name.startswith(f"{model}_p") and words[-1] in ("weights", "bias") and words[0].isdigit():
            found.append((int(words[0]), symbol))
    assert found
    return found


def size_of(parts: Iterable[PartSize], name: str) -> int:
    return sum(part.size_bytes for part in parts if part.part == name)


def sections(exported: Exported) -> dict[str, int]:
    """Bytes of RAM and flash from the section headers alone: what has a place in RAM and contents has a place in flash too."""
    sizes = {"ram": 0, "flash": 0}
    with (exported.folder / "firmware.elf").open("rb") as stream:
        for section in ELFFile(stream).iter_sections():
            if section["sh_flags"] & 2:
                kind = "flash" if section["sh_addr"] >> 28 in (0, 9) else "ram"
                sizes[kind] += section["sh_size"]
                if kind == "ram" and section["sh_type"] == "SHT_PROGBITS":
                    sizes["flash"] += section["sh_size"]
    return sizes


@TOOLCHAINS
@pytest.mark.parametrize("optimize", ["speed", "ram"])
@pytest.mark.parametrize("name", NETWORKS)
def test_networks_in_several_memories(workshop: Workshop, board: str, name: str, optimize: str, toolchain: str) -> None:
    """Half of what the model needs in one memory is what the fast one may have, a quarter the next."""
    model = network(name, workshop.folder)
    alone = workshop.export(model, planning={"optimize": optimize}, toolchain=toolchain).plan.arena_bytes
    limits = (("dtcm", alone // 2), ("sram", alone // 4), ("sdram", None))
    planning = {"optimize": optimize, "memories": limits, "weights": ("dtcm", 1000)}
    exported = workshop.export(model, planning=planning, board=board, toolchain=toolchain)
    check(exported)
    sizes = {arena.region: arena.size_bytes for arena in exported.plan.arenas}
    assert list(sizes) in (["dtcm", "sram", "sdram"], ["dtcm", "sdram"])
    assert sizes["dtcm"] <= alone // 2 and sizes.get("sram", 0) <= alone // 4
    assert exported.text("main.c").count(f"sizeof {name}_arena") == len(sizes)
    assert f"{len(sizes)} arenas of the sizes below, each in its memory" in exported.text(f"{name}.h")


@pytest.mark.parametrize("policy", ["clobber", "stream"])
def test_policies_in_several_memories(workshop: Workshop, board: str, policy: str) -> None:
    model = network("pairs", workshop.folder)
    planning = {"optimize": "ram", "memories": (("dtcm", 600), ("sdram", None))}
    check(workshop.export(model, planning=planning, board=board, policy=policy))


def test_outputs_of_the_caller_in_several_memories(workshop: Workshop, board: str) -> None:
    model = network("branches", workshop.folder)
    exported = workshop.export(
        model, planning={"memories": (("dtcm", 8000), ("sram", None)), "output": "caller"}, board=board
    )
    report = check(exported)
    assert {mem.region for mem in exported.plan.tensors} == {"dtcm", "sram", "caller"}
    assert size_of(report.ram, "caller's outputs") == 10


def test_pinned_tensors_are_where_they_were_pinned(workshop: Workshop, board: str) -> None:
    exported = workshop.export(tiny_model(), planning={"pins": (("x", "sdram"), ("t6", "sram"))}, board=board)
    check(exported)
    names = {tensor.name: index for index, tensor in enumerate(exported.lowered.graph.tensors) if tensor.name}
    regions = {name: exported.plan.by_tensor()[names[name]].region for name in ("x", "t6", "t2")}
    assert regions == {"x": "sdram", "t6": "sram", "t2": "dtcm"}
    assert [arena.region for arena in exported.plan.arenas] == ["dtcm", "sram", "sdram"]


@TOOLCHAINS
@pytest.mark.parametrize(
    ("chosen", "all_of_them"),
    [(("qspi", None), True), (("sdram", None), True), (("sram", 1500), False), (("dtcm", 800), False)],
)
def test_weights_elsewhere(
    workshop: Workshop, board: str, toolchain: str, chosen: tuple[str, int | None], all_of_them: bool
) -> None:
    region, limit = chosen
    model = network("pairs", workshop.folder)
    exported = workshop.export(model, planning={"weights": chosen}, board=board, toolchain=toolchain)
    report = check(exported)
    lowered, image = exported.lowered, image_of(exported)
    moved = {place.node for place in exported.plan.parameters}
    with_weights = {node for node in range(len(lowered.choices)) if parameter_bytes(lowered, node)}
    assert moved == with_weights if all_of_them else 0 < len(moved) < len(with_weights)
    section = image.find_section(f".weights_{region}")
    assert section is not None
    planned = sum(parameter_bytes(lowered, node) for node in moved)
    assert section.size_bytes == planned
    assert limit is None or planned <= limit
    is_ram = region != "qspi"
    assert (section.region, section.load_region, section.kind) == (region, "flash" if is_ram else region, "rodata")
    assert (section.load_address or 0) % 4 == 0
    sizes = {part.part: part.size_bytes for part in report.ram}
    assert sizes["weights"] + sizes["biases"] == (planned if is_ram else 0)
    assert size_of(report.flash, "weights") + size_of(report.flash, "biases") == report.summary.weights_flash_bytes
    total = sum(parameter_bytes(lowered, node) for node in with_weights)
    assert 0 <= total - report.summary.weights_flash_bytes < 4 * 2 * len(with_weights)
    table = report_text(report).partition(f"  {region}, by what it is for")[2].partition("\n\n")[0]
    assert "    weights " in table


def test_the_board_of_the_page(workshop: Workshop, tmp_path: Path) -> None:
    (text,) = (text for path, _, text in blocks(ROOT / "docs/boards.md") if path == "stm32h743.toml")
    (tmp_path / "stm32h743.toml").write_text(text)
    planning = {"memories": (("dtcm", 2048), ("axi", None)), "weights": ("qspi", None), "pins": (("input", "axi"),)}
    exported = workshop.export(
        network("branches", workshop.folder), planning=planning, board=str(tmp_path / "stm32h743.toml")
    )
    check(exported)
    assert [arena.region for arena in exported.plan.arenas] == ["dtcm", "axi"]
    assert {place.region for place in exported.plan.parameters} == {"qspi"}


def test_weights_leave_less_for_tensors(workshop: Workshop, board: str) -> None:
    model = network("residual", workshop.folder)
    plain = workshop.export(model, board=board, planning={"optimize": "speed"})
    exported = workshop.export(model, board=board, planning={"optimize": "speed", "weights": ("dtcm", None)})
    check(exported)
    assert [arena.region for arena in plain.plan.arenas] == ["dtcm"]
    assert [arena.region for arena in exported.plan.arenas] == ["dtcm", "sram"]


def test_the_parameters_do_not_depend_on_the_plan(workshop: Workshop, board: str) -> None:
    """Only the small header beside them does."""
    planning: list[Mapping[str, Any]] = [{}, {"weights": ("dtcm", 100)}, {"memories": (("dtcm", 100), ("sram", None))}]
    made = [workshop.export(tiny_model(), planning=options, board=board) for options in planning]
    assert len({exported.text("tiny_params.c") for exported in made}) == 1
    assert made[0].text("tiny_sections.h") == made[2].text("tiny_sections.h")
    macros = [line for line in made[1].text("tiny_sections.h").splitlines() if "_PLACE" in line]
    assert macros[0] == '#define TINY_P0_PLACE SX_SECTION(".weights_dtcm")'
    assert set(macros[1:]) == {f"#define TINY_P{node}_PLACE" for node in (1, 2, 3, 5, 6)}


def test_a_firmware_of_another_plan(workshop: Workshop, board: str) -> None:
    exported = workshop.export(tiny_model(), planning={"weights": ("dtcm", 100)}, board=board)

    def told(plan: MemoryPlan) -> list[str]:
        return [f"{finding.code} {finding.what}" for finding in report_of(exported, plan).findings]

    def elsewhere(region: str) -> list[str]:
        where = f"lies in dtcm, the memory plan has it in {region}"
        return [f"E301 'tiny_p0_{array}' {where}" for array in ("weights", "bias")]

    assert told(exported.plan) == []
    assert told(
        replace(exported.plan, parameters=(ParameterPlace(node=0, region="qspi", size_bytes=68),))
    ) == elsewhere("qspi")
    assert told(replace(exported.plan, parameters=())) == elsewhere("flash")


@TOOLCHAINS
def test_more_weights_than_planned_do_not_link(workshop: Workshop, board: str, toolchain: str, tmp_path: Path) -> None:
    """A rule may pack more than the constants of its node."""
    exported = workshop.export(tiny_model(), planning={"weights": ("dtcm", 100)}, board=board, toolchain=toolchain)
    script = exported.text("link.ld")
    assert script.count("SIZEOF(.weights_dtcm) <= 96,") == 1
    changed = tmp_path / "link.ld"
    changed.write_text(script.replace("<= 96,", "<= 92,"))
    objects = workshop.objects_of(exported)
    command = find_toolchain(toolchain, exported.firmware.cpu).link_command(
        str(tmp_path / "a.elf"), objects, str(changed)
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "a rule packs more weights than its node has: no place in dtcm" in done.stderr
