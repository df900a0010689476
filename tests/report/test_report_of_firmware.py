# SPDX-License-Identifier: Apache-2.0
"""The report of a really linked firmware, held against the ELF file itself."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile

from sconnx.elf.image import read_image
from sconnx.errors import SconnxError
from sconnx.memory.buffers import buffers
from sconnx.memory.meminfo import read_plan
from sconnx.report.extents import extents
from sconnx.report.show import show
from sconnx.target.board import Board, load_board
from sconnx.target.cpu import load_cpu
from tests.tiny_pipeline import TARGET, Pipeline


@pytest.fixture(scope="module")
def report(pipeline: Pipeline) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((pipeline.folder / "report.json").read_text())
    return document


@pytest.fixture(scope="module")
def board() -> Board:
    return load_board("", load_cpu(TARGET))


def loaded_bytes(elf: Path, board: Board) -> dict[str, int]:
    """From the program headers alone: how many bytes of flash are programmed, and how many of RAM are reserved."""
    spans: dict[str, list[tuple[int, int]]] = {"flash": [], "ram": []}
    with elf.open("rb") as stream:
        for section in ELFFile(stream).iter_sections():
            if not section["sh_flags"] & 2 or not section["sh_size"]:
                continue
            kind = "ram" if board.ram.holds(section["sh_addr"]) else "flash"
            spans[kind].append((section["sh_addr"], section["sh_addr"] + section["sh_size"]))
    return {kind: sum(stop - start for start, stop in found) for kind, found in spans.items()}


def test_parts_sum_up_to_what_the_regions_have_in_use(pipeline: Pipeline, report: dict[str, Any], board: Board) -> None:
    image = read_image(pipeline.folder / "firmware.elf", board.regions)
    for region, key in ((board.ram, "ram"), (board.flash, "flash")):
        use = image.use(region.name)
        found = extents(image, region.name, ("tiny",))
        assert sum(extent.size_bytes for extent in found) == use.used_bytes + use.gap_bytes
        assert all(extent.size_bytes > 0 for extent in found)
        assert sum(part["size_bytes"] for part in report[key]) == use.used_bytes + use.gap_bytes
        assert report["summary"][f"total_{key}_bytes"] == use.used_bytes + use.gap_bytes
        row = next(row for row in report["regions"] if row["name"] == region.name)
        assert (row["used_bytes"], row["size_bytes"]) == (use.used_bytes + use.gap_bytes, region.size_bytes)


def test_the_totals_are_those_of_the_sections(pipeline: Pipeline, report: dict[str, Any], board: Board) -> None:
    loaded = loaded_bytes(pipeline.folder / "firmware.elf", board)
    for kind in ("ram", "flash"):
        gaps = next(part["size_bytes"] for part in report[kind] if part["part"] == "alignment gaps")
        assert report["summary"][f"total_{kind}_bytes"] - gaps == loaded[kind]


def test_every_part_is_what_it_says(pipeline: Pipeline, report: dict[str, Any]) -> None:
    sizes = {part["part"]: part["size_bytes"] for part in report["ram"]}
    plan = read_plan(pipeline.folder / "meminfo.json")
    assert (sizes["arena"], sizes["stack"]) == (plan.arena_bytes, 2048)
    flash = {part["part"]: part["size_bytes"] for part in report["flash"]}
    graph = pipeline.model.graph
    constants = [graph.tensors[index] for index in graph.constants]

    def in_fours(count: int) -> int:
        return -(-count // 4) * 4

    # Channels and the elements of each are packed in fours.
    weights = [tensor.dims for tensor in constants if tensor.dtype.value == "int8"]
    assert flash["weights"] == sum(in_fours(channels) * in_fours(math.prod(dims)) for channels, *dims in weights)
    biases = [tensor.size for tensor in constants if tensor.dtype.value == "int32"]
    assert flash["biases"] == sum(4 * in_fours(channels) for channels in biases)
    assert all(flash[part] > 0 for part in ("kernels", "generated code", "parameters and tables", "vector table"))
    summary = report["summary"]
    assert summary["activation_ram_bytes"] == report["plan_arena_bytes"] == plan.arena_bytes
    assert summary["weights_flash_bytes"] == flash["weights"] + flash["biases"]
    assert summary["weights_flash_bytes"] + summary["code_flash_bytes"] == summary["total_flash_bytes"]


def test_every_difference_to_the_plan_has_a_cause(report: dict[str, Any]) -> None:
    for region in report["regions"]:
        rows = [row for row in report["reconciliation"] if row["region"] == region["name"]]
        assert sum(row["elf_bytes"] for row in rows) == region["used_bytes"]
        assert region["plan_bytes"] + region["difference_bytes"] == region["used_bytes"]
        assert all(row["plan_bytes"] + row["difference_bytes"] == row["elf_bytes"] for row in rows)
        assert all(bool(row["cause"]) == bool(row["difference_bytes"]) for row in rows)
        assert rows[-1]["part"] == "unexplained"
        by_part = {row["part"]: row for row in rows}
        equal = {"ram": ("arena", "stack"), "flash": ("weights", "biases")}[region["kind"]]
        assert all(by_part[part]["difference_bytes"] == 0 < by_part[part]["plan_bytes"] for part in equal)
    assert (report["unexplained_bytes"], report["findings"]) == (0, [])


def test_the_layers_have_all_parameters(pipeline: Pipeline, report: dict[str, Any]) -> None:
    """Arrays as their rules pack them, and structs; kernels once each, whoever calls them."""
    flash = {part["part"]: part["size_bytes"] for part in report["flash"]}
    layers = report["layers"]
    params = sum(flash[part] for part in ("weights", "biases", "parameters and tables"))
    assert sum(layer["params_bytes"] for layer in layers) == params
    assert all(layer["params_plan_bytes"] + layer["struct_bytes"] == layer["params_bytes"] for layer in layers)
    assert sum(kernel["size_bytes"] for kernel in report["kernels"]) == flash["kernels"]
    assert all(kernel["layers"] for kernel in report["kernels"])
    users = {kernel["name"]: kernel["layers"] for kernel in report["kernels"]}
    assert users["sx_conv2d_packed_s8_tflite"] == ["tiny:0"]
    for layer in layers:
        mine = [kernel for kernel in report["kernels"] if f"tiny:{layer['node']}" in kernel["layers"]]
        assert layer["kernel_bytes"] == sum(kernel["size_bytes"] for kernel in mine)
        shared = [kernel for kernel in mine if len(kernel["layers"]) > 1]
        assert layer["kernel_shared_bytes"] == sum(kernel["size_bytes"] for kernel in shared)
    steps = read_plan(pipeline.folder / "meminfo.json").steps
    assert [layer["ram_bytes"] for layer in layers] == [sum(steps[layer["step"]].live_bytes) for layer in layers]


def test_the_stack(pipeline: Pipeline, report: dict[str, Any]) -> None:
    """As deep as the emulated program has been, which goes through all of its code."""
    stack = report["stack"]
    assert stack["reserved_bytes"] == 2048
    whole, of_run = stack["rows"]
    assert (whole["function"], of_run["function"]) == ("Reset_Handler", "tiny_run")
    painted = json.loads(pipeline.run("run")[0])["stack_bytes"]
    assert painted <= whole["size_bytes"] <= painted + 16
    assert sum(call["size_bytes"] for call in of_run["path"]) == of_run["size_bytes"] < whole["size_bytes"]
    text = (pipeline.folder / "report.txt").read_text()
    assert "\n  Stack by the deepest calls, interrupts not counted; reserved: 2,048\n    Reset_Handler  " in text


def test_layers_and_symbols(pipeline: Pipeline, report: dict[str, Any]) -> None:
    layers = report["layers"]
    assert [layer["operator"] for layer in layers] == [node.type for node in pipeline.model.graph.nodes]
    assert [layer["macs"] for layer in layers] == [30 * 3 * 18, 0, 0, 0, 0, 72, 0]
    assert layers[4]["implementation"] == "alias" and layers[4]["params_bytes"] == 0
    assert all(layer["params_bytes"] > 0 for i, layer in enumerate(layers) if i != 4)
    sizes = [symbol["size_bytes"] for symbol in report["symbols"]]
    assert sizes == sorted(sizes, reverse=True)
    parts = {symbol["name"]: symbol["part"] for symbol in report["symbols"]}
    assert parts["tiny_arena"] == "arena"
    assert parts["sx_conv2d_packed_s8_tflite"] == "kernels"
    assert parts["tiny_run"] == "generated code"
    assert parts["tiny_p0_weights"] == "weights"
    assert parts["tiny_p0_bias"] == "biases"
    assert parts["tiny_p0"] == "parameters and tables"
    assert parts["Reset_Handler"] == "start-up"


def test_the_text_of_the_report(pipeline: Pipeline, report: dict[str, Any]) -> None:
    text = (pipeline.folder / "report.txt").read_text()
    assert text.isascii() and all(line == line.rstrip() for line in text.splitlines())
    first, second = text.splitlines()[:2]
    version = pipeline.options["toolchain_version"]
    assert first == f"tiny for cortex-m4 on {report['build']['board']} (zig {version}, optimize=balanced, rule tflite)"
    assert second == "  7 layers, 1,692 MACs"
    for value in report["summary"].values():
        assert f" {value:,}" in text
    assert show(pipeline.folder / "report.json") == text.rstrip("\n")


def test_the_page_and_the_layers_tell_the_steps(pipeline: Pipeline, report: dict[str, Any]) -> None:
    plan = read_plan(pipeline.folder / "meminfo.json")
    step_of = {node.node: step for step, info in enumerate(plan.steps) for node in info.nodes}
    assert [layer["step"] for layer in report["layers"]] == [step_of[node] for node in range(7)]
    assert [layer["streams"] for layer in report["layers"]] == [plan.steps[step_of[n]].streams for n in range(7)]
    assert [mode["arena_bytes"] for mode in report["modes"] if mode["is_current"]] == [plan.arena_bytes]
    page = (pipeline.folder / "report.html").read_text()
    assert f"<b>{report['summary']['total_flash_bytes']:,}</b>" in page
    assert page.count('<g class="buffer ') == len(buffers(plan))


def test_every_file_has_its_console_form(pipeline: Pipeline) -> None:
    pipeline.run("run")
    pipeline.run("verify")
    pipeline.run("bench")
    pipeline.run("ops")
    folder = pipeline.folder
    shown = {name: show(folder / f"{name}.json").splitlines() for name in ("graph", "schedule", "meminfo", "run")}
    assert shown["graph"][0] == "tiny: 7 nodes, rule tflite"
    assert shown["graph"][2].split() == ["0", "Conv2D", "1x6x5x3", "n0"]
    plan = read_plan(folder / "meminfo.json")
    assert shown["schedule"][0] == f"{len(plan.steps) - 1} steps, optimize=balanced, input=keep, output=arena"
    assert shown["meminfo"][1].split()[:2] == ["ram", f"{plan.arena_bytes:,}"]
    assert " instructions per inference (counted), " in shown["run"][1] and "; stack " in shown["run"][1]
    run = json.loads((folder / "run.json").read_text())
    assert shown["run"][2].startswith(f"  about {run['estimated_cycles']:,} cycles (an estimate ")
    first, line = run["layers"][0], shown["run"][-len(run["layers"])].split()
    assert line[:3] == ["0", "Conv2D", f"{first['instructions']:,}"]
    assert line[4] == f"{first['estimated_cycles']:,}"
    assert show(folder / "verify.json") == (
        f"tiny on {shown['run'][0].split()[-1]}: bit-exact, rule tflite: 6 layers and all outputs of 3 vectors equal the"
        " reference"
    )
    assert show(folder / "bench.json").splitlines()[3].split()[0] == "cortex-m4"
    assert show(folder / "ops.json").splitlines()[0].split()[:3] == ["operator", "dtype", "cortex-m0plus"]


NO_FORM = (
    "x.json: error[E102]: the file has no console form"
    " (help: it may be: report, graph, import_check, quantization, schedule, meminfo, run, verify, ops, explain, history, diff,"
    " fleet, bench)"
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "x.json: error[E101]: cannot read the file: No such file or directory"),
        (b"{", NO_FORM),
        (b"[]", NO_FORM),
        (b'{"schema": "sconnx.lowered/1"}', NO_FORM),
        (b"\xff", NO_FORM),
    ],
)
def test_files_without_a_console_form(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "x.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SconnxError) as caught:
        show(path)
    assert str(caught.value) == message
