# SPDX-License-Identifier: Apache-2.0
"""The instructions of every layer as they are meant to be: a change of more than 0.5 % fails tests/build/test_bench.py.

    PYTHONPATH=site_scons .venv/bin/python -m tests.benchmarks.baseline [SET...]

makes the files in baseline/ anew, with the compilers that are here; lines of other compilers stay.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.bench.bench import SCHEMA as BENCH_SCHEMA
from sconnx.emulate.available import emulated_cpus
from sconnx.errors import SconnxError
from sconnx.graph.json_form import read_document, to_bytes
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import find_toolchain
from tests.build.scons_checkout import ROOT, Checkout, Outcome, new_checkout
from tests.networks.branches import NETWORKS

SCHEMA = "sconnx.baseline/1"
TOLERANCE = 0.005
REFERENCE = ROOT.parent / "shared/models/mlperf_tiny"
REMAKE = "if it is intended: PYTHONPATH=site_scons .venv/bin/python -m tests.benchmarks.baseline"
# Always there: the example (ONNX), and generated networks (TFLite) with residuals, branches, poolings and depthwise filters.
GENERATED = ("two_branch_net", "depthwise_pairs")
SETS = {
    "example": ("zig", "target=cortex-m0plus,cortex-m7"),
    "reference_zig": ("zig", "target=cortex-m7"),
    "reference_gcc": ("gcc", "optimize=speed", "target=cortex-m4,cortex-m7,cortex-m55"),
}
"""The benches by name: a compiler, then arguments; all modes, unless one is named. CPUs that cannot be emulated are left out."""

Build = tuple[str, str, str, str]
"""Model, CPU, compiler with its version, mode."""
Counts = dict[Build, dict[str, int]]
"""Instructions per layer, `3 Conv2D`, and in `total`."""


def why_not(name: str) -> str:
    """The reason that a set cannot be measured here; empty when it can."""
    if name != "example" and not REFERENCE.is_dir():
        return "needs ../shared/models"
    try:
        find_toolchain(SETS[name][0], load_cpu("cortex-m7"))
    except SconnxError as error:
        return str(error)
    return ""


def measure(name: str, checkout: Checkout) -> Outcome:
    """Bench a set in a checkout."""
    toolchain, *arguments = SETS[name]
    targets = [word for word in arguments if word.startswith("target=")]
    present = [cpu for word in targets for cpu in word.removeprefix("target=").split(",") if cpu in emulated_cpus()]
    rest = [word for word in arguments if word not in targets]
    return checkout.build(
        "bench", f"toolchain={toolchain}", f"target={','.join(present)}", *rest, *_models(name, checkout)
    )


def _models(name: str, checkout: Checkout) -> list[str]:
    """The arguments that say which models."""
    if name != "example":
        names = {"ic": "pretrainedResnet_quant", "kws": "kws_ref_model", "vww": "vww_96_int8", "ad": "ad01_int8"}
        return [f"model={','.join(f'{REFERENCE}/{stem}.tflite' for stem in names.values())}", f"name={','.join(names)}"]
    files = ["examples/mnist/mnist.onnx"]
    for network in GENERATED:
        files.append(f"{network}.tflite")
        checkout.path(files[-1]).write_bytes(NETWORKS[network]())
    return [f"model={','.join(files)}"]


def counts_of(document: Mapping[str, Any]) -> Counts:
    """What a bench.json says."""
    builds: list[Build] = [(row["model"], row["target"], row["toolchain"], row["optimize"]) for row in document["rows"]]
    counts: Counts = {
        build: {"total": row["instructions"]} for build, row in zip(builds, document["rows"], strict=True)
    }
    for layer in document["layers"]:
        if layer["instructions"] is not None:
            counts[builds[layer["row"]]][f"{layer['node']} {layer['operator']}"] = layer["instructions"]
    return counts


def measured(checkout: Checkout) -> Counts:
    """What the last bench of a checkout says."""
    return counts_of(read_document(checkout.path("build/bench/bench.json"), BENCH_SCHEMA))


def changes(baseline: Counts, counts: Counts) -> list[str]:
    """A line for each layer that is not as in the baseline; builds that were not measured are not missed."""
    lines = []
    for build, layers in counts.items():
        model, target, toolchain, mode = build
        where = f"{model}, {target}, {toolchain}, optimize={mode}"
        before = baseline.get(build)
        if before is None:
            lines.append(f"{where}: is not in the baseline")
            continue
        for layer in dict.fromkeys((*before, *layers)):
            old, new = before.get(layer), layers.get(layer)
            if old is None or new is None or abs(new - old) > TOLERANCE * old:
                change = f" ({100 * (new - old) / old:+.2f} %)" if old and new else ""
                lines.append(f"{where}, layer {layer}: {_number(old)} -> {_number(new)} instructions{change}")
    return lines


def _number(value: int | None) -> str:
    return "none" if value is None else f"{value:,}"


def file_of(name: str) -> Path:
    return Path(__file__).with_name("baseline") / f"{name}.json"


def read_baseline(name: str) -> Counts:
    """Of a set; empty when it was never made."""
    counts: Counts = {}
    if file_of(name).is_file():
        for *build, layer, instructions in read_document(file_of(name), SCHEMA)["layers"]:
            model, target, toolchain, mode = build
            counts.setdefault((model, target, toolchain, mode), {})[layer] = instructions
    return counts


def write_baseline(name: str, counts: Counts) -> None:
    """A line per layer."""
    layers = [[*build, layer, value] for build, found in counts.items() for layer, value in found.items()]
    file_of(name).parent.mkdir(exist_ok=True)
    file_of(name).write_bytes(to_bytes({"schema": SCHEMA, "layers": layers}))


def main(names: Sequence[str]) -> None:
    for name in names or SETS:
        if reason := why_not(name):
            print(f"{name}: {reason}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            checkout = new_checkout(Path(folder) / "checkout")
            measure(name, checkout)
            counts = measured(checkout)
        before = read_baseline(name)
        compilers = {build[2].split()[0] for build in counts}
        kept = {build: layers for build, layers in before.items() if build[2].split()[0] not in compilers}
        write_baseline(name, {**kept, **counts})
        print(f"{name}: {len(counts)} builds", *changes(before, counts), sep="\n  ")


if __name__ == "__main__":
    main(sys.argv[1:])
