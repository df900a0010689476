# SPDX-License-Identifier: Apache-2.0
"""How long builds take with gcc: clean, after one changed weight, and with nothing to do.

    PYTHONPATH=site_scons .venv/bin/python -m tests.benchmarks.build_time

The model is kws of MLPerf Tiny in ../shared/models, or the example where that is missing. The ten models are the example
with ten different weights, each built, reported and run for two targets. Wall-clock seconds are of an idle machine only;
those of the processors, user and system, hardly depend on what else runs.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from tests.build.scons_checkout import ROOT, Checkout, new_checkout

KWS = ROOT.parent / "shared/models/mlperf_tiny/kws_ref_model.tflite"
EXAMPLE = ROOT / "examples/mnist/mnist.onnx"
TEN = 10
FLEET = """
[all]
target = ["cortex-m7", "cortex-m4"]
toolchain = "gcc"
optimize = "balanced"
"""
LEAST_SPEEDUP = 1.7
HEADER = f"{'build':<44} {'wall s':>7} {'at most':>7} {'CPU s':>7}"


@dataclass(frozen=True, slots=True)
class Seconds:
    """Of one build: on the clock, and of all processors for it and all that it started."""

    wall: float
    cpu: float


def timed(build: Callable[[], object], repeat: int = 1) -> Seconds:
    """The fastest of some builds."""
    found = []
    for _ in range(repeat):
        before, start = os.times(), time.monotonic()
        build()
        wall, after = time.monotonic() - start, os.times()
        cpu = after.children_user - before.children_user + after.children_system - before.children_system
        found.append(Seconds(wall, cpu))
    return min(found, key=lambda seconds: seconds.wall)


def change_weight(path: Path, position: int = 0) -> None:
    """Flip a bit of one int8 weight."""
    if path.suffix == ".onnx":
        model = onnx.load(path)
        weights = next(t for t in model.graph.initializer if t.data_type == onnx.TensorProto.INT8 and len(t.dims) == 4)
        values = numpy_helper.to_array(weights).copy()
        values.flat[position] ^= np.int8(1)
        weights.CopyFrom(numpy_helper.from_array(values, weights.name))
        onnx.save(model, path)
        return
    # The largest buffer of kws is of weights, and its bytes are in the file as they are.
    from ai_edge_litert import schema_py_generated as schema

    content = bytearray(path.read_bytes())
    buffers = schema.ModelT.InitFromPackedBuf(bytes(content), 0).buffers
    largest = max((buffer.data for buffer in buffers if buffer.data is not None), key=len)
    content[content.index(bytes(largest)) + position] ^= 1
    path.write_bytes(content)


def row(name: str, seconds: Seconds, limit: float | None = None) -> str:
    """One line of the table."""
    most = f"{limit:.1f}" if limit else ""
    return f"{name:<44} {seconds.wall:>7.2f} {most:>7} {seconds.cpu:>7.2f}"


def one_model(checkout: Checkout) -> None:
    """Print the figures of one model."""
    source = KWS if KWS.is_file() else EXAMPLE
    name = "kws" if KWS.is_file() else "mnist"
    model = checkout.root / f"model{source.suffix}"
    shutil.copyfile(source, model)
    arguments = (f"model={model.name}", f"name={name}", "toolchain=gcc")

    def build() -> None:
        checkout.build(*arguments)

    print(row(f"{name}, clean, from model to report", timed(build), 6.0), flush=True)
    print(row(f"{name}, nothing to do", timed(build, 3), 0.5), flush=True)
    change_weight(model)
    print(row(f"{name}, one weight changed", timed(build), 2.0), flush=True)


def ten_models(checkout: Checkout) -> None:
    """Print the figures of ten models for two targets."""
    fleet = [FLEET]
    for index in range(TEN):
        name = f"m{index}.onnx"
        shutil.copyfile(EXAMPLE, checkout.path(name))
        change_weight(checkout.path(name), index)
        fleet.append(f'[firmware.m{index}]\nmodel = "{name}"\n')
    checkout.path("fleet.toml").write_text("\n".join(fleet))
    what = f"{TEN} models x 2 targets"
    clean = {}
    for jobs in (1, 2):
        shutil.rmtree(checkout.path("build"), ignore_errors=True)
        clean[jobs] = timed(partial(checkout.build, "fleet", f"-j{jobs}"))
        print(row(f"{what}, clean, -j{jobs}", clean[jobs]), flush=True)
    speedup = clean[1].wall / clean[2].wall
    print(f"{what}, clean: -j2 is {speedup:.2f} times as fast as -j1 (at least {LEAST_SPEEDUP})")
    print(row(f"{what}, nothing to do", timed(partial(checkout.build, "fleet"), 3), 1.0), flush=True)


def main() -> int:
    print(HEADER)
    with tempfile.TemporaryDirectory() as folder:
        one_model(new_checkout(Path(folder) / "one"))
        ten_models(new_checkout(Path(folder) / "ten"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
