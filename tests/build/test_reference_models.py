# SPDX-License-Identifier: Apache-2.0
"""The MLPerf Tiny models, from file to emulated firmware: every layer and every golden output bit for bit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sconnx.emulate.available import emulated_cpus
from tests.build.scons_checkout import ROOT, Checkout, new_checkout

MODELS = ROOT.parent / "shared/models"
TFLITE = {
    name: MODELS / f"mlperf_tiny/{stem}.tflite"
    for name, stem in {
        "ic": "pretrainedResnet_quant",
        "kws": "kws_ref_model",
        "vww": "vww_96_int8",
        "ad": "ad01_int8",
    }.items()
}
ONNX = {name: MODELS / f"mlperf_tiny_onnx_qdq/{path.stem}.qdq.onnx" for name, path in TFLITE.items()}
FORMATS = {"tflite": TFLITE, "onnx": ONNX}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MODELS.is_dir(), reason="needs ../shared/models"),
]


@pytest.fixture(scope="module")
def checkouts(tmp_path_factory: pytest.TempPathFactory, zig_cache: Path) -> Callable[[str], Checkout]:
    """One checkout per toolchain, so that the kernels are compiled once per target."""
    made: dict[str, Checkout] = {}

    def checkout(toolchain: str) -> Checkout:
        if toolchain == "gcc" and shutil.which("arm-none-eabi-gcc") is None:
            pytest.skip("needs arm-none-eabi-gcc")
        if toolchain not in made:
            made[toolchain] = new_checkout(tmp_path_factory.mktemp(toolchain) / "checkout", zig_cache)
        return made[toolchain]

    return checkout


def verify(checkout: Checkout, model: Path, name: str, target: str, *arguments: str) -> int:
    """Every layer and every golden output; returns the activation RAM in the ELF."""
    vectors = model.with_name(f"{model.name}.golden.npz")
    arguments = (f"model={model}", f"name={name}", f"vectors={vectors}", f"target={target}", *arguments)
    checkout.build(*arguments, "report", "verify")
    folder = f"build/{target}/{name}"
    verdict = json.loads(checkout.path(f"{folder}/verify.json").read_text())
    assert verdict["exact"] is True
    assert verdict["vectors"] == verdict["golden_outputs"] == 3
    assert (verdict["layers"] > 0) == (target != "host")
    report = json.loads(checkout.path(f"{folder}/report.json").read_text())
    assert report["summary"]["activation_ram_bytes"] == report["plan_arena_bytes"]
    assert (report["unexplained_bytes"], report["findings"]) == (0, [])
    return int(report["plan_arena_bytes"])


LIMITS = {
    "optimize=ram": {"ic": 17_500, "kws": 6_600, "vww": 28_000, "ad": 800},
    "optimize=ram input=stream": {"ic": 15_200, "kws": 6_100, "vww": 14_700, "ad": 800},
}
"""Activation RAM in bytes, below every figure that is published for these models."""


@pytest.mark.parametrize("model", TFLITE)
@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("mode", LIMITS)
def test_ram_of_cortex_m7(checkouts: Callable[[str], Checkout], mode: str, file_format: str, model: str) -> None:
    path = FORMATS[file_format][model]
    ram_bytes = verify(checkouts("zig"), path, f"{model}_{file_format}", "cortex-m7", *mode.split(), "audit=1")
    assert ram_bytes <= LIMITS[mode][model]


@pytest.mark.parametrize("model", TFLITE)
@pytest.mark.parametrize(("file_format", "mode"), [("tflite", "optimize=ram input=stream"), ("onnx", "optimize=speed")])
def test_gcc_for_cortex_m7(checkouts: Callable[[str], Checkout], file_format: str, mode: str, model: str) -> None:
    path = FORMATS[file_format][model]
    verify(checkouts("gcc"), path, f"{model}_{file_format}", "cortex-m7", "toolchain=gcc", *mode.split())


@pytest.mark.parametrize("model", ["ad", "kws"])
@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("target", ["cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m33", "host"])
def test_other_targets(checkouts: Callable[[str], Checkout], target: str, file_format: str, model: str) -> None:
    verify(checkouts("zig"), FORMATS[file_format][model], f"{model}_{file_format}", target)


@pytest.mark.skipif("cortex-m55" not in emulated_cpus(), reason="qemu-system-arm is not installed")
@pytest.mark.parametrize(
    ("model", "file_format", "mode", "toolchain"),
    [
        ("ad", "onnx", "optimize=balanced", "zig"),
        ("kws", "tflite", "optimize=ram input=stream", "zig"),
        ("kws", "onnx", "optimize=speed", "gcc"),
        ("ic", "tflite", "optimize=speed", "gcc"),
        ("vww", "onnx", "optimize=balanced", "zig"),
    ],
)
def test_cortex_m55(
    checkouts: Callable[[str], Checkout], model: str, file_format: str, mode: str, toolchain: str
) -> None:
    given = (f"toolchain={toolchain}", *mode.split())
    verify(checkouts(toolchain), FORMATS[file_format][model], f"{model}_{file_format}", "cortex-m55", *given)


BOARD = """
cpus = ["cortex-m7"]
stack_bytes = 4096
[regions.flash]
kind = "flash"
origin = 0x08000000
size_bytes = 0x200000
[regions.qspi]
kind = "flash"
origin = 0x90000000
size_bytes = 0x800000
access_cycles = 6
[regions.sram]
kind = "ram"
origin = 0x20020000
size_bytes = 0x10000
access_cycles = 2
[regions.dtcm]
kind = "ram"
origin = 0x20000000
size_bytes = 0x4000
[regions.sdram]
kind = "ram"
origin = 0xC0000000
size_bytes = 0x800000
access_cycles = 8
"""


@pytest.mark.parametrize("model", TFLITE)
@pytest.mark.parametrize("weights", ["qspi", "dtcm:6K", "sdram:100K"])
def test_several_memories(checkouts: Callable[[str], Checkout], tmp_path: Path, model: str, weights: str) -> None:
    """A small fast RAM, one that does not hold all of the largest models, and a slow one; weights elsewhere."""
    board = tmp_path / "five.toml"
    board.write_text(BOARD)
    name = f"{model}_five"
    given = (f"board={board}", f"weights={weights}", "optimize=speed", "input=keep", "report")
    verify(checkouts("zig"), TFLITE[model], name, "cortex-m7", *given)
    folder = checkouts("zig").path(f"build/cortex-m7/{name}")
    plan, report = (json.loads((folder / file).read_text()) for file in ("meminfo.json", "report.json"))
    used = {row["name"]: row["used_bytes"] for row in report["regions"]}
    for arena in plan["arenas"]:
        assert arena["size_bytes"] <= used[arena["region"]]
    region, _, limit = weights.partition(":")
    moved = sum(place["size_bytes"] for place in plan["parameters"])
    assert {place["region"] for place in plan["parameters"]} == {region}
    assert 0 < moved <= (int(limit.removesuffix("K")) * 1024 if limit else used["qspi"])
    assert sum(used[name] for name in ("sram", "dtcm", "sdram")) == report["summary"]["total_ram_bytes"]
