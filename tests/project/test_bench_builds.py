# SPDX-License-Identifier: Apache-2.0
"""The builds of a bench: what is built for which arguments, in which folders, and the messages for what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sconnx.emulate.available import emulated_cpus
from sconnx.errors import SconnxError
from sconnx.project.bench import REFERENCE_MODELS, bench_builds, bench_options, firmwares
from sconnx.project.settings import parse_settings
from sconnx.target.board import load_board
from sconnx.target.cpu import HOST, cpu_names, load_cpu

MODEL = "examples/mnist/mnist.onnx"


def test_all_emulated_cpus_in_all_modes_with_inputs_kept() -> None:
    builds = bench_builds({"model": MODEL}, ["bench"])
    asked = [(build.toolchain, build.target, build.optimize) for build in builds]
    assert asked == [("zig", cpu, mode) for cpu in emulated_cpus() for mode in ("speed", "balanced", "ram")]
    assert {build.input for build in builds} == {"keep"}
    assert all(build.collection == "bench" and not build.concurrent for build in builds)


def test_emulated_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = {name: load_board(load_cpu(name).board, load_cpu(name)).run for name in cpu_names()}
    assert HOST not in emulated_cpus()
    monkeypatch.setattr(shutil, "which", lambda program: None)
    assert emulated_cpus() == tuple(name for name, run in runs.items() if run == "unicorn")


def test_lists_are_a_product_without_repetitions() -> None:
    arguments = {
        "model": MODEL,
        "target": "cortex-m4,cortex-m0plus,cortex-m4,",
        "toolchain": "zig",
        "optimize": "ram,speed",
    }
    builds = bench_builds({**arguments, "input": "stream"}, ["bench"])
    assert [(build.target, build.optimize, build.input) for build in builds] == [
        ("cortex-m4", "ram", "stream"),
        ("cortex-m4", "speed", "stream"),
        ("cortex-m0plus", "ram", "stream"),
        ("cortex-m0plus", "speed", "stream"),
    ]


def test_each_model_is_a_firmware_of_its_own(tmp_path: Path) -> None:
    for name in ("a.onnx", "b.tflite"):
        (tmp_path / name).touch()
    arguments = {"model": "a.onnx,b.tflite", "target": "cortex-m3", "optimize": "speed", "concurrent": "1"}
    (build,) = bench_builds(arguments, ["bench"], tmp_path)
    assert [[model.path for model in each.models] for each in firmwares(build)] == [["a.onnx"], ["b.tflite"]]
    assert build.planned_together == tuple(each.models for each in firmwares(build))
    rows = bench_options([build])["rows"]
    assert [row["folder"] for row in rows] == [f"build/bench/zig-speed/cortex-m3/{name}" for name in "ab"]
    assert all("-O2" in row["flags"] and "-mcpu=cortex_m3" in row["flags"] for row in rows)


def test_folders_of_other_builds_are_as_they_were() -> None:
    assert parse_settings({}).folder == "build/cortex-m7"


def test_reference_models_come_first_where_they_are(tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    (root / "examples/mnist").mkdir(parents=True)
    (root / MODEL).touch()
    assert [model.path for model in bench_builds({}, ["bench"], root)[0].models] == [MODEL]
    (root / REFERENCE_MODELS).mkdir(parents=True)
    for name in ("kws_ref_model", "ad01_int8", "another"):
        (root / REFERENCE_MODELS / f"{name}.tflite").touch()
    found = [(model.name, Path(model.path).name) for model in bench_builds({}, ["bench"], root)[0].models]
    assert found == [("kws", "kws_ref_model.tflite"), ("ad", "ad01_int8.tflite")]
    assert [model.path for model in bench_builds({"model": MODEL}, ["bench"], root)[0].models] == [MODEL]


@pytest.mark.parametrize(
    ("arguments", "targets", "message"),
    [
        ({}, ["run", "bench"], "error[E701]: bench builds firmwares of its own, not 'run' (help: call it alone)"),
        (
            {"target": "cortex-m7,cortex-m8", "optimize": "speed,fast"},
            ["bench"],
            "error[E701]: unknown value 'fast' of optimize= (help: one of: speed, balanced, ram)\n"
            "error[E701]: unknown value 'cortex-m8' of target= (help: did you mean 'cortex-m7'?)",
        ),
        ({"limit": "x"}, ["bench"], "error[E702]: limit=x is no number of seconds"),
    ],
)
def test_messages(arguments: dict[str, str], targets: list[str], message: str) -> None:
    with pytest.raises(SconnxError) as caught:
        bench_builds({"model": MODEL, **arguments}, targets)
    assert str(caught.value) == message
