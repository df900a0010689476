# SPDX-License-Identifier: Apache-2.0
"""import: what `prune` decides."""

from __future__ import annotations

import json

import pytest

from sconnx.graph.operator import Dims
from sconnx.steps.import_model import run
from tests.tiny_models import ROOT

MODEL = ROOT / "examples/mnist/mnist.onnx"


@pytest.mark.parametrize(
    ("prune", "first", "removed"),
    [
        (True, (1, 14, 14, 5), {"channels": 13, "macs": 83_594, "constant_bytes": 2_832}),
        (False, (1, 14, 14, 8), {"channels": 0, "macs": 0, "constant_bytes": 0}),
    ],
)
def test_dead_channels_are_left_out_unless_they_are_wanted(prune: bool, first: Dims, removed: dict[str, int]) -> None:
    graph = json.loads(run({"name": "mnist", "prune": prune, "rules": [], "carry": []}, [MODEL])[0])
    (convolution, *_) = graph["nodes"]
    assert tuple(graph["tensors"][convolution["outputs"][0]]["dims"]) == first
    assert graph["removed"] == removed
