# SPDX-License-Identifier: Apache-2.0
"""`scons bench` as a user meets it: CPUs and modes side by side, cached; and every layer's instructions as in the baseline."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sconnx.bench.bench import SCHEMA
from sconnx.emulate.available import emulated_cpus
from sconnx.graph.json_form import read_document
from tests.benchmarks.baseline import REMAKE, SETS, Counts, changes, counts_of, measure, read_baseline, why_not
from tests.build.scons_checkout import Checkout, Outcome, clone

MODES = ("speed", "balanced", "ram")
BENCH = (
    "bench",
    "target=cortex-m0plus,cortex-m7",
    "model=examples/mnist/mnist.onnx,two_branch_net.tflite,depthwise_pairs.tflite",
)
Benched = tuple[Checkout, Outcome, Any]


def bench_of(checkout: Checkout) -> Any:
    return read_document(checkout.path("build/bench/bench.json"), SCHEMA)


@pytest.fixture(scope="module")
def example(built: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Benched:
    """A built checkout in which a bench has run, what that said, and its bench.json."""
    checkout = clone(built, tmp_path_factory.mktemp("bench") / "checkout")
    outcome = measure("example", checkout)
    return checkout, outcome, bench_of(checkout)


def test_the_table_has_every_build(example: Benched) -> None:
    checkout, outcome, document = example
    assert outcome.steps[-1] == "BENCH bench.json"
    table = outcome.output[outcome.output.index("\nmnist (mnist.onnx)\n") :]
    rows = re.findall(r"^    (cortex-\S+) +(\S+) +([\d,]+) ", table, re.MULTILINE)
    assert [row[:2] for row in rows] == [(cpu, mode) for cpu in ("cortex-m0plus", "cortex-m7") for mode in MODES] * 3
    assert [f"{row['instructions']:,}" for row in document["rows"]] == [count for _, _, count in rows]
    assert {row["input"] for row in document["rows"]} == {"keep"}
    assert len({tuple(row["flags"]) for row in document["rows"]}) == 4, "speed and balanced are compiled alike"
    assert len(list(checkout.path("build/bench").glob("*/*/kernels"))) == 6
    assert checkout.path("build/bench/bench.md").read_text().count(", cortex-m7 on mps2-an500, zig ") == 3


def test_a_second_bench_runs_nothing_and_other_builds_stay(example: Benched, built: Checkout) -> None:
    checkout, outcome, _ = example
    again = checkout.build(*BENCH)
    assert again.steps == []
    assert outcome.output.endswith(again.output)
    others = {name: content for name, content in checkout.built().items() if not name.startswith("bench/")}
    assert others == built.built()
    assert checkout.build().steps == []


def test_seconds_are_logged_beside_what_is_built(example: Benched) -> None:
    lines = example[0].path("build/bench/seconds.jsonl").read_text().splitlines()
    outputs = {json.loads(line)["output"] for line in lines}
    folder = "build/bench/zig-ram/cortex-m7/mnist"
    assert {f"{folder}/{name}" for name in ("graph.json", "mnist.o", "firmware.elf", "run.json")} <= outputs
    assert "seconds" not in example[0].path("build/bench/bench.json").read_text()


def test_narrow_then_clean(example: Benched, tmp_path: Path) -> None:
    checkout = clone(example[0], tmp_path / "checkout")
    narrow = checkout.build("bench", "target=cortex-m7", "optimize=ram", "model=examples/mnist/mnist.onnx")
    assert narrow.steps == ["BENCH bench.json"]
    assert "  instructions by layer, counted: cortex-m7, zig " in narrow.output
    checkout.build("-c", "bench")
    assert not checkout.path("build/bench").exists()
    assert checkout.path("build/cortex-m7/mnist/firmware.elf").is_file()


def test_all_emulated_cpus(checkout: Checkout) -> None:
    outcome = checkout.build("bench", "-n")
    linked = {step.split(" ")[1] for step in outcome.steps if step.startswith("LINK ")}
    assert linked == {f"zig-{mode}/{cpu}/mnist/firmware.elf" for mode in MODES for cpu in emulated_cpus()}


def as_in_the_baseline(name: str, counts: Counts) -> None:
    """Skips where the baseline is of other versions of the compiler."""
    baseline = read_baseline(name)
    (compiler,) = {build[2] for build in counts}
    versions = sorted({build[2] for build in baseline})
    if compiler not in versions:
        pytest.skip(f"the baseline is of {', '.join(versions)}, this is {compiler}")
    lines = changes(baseline, counts)
    assert not lines, "\n".join([*lines, REMAKE])


def test_layers_of_the_example(example: Benched) -> None:
    as_in_the_baseline("example", counts_of(example[2]))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SETS if name != "example"])
def test_layers_of_the_reference_models(fresh_checkout: Callable[[str], Checkout], name: str) -> None:
    if reason := why_not(name):
        pytest.skip(reason)
    checkout = fresh_checkout("bench")
    measure(name, checkout)
    document = bench_of(checkout)
    as_in_the_baseline(name, counts_of(document))
    rows = {(row["model"], row["target"], row["optimize"]): row for row in document["rows"]}
    for (model, target, mode), row in rows.items():
        if mode == "balanced":
            speed, ram = (rows[model, target, other] for other in ("speed", "ram"))
            assert row["instructions"] <= 1.10 * speed["instructions"], (model, target)
            assert row["activation_ram_bytes"] <= 1.25 * ram["activation_ram_bytes"], (model, target)


BUILD = ("net", "cortex-m7", "zig 1.0", "speed")


@pytest.mark.parametrize(
    ("counts", "lines"),
    [
        ({"total": 20_000, "0 Conv2D": 10_050, "1 Add": 5}, []),
        ({"total": 20_000, "0 Conv2D": 9_950, "1 Add": 5}, []),
        (
            {"total": 20_000, "0 Conv2D": 10_051, "1 Add": 5},
            ["net, cortex-m7, zig 1.0, optimize=speed, layer 0 Conv2D: 10,000 -> 10,051 instructions (+0.51 %)"],
        ),
        (
            {"total": 10_000, "0 Conv2D": 10_000, "1 Relu": 5},
            [
                "net, cortex-m7, zig 1.0, optimize=speed, layer total: 20,000 -> 10,000 instructions (-50.00 %)",
                "net, cortex-m7, zig 1.0, optimize=speed, layer 1 Add: 5 -> none instructions",
                "net, cortex-m7, zig 1.0, optimize=speed, layer 1 Relu: none -> 5 instructions",
            ],
        ),
    ],
)
def test_a_change_is_told(counts: dict[str, int], lines: list[str]) -> None:
    baseline = {BUILD: {"total": 20_000, "0 Conv2D": 10_000, "1 Add": 5}, ("other", *BUILD[1:]): {"total": 1}}
    assert changes(baseline, {BUILD: counts}) == lines


def test_a_new_build_is_told() -> None:
    assert changes({}, {BUILD: {"total": 1}}) == ["net, cortex-m7, zig 1.0, optimize=speed: is not in the baseline"]
