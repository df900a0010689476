# SPDX-License-Identifier: Apache-2.0
"""`scons bench` as a user meets it: every CPU and mode side by side, cached, beside other builds that stay as they are."""

from __future__ import annotations

import json
import re

from sconnx.bench.bench import SCHEMA
from sconnx.emulate.available import emulated_cpus
from sconnx.graph.json_form import read_document
from tests.build.scons_checkout import Checkout

MODES = ("speed", "balanced", "ram")


def test_bench(checkout: Checkout) -> None:
    before = checkout.built()
    outcome = checkout.build("bench", "target=cortex-m7,cortex-m0plus")
    assert outcome.steps[-1] == "BENCH bench.json"
    table = outcome.output[outcome.output.index("\nmnist (mnist.onnx)\n") :]
    rows = re.findall(r"^    (cortex-\S+) +(\S+) +([\d,]+) ", table, re.MULTILINE)
    expected = [(cpu, mode) for cpu in ("cortex-m7", "cortex-m0plus") for mode in MODES]
    assert [row[:2] for row in rows] == expected
    document = read_document(checkout.path("build/bench/bench.json"), SCHEMA)
    assert [f"{row['instructions']:,}" for row in document["rows"]] == [count for _, _, count in rows]
    assert {row["input"] for row in document["rows"]} == {"keep"}
    assert len({tuple(row["flags"]) for row in document["rows"]}) == 6
    assert checkout.path("build/bench/bench.md").read_text().count("\n### mnist, cortex-m") == 2

    again = checkout.build("bench", "target=cortex-m7,cortex-m0plus")
    assert again.steps == []
    assert again.output.endswith(table[1:])
    kernels = {path.parents[1] for path in checkout.path("build/bench").glob("*/*/kernels/generic")}
    assert len(kernels) == 6
    narrow = checkout.build("bench", "target=cortex-m7", "optimize=ram")
    assert narrow.steps == ["BENCH bench.json"]
    assert "  instructions by layer, counted: cortex-m7, zig " in narrow.output
    seconds = [
        json.loads(line)["output"] for line in checkout.path("build/bench/seconds.jsonl").read_text().splitlines()
    ]
    folder = "build/bench/zig-ram/cortex-m7/mnist"
    assert {f"{folder}/{name}" for name in ("graph.json", "mnist.o", "firmware.elf", "run.json")} <= set(seconds)

    changed = {name for name, content in checkout.built().items() if before.get(name) != content}
    assert all(name.startswith("bench/") for name in changed)
    assert checkout.build().steps == []
    checkout.build("-c", "bench")
    assert not checkout.path("build/bench").exists()
    assert set(checkout.built()) == set(before) - {"host/native_hooks.so"}


def test_all_emulated_cpus(checkout: Checkout) -> None:
    outcome = checkout.build("bench", "-n")
    linked = {step.split(" ")[1] for step in outcome.steps if step.startswith("LINK ")}
    assert linked == {f"zig-{mode}/{cpu}/mnist/firmware.elf" for mode in MODES for cpu in emulated_cpus()}
