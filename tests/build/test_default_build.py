# SPDX-License-Identifier: Apache-2.0
"""The example's build as a user meets it: what each command prints, makes and leaves alone."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from sconnx.export.lowered import read_lowered
from sconnx.project.variables import ALIASES, variables
from tests.build.scons_checkout import ROOT, Checkout, Outcome

FOLDER = "build/cortex-m7/mnist"
STEPS = {
    "IMPORT mnist/graph.json",
    "LOWER mnist/lowered.json",
    "SCHEDULE mnist/schedule.json",
    "MEMORY mnist/meminfo.json",
    "GENERATE mnist/mnist.h",
    "PARAMS mnist/mnist_params.c",
    "CC mnist/mnist.o",
    "CC mnist/mnist_params.o",
    "ARCHIVE mnist/libmnist.a",
    "FIRMWARE mnist/firmware/main.c",
    "CC mnist/firmware/main.o",
    "CC mnist/firmware/float32.o",
    "CC mnist/firmware/startup.o",
    "CC mnist/firmware/runtime.o",
    "CC mnist/firmware/semihosting.o",
    "LINK mnist/firmware.elf",
    "INSPECT mnist/report.json",
    "BUDGET mnist/budget.json",
}
# What an alias prints when its files are up to date.
SHOWN = {
    "graph": r"mnist: \d nodes, rule onnx\n  node  operator .*\n +0  Conv2D +1x14x14x5 +/conv1/Conv\n",
    "schedule": r"\d steps, optimize=balanced, input=keep, output=arena\n  step  nodes\n",
    "meminfo": r"  arena +bytes  lower bound +gap  method\n  ram +[\d,]+ .*\n\n  ram: peak at step \d of \d, ",
    "sources": r"scons: `sources' is up to date\.\n",
    "library": r"scons: `library' is up to date\.\n",
    "firmware": r"scons: `firmware' is up to date\.\n",
    "report": r"mnist for cortex-m7 on mps2-an500 \(zig [\d.]+, optimize=balanced, rule onnx\)\n",
    "verify": r"mnist on mps2-an500: bit-exact, rule onnx: \d layers and all outputs of 3 vectors equal the reference\n",
}


def used_objects(checkout: Checkout) -> set[str]:
    """`<lib>/<file>` of the kernels in lowered.json, and what comes with their libs."""
    kernels = read_lowered(checkout.path(f"{FOLDER}/lowered.json")).kernels
    always = [path for lib, _ in kernels for path in checkout.root.glob(f"kernels/{lib}/static/*.c")]
    return {f"{lib}/{file}" for lib, file in kernels} | {f"{path.parts[-3]}/static/{path.stem}" for path in always}


def test_first_build(first_build: tuple[Checkout, Outcome]) -> None:
    checkout, outcome = first_build
    repeated = {step: count for step, count in Counter(outcome.steps).items() if count > 1}
    assert not repeated
    kernels = {step for step in outcome.steps if step.startswith("CC kernels/")}
    assert set(outcome.steps) - kernels == STEPS
    assert {step.removeprefix("CC kernels/").removesuffix(".o") for step in kernels} == used_objects(checkout)
    report = checkout.path(f"{FOLDER}/report.txt").read_text()
    assert outcome.output.endswith(report.rstrip("\n") + "\n")
    printed = outcome.output.removesuffix(report.rstrip("\n") + "\n")
    assert len(printed.splitlines()) == len(outcome.steps), "other lines than those of the steps"


def test_report_summary(built: Checkout) -> None:
    summary = built.document("report.json", "sconnx.report/2")["summary"]
    names = ["activation_ram_bytes", "total_ram_bytes", "weights_flash_bytes", "code_flash_bytes", "total_flash_bytes"]
    assert [type(summary[name]) for name in names] == [int] * 5
    assert summary["activation_ram_bytes"] == built.document("meminfo.json", "sconnx.meminfo/2")["arena_bytes"]


def test_second_build_runs_nothing(built: Checkout) -> None:
    before = built.built()
    outcome = built.build()
    expected = ["scons: `firmware' is up to date.", "scons: `report' is up to date."]
    assert sorted(outcome.output.splitlines()) == expected
    assert built.scons("-q").status == 0
    assert built.built() == before


@pytest.mark.parametrize("alias", SHOWN)
def test_alias_of_what_is_built(built: Checkout, alias: str) -> None:
    outcome = built.build(alias)
    assert outcome.steps == []
    assert re.match(SHOWN[alias], outcome.output), outcome.output


def test_aliases_build_no_more_than_they_need(fresh_checkout: Callable[[str], Checkout]) -> None:
    checkout = fresh_checkout("fresh")

    def added(alias: str) -> set[str]:
        return {step for step in checkout.build(alias).steps if not step.startswith("CC ")}

    assert added("graph") == {"IMPORT mnist/graph.json"}
    assert added("schedule") == {"LOWER mnist/lowered.json", "SCHEDULE mnist/schedule.json"}
    assert added("meminfo") == {"MEMORY mnist/meminfo.json"}
    assert added("sources") == {"GENERATE mnist/mnist.h", "PARAMS mnist/mnist_params.c"}
    assert checkout.built("build/cortex-m7/kernels") == {}
    assert added("library") == {"ARCHIVE mnist/libmnist.a"}
    made = {"FIRMWARE mnist/firmware/main.c", "LINK mnist/firmware.elf"}
    assert added("firmware") == made
    outcome = checkout.build("report")
    assert outcome.steps == ["INSPECT mnist/report.json", "BUDGET mnist/budget.json"]
    assert outcome.output.count("mnist for cortex-m7") == 1
    assert checkout.scons("-q").status == 0


def test_run(checkout: Checkout) -> None:
    outcome = checkout.build("run")
    assert outcome.steps == ["RUN mnist/run.json"]
    run = checkout.document("run.json", "sconnx.run/1")
    assert f"  {run['instructions_per_inference']:,} instructions per inference (counted)" in outcome.output
    assert f"  output logits: {run['outputs']['logits']}\n" in outcome.output
    assert 0 < sum(layer["instructions"] or 0 for layer in run["layers"]) <= run["instructions_per_inference"]


def test_ops(checkout: Checkout) -> None:
    outcome = checkout.build("ops")
    assert outcome.steps == ["OPS build/ops.json"]
    document = json.loads(checkout.path("build/ops.json").read_text())
    for row in document["operators"]:
        assert re.search(rf"^  {row['operator']} +{row['dtype']} +generic", outcome.output, re.MULTILINE)


def test_help_explains_every_variable_and_alias(built: Checkout) -> None:
    output = built.build("-h").output
    for variable in variables():
        assert re.search(rf"^  {variable.name} +{re.escape(variable.help)}$", output, re.MULTILINE)
        for value in variable.values:
            assert re.search(rf"^ .*(?<![\w-]){value}(?![\w-])", output, re.MULTILINE)
    for alias in ("graph schedule meminfo sources library firmware report run verify ops bench test").split():
        assert re.search(rf"^  {alias} +{re.escape(ALIASES[alias])}$", output, re.MULTILINE)


def test_dry_run_builds_nothing(fresh_checkout: Callable[[str], Checkout]) -> None:
    checkout = fresh_checkout("fresh")
    before = checkout.everything()
    assert set(checkout.build("-n").steps) >= STEPS
    assert checkout.built() == {}
    assert checkout.everything() == before


def test_dry_run_tells_all_that_may_follow_from_a_change(built: Checkout) -> None:
    before = built.everything()
    assert built.build("-n").steps == []
    assert set(built.build("-n", "ram=1M").steps) == {"INSPECT mnist/report.json", "BUDGET mnist/budget.json"}
    steps = {step.partition(" ")[0] for step in built.build("-n", "input=clobber").steps}
    assert steps >= {"SCHEDULE", "MEMORY", "FIRMWARE", "GENERATE", "CC", "ARCHIVE", "LINK", "INSPECT", "BUDGET"}
    assert not steps & {"IMPORT", "LOWER", "PARAMS"}
    assert built.everything() == before


def test_clean_removes_what_was_built(checkout: Checkout) -> None:
    before = checkout.everything()
    checkout.build("-c")
    left = {path for path in checkout.path("build").rglob("*") if ".zig-cache" not in path.parts}
    assert {str(path.relative_to(checkout.root)) for path in left} == {
        "build/.sconsign.dblite",
        "build/cortex-m7",
        "build/host",
        "build/host/native_hooks.so",
    }
    assert checkout.everything() == before


def test_nothing_outside_the_build_folder(checkout: Checkout) -> None:
    before = checkout.everything()
    checkout.build("optimize=ram", "verify")
    assert checkout.everything() == before


def test_verbose_shows_full_commands(checkout: Checkout) -> None:
    for name in ("meminfo.json", "mnist.o"):
        checkout.path(f"{FOLDER}/{name}").unlink()
    outcome = checkout.build("verbose=1", "-j1")
    assert outcome.steps == []
    options, plan = f"{FOLDER}/options/memory.json", f"{FOLDER}/meminfo.json {FOLDER}/memory_trace.json"
    inputs = f"{FOLDER}/lowered.json {FOLDER}/schedule.json"
    assert f" -m sconnx memory --options {options} -o {plan} -- {inputs}\n" in outcome.output
    assert re.search(rf" -c {FOLDER}/mnist.c -o {FOLDER}/mnist.o\n", outcome.output)


def test_few_lines_in_ci(checkout: Checkout) -> None:
    """No line for a compile, unless it fails or the user asks."""
    in_ci = {"CI": "true"}
    for name in ("schedule.json", "mnist.o"):
        checkout.path(f"{FOLDER}/{name}").unlink()
    assert checkout.scons(environment=in_ci).steps == ["SCHEDULE mnist/schedule.json"]
    assert checkout.path(f"{FOLDER}/mnist.o").is_file()
    checkout.path(f"{FOLDER}/mnist.o").unlink()
    assert checkout.scons("verbose=0", environment=in_ci).steps == ["CC mnist/mnist.o"]
    kernel = "kernels/arm_dsp/sx_conv2d_packed_s8_onnx"
    checkout.append(f"{kernel}.c", "#error broken\n")
    outcome = checkout.scons(environment=in_ci)
    assert outcome.status == 2
    assert outcome.steps == []
    assert re.search(rf"^{kernel}\.c:\d+:2: error: ", outcome.output, re.MULTILINE)
    assert re.search(rf"^\S+ cc .* -c {kernel}\.c -o build/cortex-m7/{kernel}\.o$", outcome.output, re.MULTILINE)


def test_the_tree_of_dependencies(built: Checkout) -> None:
    outcome = built.build("--tree=derived,prune,status", "firmware")
    names = [f"build/cortex-m7/mnist/{name}" for name in ("firmware.elf", "libmnist.a")]
    for name in ("firmware", *names):
        assert re.search(rf"^\[.*\][ |]*\+-{re.escape(name)}$", outcome.output, re.MULTILINE), outcome.output


def test_a_build_folder_elsewhere(
    built: Checkout, fresh_checkout: Callable[[str], Checkout], tmp_path: Path, zig_cache: Path
) -> None:
    """Its files are the same, it is cleaned, and the checkout stays as it is."""
    checkout, folder = fresh_checkout("fresh"), tmp_path / "ü é/out put"
    folder.mkdir(parents=True)
    (folder / ".zig-cache").symlink_to(zig_cache)
    before = checkout.everything()
    outcome = checkout.build(f"build={folder}", "firmware", "report", "verify")
    assert "mnist on mps2-an500: bit-exact" in outcome.output
    elsewhere = Checkout(folder).built("cortex-m7")
    assert elsewhere == built.built("build/cortex-m7")
    assert checkout.scons(f"build={folder}", "-q", "firmware").status == 0
    assert (checkout.built(), checkout.everything()) == ({}, before)
    checkout.build(f"build={folder}", "-c")
    assert not (folder / "cortex-m7/mnist").exists()


def test_the_readme_shows_this_report(checkout: Checkout) -> None:
    checkout.build()
    report = checkout.path("build/cortex-m7/mnist/report.txt").read_text()
    assert f"```text\n{report}```" in (ROOT / "README.md").read_text()
