# SPDX-License-Identifier: Apache-2.0
"""A bench of real files says what they say; its tables hold modes against each other and peers beside the same model only."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sconnx.bench.bench import SUMMARY, Bench, Measured, Row, make_bench
from sconnx.bench.page import bench_page
from sconnx.bench.peers import load_peers
from sconnx.bench.text import bench_text
from sconnx.export.lowered import read_lowered
from tests.tiny_pipeline import Pipeline

BUILT = {"folder": "build/x", "flags": ["-O2"], "input": "keep", "output": "arena", "externals": []}
KWS = next(model for model in load_peers().models if model.name == "kws")


def unknown(folder: str) -> float | None:
    return None


@pytest.fixture(scope="module")
def documents(pipeline: Pipeline) -> tuple[dict[str, Any], dict[str, Any]]:
    pipeline.run("run")
    report, run = (json.loads((pipeline.folder / f"{name}.json").read_text()) for name in ("report", "run"))
    return report, run


@pytest.fixture(scope="module")
def measured(pipeline: Pipeline, documents: tuple[dict[str, Any], dict[str, Any]]) -> Measured:
    lowered = read_lowered(pipeline.folder / "lowered.json")
    return Measured(lowered, *documents, file="tiny.tflite", sha256=KWS.sha256, built=BUILT)


@pytest.fixture(scope="module")
def bench(measured: Measured) -> Bench:
    return make_bench([measured], load_peers())


def in_modes(bench: Bench, **figures: tuple[int, int]) -> Bench:
    """The bench's row in each of the modes, with instructions and arena given."""
    (row,) = bench.rows
    rows = [
        replace(row, optimize=mode, instructions=instructions, estimated_cycles=None, activation_ram_bytes=arena)
        for mode, (instructions, arena) in figures.items()
    ]
    layers = [replace(layer, row=position) for position in range(len(rows)) for layer in bench.layers]
    return replace(bench, rows=tuple(rows), layers=tuple(layers))


def test_a_row_says_what_the_files_say(bench: Bench, documents: tuple[dict[str, Any], dict[str, Any]]) -> None:
    report, run = documents
    (row,) = bench.rows
    assert (row.model, row.file, row.peer, row.target) == ("tiny", "tiny.tflite", "kws", "cortex-m4")
    assert (row.instructions, row.macs, row.stack_bytes) == (
        run["instructions_per_inference"],
        run["macs"],
        run["stack_bytes"],
    )
    assert {key: getattr(row, key) for key in SUMMARY} == {key: report["summary"][key] for key in SUMMARY}
    assert sum(row.ram.values()) == row.total_ram_bytes
    assert sum(row.flash.values()) == row.total_flash_bytes
    assert row.estimated_cycles == run["estimated_cycles"] > row.instructions


def test_layers_are_all_nodes_with_what_was_counted(bench: Bench, documents: tuple[dict[str, Any], Any]) -> None:
    run = documents[1]
    counted = {layer["node"]: (layer["instructions"], layer["macs"]) for layer in run["layers"]}
    assert [layer.node for layer in bench.layers] == list(range(7))
    assert {layer.node: (layer.instructions, layer.macs) for layer in bench.layers if layer.implementation} == counted
    first = bench.layers[0]
    assert (first.operator, first.name, first.output_dims) == ("Conv2D", "n0", (1, 6, 5, 3))
    assert first.dims.endswith(" 6x5x3")


def test_estimated_cycles_are_taken_where_a_run_has_them(measured: Measured) -> None:
    layers = [{**layer, "estimated_cycles": 7} for layer in measured.run["layers"]]
    run = {**measured.run, "estimated_cycles": 1_234_567, "layers": layers}
    bench = make_bench([replace(measured, run=run)], load_peers())
    assert bench.rows[0].estimated_cycles == 1_234_567
    assert {layer.estimated_cycles for layer in bench.layers if layer.implementation} == {7}
    text = bench_text(bench, unknown)
    assert " est. cycles " in text and " 1,234,567 " in text
    assert "  cycles by layer, estimated: cortex-m4, zig " in text
    assert "\n| 0 | Conv2D | n0 | 7 |\n" in bench_page(bench)


def test_the_file_form(bench: Bench) -> None:
    assert Bench.from_json(json.loads(json.dumps(bench.to_json()))) == bench


def test_rows_come_by_model(measured: Measured) -> None:
    def named(model: str, target: str) -> Measured:
        build = {**measured.report["build"], "target": target}
        return replace(measured, run={**measured.run, "model": model}, report={**measured.report, "build": build})

    order = [named("b", "cortex-m7"), named("a", "cortex-m7"), named("b", "cortex-m4"), named("a", "cortex-m4")]
    rows = make_bench(order, load_peers()).rows
    assert [(row.model, row.target) for row in rows] == [
        ("b", "cortex-m7"),
        ("b", "cortex-m4"),
        ("a", "cortex-m7"),
        ("a", "cortex-m4"),
    ]


def test_modes_are_held_against_each_other(bench: Bench) -> None:
    lines = bench_text(in_modes(bench, speed=(1000, 300), balanced=(1095, 250), ram=(1200, 200)), unknown).splitlines()
    words = [line.split() for line in lines if line.startswith("    cortex-m4  ") and "%" in line]
    assert [(row[1], row[2], row[4], row[6], row[7]) for row in words] == [
        ("speed", "1,000", "100", "300", "150"),
        ("balanced", "1,095", "110", "250", "125"),
        ("ram", "1,200", "120", "200", "100"),
    ]
    alone = bench_text(in_modes(bench, balanced=(1095, 250)), unknown)
    assert " of speed " not in alone.split("Instructions are counted")[0] and "%" not in alone


def test_peers_are_shown_for_the_same_model_and_core_only(bench: Bench, measured: Measured) -> None:
    text = bench_text(bench, unknown)
    assert f"tiny (tiny.tflite): {KWS.title}" in text.splitlines()
    assert "    cortex-m4  TFLM + CMSIS-NN" in text and " 7,699,205 " in text
    assert "5.18 M" in text and "cortex-m7" not in text
    page = bench_page(bench)
    assert all(source.origin in page and source.counts in page for source in bench.sources)
    other = make_bench([replace(measured, sha256="0" * 64)], load_peers())
    assert (other.peers, other.sources, other.models) == ((), (), ())
    assert "CMSIS-NN" not in bench_text(other, unknown) + bench_page(other)


def test_the_console_form_fits(bench: Bench) -> None:
    large = in_modes(bench, **dict.fromkeys(("speed", "balanced", "ram"), (999_999_999, 999_999)))
    rows = tuple(replace(row, target="cortex-m0plus", macs=10**7, estimated_cycles=999_999_999) for row in large.rows)
    text = bench_text(replace(large, rows=rows), lambda folder: 123.4)
    assert text.isascii() and all(len(line) <= 130 and line == line.rstrip() for line in text.splitlines())
    assert text.count(" 123.4") == 3
    assert "instructions by layer, counted: cortex-m0plus, zig " in text


def test_layers_are_on_the_console_where_they_have_room(bench: Bench) -> None:
    (row,) = bench.rows
    cores = [f"cortex-m{number}" for number in range(10, 18)]
    layers = [replace(layer, row=position) for position in range(len(cores)) for layer in bench.layers]
    rows = tuple(replace(row, target=core) for core in cores)
    text = bench_text(replace(bench, rows=rows, layers=tuple(layers)), unknown)
    assert "by layer" not in text and "bench.md, or a bench of one model on one core." in text
    assert all(len(line) <= 130 for line in text.splitlines())
    assert "by layer" in bench_text(bench, unknown)


def test_the_page_has_every_build(bench: Bench) -> None:
    large = in_modes(bench, speed=(1000, 300), ram=(1200, 200))
    page = bench_page(large)
    (row,) = bench.rows
    assert f"### tiny, cortex-m4 on {row.board}, {row.toolchain}\n" in page
    assert "| node | operator | name | dims | MACs | speed | per MAC | ram | per MAC |" in page
    assert f"- cortex-m4, {row.toolchain}, optimize=ram: `-O2`\n" in page
    assert "| weights |" in page
    tables = [line for line in page.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in tables)


def test_rows_have_no_place_of_this_machine(bench: Bench) -> None:
    row: Row = bench.rows[0]
    assert not Path(row.folder).is_absolute() and "/" not in row.file
