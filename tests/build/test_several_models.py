# SPDX-License-Identifier: Apache-2.0
"""Several models in one firmware, as whole builds: shared or separate arenas, exact results, and nothing built twice."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sconnx.elf.image import ElfImage, read_image
from sconnx.memory.free import RESERVED_BYTES
from sconnx.memory.meminfo import read_plan
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from tests.build.scons_checkout import ROOT, Checkout, Outcome, clone

MODELS = ROOT.parent / "shared/models/mlperf_tiny"
RULES = "rules=examples/custom_operator/rules"
EXAMPLES = ("model=examples/mnist/mnist.onnx,examples/custom_operator/model.onnx", "name=,delta", RULES)
NAMES = ("mnist", "delta")
BOTH = "build/cortex-m7/mnist+delta"
BOARD = load_board("", load_cpu("cortex-m7"))


@pytest.fixture(scope="module")
def alone(built: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """The first of the models built alone, with the rules that the second one needs; not to be changed."""
    checkout = clone(built, tmp_path_factory.mktemp("alone") / "checkout")
    checkout.build(RULES)
    return checkout


@pytest.fixture(scope="module")
def shared(alone: Checkout, tmp_path_factory: pytest.TempPathFactory) -> tuple[Checkout, Outcome]:
    """The second model put into its firmware, and what that build said; not to be changed."""
    checkout = clone(alone, tmp_path_factory.mktemp("several") / "checkout")
    outcome = checkout.build(*EXAMPLES)
    checkout.build(*EXAMPLES, "verify")
    return checkout, outcome


@pytest.fixture
def several(shared: tuple[Checkout, Outcome], tmp_path: Path) -> Checkout:
    """A copy, to change at will."""
    return clone(shared[0], tmp_path / "checkout")


def image(checkout: Checkout, folder: str = BOTH) -> ElfImage:
    return read_image(checkout.path(f"{folder}/firmware.elf"), BOARD.regions)


def planned_bytes(checkout: Checkout, names: Sequence[str] = NAMES) -> list[int]:
    return [read_plan(checkout.path(f"build/cortex-m7/{name}/meminfo.json")).arena_bytes for name in names]


def document(checkout: Checkout, name: str) -> Any:
    return json.loads(checkout.path(f"{BOTH}/{name}").read_text())


def test_a_model_is_what_it_is_alone(alone: Checkout, shared: tuple[Checkout, Outcome]) -> None:
    checkout, outcome = shared
    folder = "build/cortex-m7/mnist"
    assert checkout.built(folder) == alone.built(folder)
    own = {"graph.json", "params.npz", "meminfo.json", "delta.h", "delta.c", "delta_params.c", "libdelta.a"}
    assert own <= checkout.built("build/cortex-m7/delta").keys()
    assert "firmware.elf" not in checkout.built("build/cortex-m7/delta")
    assert len(set(outcome.steps)) == len(outcome.steps)
    own_kernel = "CC kernels/delta/sx_time_delta_s8_exact.o"
    assert {step.split()[1].split("/")[0] for step in outcome.steps if step != own_kernel} == {"delta", "mnist+delta"}


def test_a_shared_arena_is_as_large_as_the_largest(shared: tuple[Checkout, Outcome]) -> None:
    checkout, _ = shared
    found, sizes = image(checkout), planned_bytes(checkout)
    assert sizes[0] != sizes[1]
    assert found.symbol("sx_shared_arena").size_bytes == max(sizes)
    assert found.find_symbol("mnist_arena") is None and found.find_symbol("delta_arena") is None
    report = document(checkout, "report.json")
    assert report["ram"][0] == {"part": "shared arena", "size_bytes": max(sizes)}
    assert report["summary"]["activation_ram_bytes"] == report["plan_arena_bytes"] == max(sizes)


def test_arenas_of_models_that_may_run_at_the_same_time_add_up(several: Checkout) -> None:
    together = (*EXAMPLES, "concurrent=1")
    outcome = several.build(*together)
    assert [step for step in outcome.steps if step.startswith("MEMORY ")] == ["MEMORY mnist/meminfo.json"]
    found, sizes = image(several), planned_bytes(several)
    assert [found.symbol(f"{name}_arena").size_bytes for name in ("mnist", "delta")] == sizes
    assert found.find_symbol("sx_shared_arena") is None
    report = document(several, "report.json")
    assert report["ram"][:2] == [
        {"part": "arena of mnist", "size_bytes": sizes[0]},
        {"part": "arena of delta", "size_bytes": sizes[1]},
    ]
    assert report["summary"]["activation_ram_bytes"] == sum(sizes)
    assert several.build(*together).steps == []
    assert_exact(several.build(*together, "verify"))
    several.build(*EXAMPLES)
    assert image(several).symbol("sx_shared_arena").size_bytes == max(sizes)


def assert_exact(outcome: Outcome, golden: str = "") -> None:
    exact = r"^{} on mps2-an500: bit-exact, rule onnx: \d+ layers and all outputs of \d+ vectors equal the reference{}$"
    for name, end in (("mnist", ""), ("delta", golden)):
        assert re.search(exact.format(name, end), outcome.output, re.MULTILINE), outcome.output


def test_every_layer_of_every_model_is_exact(shared: tuple[Checkout, Outcome]) -> None:
    checkout, _ = shared
    assert_exact(checkout.build(*EXAMPLES, "verify"))
    verdicts = document(checkout, "verify.json")["models"]
    assert [(verdict["model"], verdict["vectors"], verdict["exact"]) for verdict in verdicts] == [
        ("mnist", 3, True),
        ("delta", 3, True),
    ]


@pytest.mark.parametrize("policy", [("input=stream", "output=caller"), ("input=clobber", "optimize=ram")])
def test_other_policies_are_exact(several: Checkout, policy: tuple[str, ...]) -> None:
    assert_exact(several.build(*EXAMPLES, *policy, "verify"))


def test_a_second_build_runs_nothing(shared: tuple[Checkout, Outcome]) -> None:
    checkout, _ = shared
    before = checkout.built()
    assert checkout.build(*EXAMPLES).steps == []
    assert checkout.build(*EXAMPLES, "verify").steps == []
    assert checkout.built() == before


def test_one_model_again_builds_nothing_anew(several: Checkout) -> None:
    assert several.build(RULES).steps == []
    assert several.built("build/cortex-m7/mnist+delta")


def test_kernels_are_linked_once(shared: tuple[Checkout, Outcome]) -> None:
    functions = Counter(symbol.name for symbol in image(shared[0]).symbols if symbol.kind == "function")
    assert [name for name, count in functions.items() if count > 1 and name.startswith(("sx_", "mnist", "delta"))] == []
    assert functions["mnist_run"] == functions["delta_run"] == 1


def test_the_report_counts_every_byte_once(shared: tuple[Checkout, Outcome]) -> None:
    checkout, outcome = shared
    report, found = document(checkout, "report.json"), image(checkout)
    for region, key in ((BOARD.ram, "ram"), (BOARD.flash, "flash")):
        use = found.use(region.name)
        assert sum(part["size_bytes"] for part in report[key]) == use.used_bytes + use.gap_bytes
    weights = {row["name"]: row["weights_flash_bytes"] for row in report["models"]}
    assert all(weights.values()) and sum(weights.values()) == report["summary"]["weights_flash_bytes"]
    assert [layer["model"] for layer in report["layers"]] == [
        row["name"] for row in report["models"] for _ in range(row["layers"])
    ]
    assert outcome.output.endswith(checkout.path(f"{BOTH}/report.txt").read_text().rstrip("\n") + "\n")
    assert re.search(
        r"^  model +rule +layers +MACs +plan +weights +RAM +flash +stack\n  mnist +onnx .*\n  delta +onnx ",
        outcome.output,
        re.MULTILINE,
    )


def test_instructions_are_counted_for_each_model(several: Checkout) -> None:
    several.build(*EXAMPLES, "run")
    runs = document(several, "run.json")["models"]
    assert [run["model"] for run in runs] == ["mnist", "delta"]
    assert all(run["instructions_per_inference"] > run["macs"] > 0 for run in runs)
    several.build(RULES, "run")
    alone = json.loads(several.path("build/cortex-m7/mnist/run.json").read_text())
    assert alone["outputs"] == runs[0]["outputs"]
    assert [layer["node"] for layer in alone["layers"]] == [layer["node"] for layer in runs[0]["layers"]]


def test_budgets_hold_for_the_whole_firmware(several: Checkout) -> None:
    ram = document(several, "report.json")["summary"]["total_ram_bytes"]
    several.build(*EXAMPLES, f"ram={ram}")
    outcome = several.scons(*EXAMPLES, f"ram={ram - 1}")
    assert outcome.status == 2
    (line,) = outcome.errors
    assert line.startswith(
        f"mnist+delta: error[E410]: ram budget exceeded: requested {ram:,}, available {ram - 1:,}, missing 1 "
    )


def test_what_does_not_fit_together_is_an_error_for_all(several: Checkout) -> None:
    first, second = planned_bytes(several)
    fits = f"memory=ram:{max(first, second)}"
    several.build(*EXAMPLES, fits)
    outcome = several.scons(*EXAMPLES, fits, "concurrent=1")
    assert outcome.status == 2
    (line,) = outcome.errors
    assert line.startswith(
        f"ram: error[E310]: the tensors do not fit in ram: requested {first + second:,}, "
        f"available {max(first, second):,}, missing {min(first, second):,} bytes: "
    )


def test_outputs_of_the_caller_lie_beside_the_arena(several: Checkout) -> None:
    """Main has those of all models, which the plan of no model knows."""
    several.build(*EXAMPLES, "output=caller")
    arena_bytes, room_bytes = max(planned_bytes(several)), BOARD.ram.size_bytes - RESERVED_BYTES - (16 + 8)
    stack_bytes = (room_bytes - arena_bytes) // 8 * 8
    several.build(*EXAMPLES, "output=caller", f"stack={stack_bytes}")
    outcome = several.scons(*EXAMPLES, "output=caller", f"stack={stack_bytes + 8}")
    assert outcome.status == 2
    (line,) = outcome.errors
    available_bytes = room_bytes - stack_bytes - 8
    assert line == (
        f"ram: error[E310]: the tensors do not fit in ram: requested {arena_bytes:,}, available {available_bytes:,}, "
        f"missing {arena_bytes - available_bytes} bytes: the outputs of all models lie beside the arena: mnist 16, delta 8 "
        "(help: output=arena, or a smaller stack=)"
    )


def test_vectors_are_those_of_their_model(several: Checkout, tmp_path: Path) -> None:
    interface = json.loads(several.path("build/cortex-m7/delta/interface.json").read_text())
    (port,), (output,) = interface["inputs"], interface["outputs"]
    inputs = {f"in{k}_0": np.full(port["dims"], k, np.int8).ravel() for k in range(5)}
    np.savez(tmp_path / "v.npz", **inputs)
    outcome = several.build(*EXAMPLES, f"vectors=,{tmp_path}/v.npz", "verify")
    assert_exact(outcome)
    assert [verdict["vectors"] for verdict in document(several, "verify.json")["models"]] == [3, 5]
    size = int(np.prod(output["dims"]))
    wrong = {f"out{k}_0": np.full(size, 77 + k, np.int8) for k in range(5)}
    np.savez(tmp_path / "wrong.npz", **inputs, **wrong)
    outcome = several.scons(*EXAMPLES, f"vectors=,{tmp_path}/wrong.npz", "verify")
    assert outcome.status == 2
    (line,) = outcome.errors
    assert line.startswith(f"delta: error[E511]: output '{output['name']}' differs from wrong.npz: vector 0: ")


def test_a_wrong_layer_is_found_in_its_model(several: Checkout) -> None:
    kernel = "examples/custom_operator/rules/kernels/delta/sx_time_delta_s8_exact.c"
    several.replace(kernel, "rounded, q.zero_point,", "rounded + 1, q.zero_point,")
    outcome = several.scons(*EXAMPLES, "verify")
    assert outcome.status == 2
    (line,) = outcome.errors
    assert re.match(
        r"delta: error\[E510\]: layer \d+ '.*' \(TimeDelta\) is the first that diverges from the reference: ", line
    )


def test_a_node_is_explained_in_its_model(several: Checkout) -> None:
    outcome = several.build(*EXAMPLES, "explain", "node=delta:0")
    assert outcome.steps == ["EXPLAIN delta/explain.json"]
    assert not several.path("build/cortex-m7/mnist/explain.json").exists()


def test_an_alias_prints_the_files_of_all_models(several: Checkout) -> None:
    lines = several.build(*EXAMPLES, "graph").output.splitlines()
    heads = [f"build/cortex-m7/{name}/graph.json:" for name in ("mnist", "delta")]
    assert [line for line in lines if line in heads] == heads
    assert [lines[lines.index(head) + 1].split(":")[0] for head in heads] == ["mnist", "delta"]


def test_clean_removes_all_of_it(several: Checkout) -> None:
    several.build(*EXAMPLES, "-c")
    assert {path.name for path in several.path("build/cortex-m7").iterdir()} <= {"kernels"}


@pytest.mark.slow
@pytest.mark.skipif(not MODELS.is_dir(), reason="needs ../shared/models")
@pytest.mark.parametrize("target", ["cortex-m4", "cortex-m0plus", "host"])
@pytest.mark.parametrize("concurrent", ["0", "1"])
def test_reference_models_share_a_firmware(several: Checkout, target: str, concurrent: str) -> None:
    paths = [MODELS / "ad01_int8.tflite", MODELS / "kws_ref_model.tflite"]
    arguments = [f"model={','.join(map(str, paths))}", "name=ad,kws", f"target={target}", f"concurrent={concurrent}"]
    arguments.append(f"vectors={','.join(f'{path}.golden.npz' for path in paths)}")
    several.build(*arguments, "verify", "report")
    verdicts = json.loads(several.path(f"build/{target}/ad+kws/verify.json").read_text())["models"]
    assert [(verdict["model"], verdict["golden_outputs"], verdict["exact"]) for verdict in verdicts] == [
        ("ad", 3, True),
        ("kws", 3, True),
    ]
