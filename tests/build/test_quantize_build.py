# SPDX-License-Identifier: Apache-2.0
"""quantize= as a step of a build: the firmware is exact to the int8 model, and only what depends on the samples runs again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.build.scons_checkout import Checkout, clone
from tests.quantize.float_net import float_net, samples

onnxruntime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")

ARGUMENTS = ("model=net.onnx", "quantize=samples.npz")


@pytest.mark.slow
def test_a_float_model_with_samples(built: Checkout, tmp_path: Path) -> None:
    checkout = clone(built, tmp_path / "checkout")
    float_net(checkout.path("net.onnx"))
    np.savez(checkout.path("samples.npz"), **samples())  # type: ignore[arg-type]
    first = checkout.build(*ARGUMENTS)
    assert first.steps[0] == "QUANTIZE net/quantized.onnx" and "IMPORT net/graph.json" in first.steps
    assert checkout.build(*ARGUMENTS).steps == []
    assert "net.onnx: int8 by 12 samples" in checkout.build(*ARGUMENTS, "quantize").output

    quantized = checkout.path("build/cortex-m7/net/quantized.onnx")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(quantized), options, providers=["CPUExecutionProvider"])
    given = samples()
    image, extra = given["image"][:1], given["extra"][0]
    [scores] = session.run(None, {"image": image, "extra": extra})
    np.savez(checkout.path("golden.npz"), in0_image=image, in0_extra=extra, out0_scores=scores)
    assert ", 1 golden outputs" in checkout.build(*ARGUMENTS, "vectors=golden.npz", "verify").output

    np.savez(checkout.path("samples.npz"), **samples(11))  # type: ignore[arg-type]
    again = checkout.build(*ARGUMENTS).steps
    verbs = {step.split()[0] for step in again}
    assert {"QUANTIZE", "IMPORT", "PARAMS", "LINK", "INSPECT"} <= verbs and not verbs & {"LOWER", "SCHEDULE", "MEMORY"}
    outcome = checkout.scons(*ARGUMENTS[:1], "quantize=none.npz")
    assert outcome.errors == [f"none.npz: error[E101]: quantize={Path('none.npz')}: no such file"]
