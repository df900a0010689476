# SPDX-License-Identifier: Apache-2.0
"""The MLPerf Tiny models in float32, from file to an emulated Cortex-M7: every layer and every golden output within 1e-3.

Of kws there is no float32 file: its twin is made from the quantised one, and its golden outputs are LiteRT's.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.build.scons_checkout import ROOT, Checkout, new_checkout

MODELS = ROOT.parent / "shared/models/mlperf_tiny"
FLOAT32 = {"ic": "pretrainedResnet", "vww": "vww_96_float", "ad": "ad01_fp32"}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MODELS.is_dir(), reason="needs ../shared/models"),
]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, zig_cache: Path) -> Checkout:
    return new_checkout(tmp_path_factory.mktemp("float") / "checkout", zig_cache)


def verify(checkout: Checkout, model: Path, vectors: Path, name: str) -> None:
    checkout.build(f"model={model}", f"name={name}", f"vectors={vectors}", "target=cortex-m7", "verify")
    verdict = json.loads(checkout.path(f"build/cortex-m7/{name}/verify.json").read_text())
    assert verdict["vectors"] == verdict["golden_outputs"] == 3
    assert verdict["layers"] > 0
    tolerance = verdict["tolerance"]
    assert tolerance["relative"] == 1e-3
    assert 0 < max(tolerance["largest_error"], tolerance["largest_golden_error"]) <= 1e-3


@pytest.mark.parametrize("name", FLOAT32)
def test_equals_tflite_micro(checkout: Checkout, name: str) -> None:
    model = MODELS / f"{FLOAT32[name]}.tflite"
    verify(checkout, model, model.with_name(f"{model.name}.golden.npz"), name)


def test_the_twin_of_kws_equals_litert(checkout: Checkout, tmp_path: Path) -> None:
    pytest.importorskip("ai_edge_litert.interpreter")
    from tests.networks.float_twin import write

    quantized, twin, vectors = MODELS / "kws_ref_model.tflite", tmp_path / "kws_fp32.tflite", tmp_path / "kws_fp32.npz"
    write(quantized, twin, quantized.with_name(f"{quantized.name}.golden.npz"), vectors)
    verify(checkout, twin, vectors, "kws")
