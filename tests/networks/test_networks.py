# SPDX-License-Identifier: Apache-2.0
"""The networks: their structure, the same bytes each time, and values that use the range and depend on the input."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from sconnx.frontend.tflite.importer import read_tflite
from sconnx.graph.model import Model
from sconnx.graph.operator import Add, Conv2D, DepthwiseConv2D, Relu6
from sconnx.reference.execute import execute
from tests.networks.branches import NETWORKS
from tests.networks.golden import write_golden
from tests.networks.images import images
from tests.networks.mobilenet_v2 import mobilenet_v2, scaled_channels

BUILDERS: dict[str, Callable[[], bytes]] = {**NETWORKS, "mobilenet_v2": partial(mobilenet_v2, 0.35, 96)}


def imported(data: bytes, directory: Path) -> Model:
    path = directory / "model.tflite"
    path.write_bytes(data)
    return read_tflite(path, "model")


def test_parameters_of_mobilenet_v2(tmp_path: Path) -> None:
    """The network of the paper is known to have 3 504 872 parameters, 2 of them per channel that is normalised.

    Folded into the convolutions, a normalisation leaves 1 per channel: the bias.
    """
    model = imported(mobilenet_v2(1.0, 32), tmp_path)
    linear = [node for node in model.graph.nodes if isinstance(node.operator, Conv2D | DepthwiseConv2D)]
    normalised = sum(model.graph.tensors[node.outputs[0]].dims[3] for node in linear)
    assert sum(value.size for value in model.params.value.values()) == 3_504_872 - normalised
    assert len(linear) == 52
    assert sum(isinstance(node.operator, Add) for node in model.graph.nodes) == 10


def test_activations_of_mobilenet_v2(tmp_path: Path) -> None:
    """What narrows a block is linear, every other convolution ends in relu6."""
    model = imported(mobilenet_v2(0.35, 32), tmp_path)
    for node in model.graph.nodes:
        if isinstance(node.operator, Conv2D | DepthwiseConv2D):
            linear = model.graph.tensors[node.outputs[0]].name.endswith("/project")
            assert node.operator.activation.value == ("none" if linear else "relu6")
        assert not isinstance(node.operator, Relu6)


@pytest.mark.parametrize(
    ("channels", "scaled"), [(1.0, 8), (11.2, 16), (12.0, 16), (19.9, 24), (33.6, 32), (112.0, 112)]
)
def test_scaled_channels(channels: float, scaled: int) -> None:
    assert scaled_channels(channels) == scaled


@pytest.mark.parametrize("name", BUILDERS)
def test_same_bytes(name: str) -> None:
    assert BUILDERS[name]() == BUILDERS[name]()


@pytest.mark.parametrize("name", BUILDERS)
def test_range_and_dependence(name: str, tmp_path: Path) -> None:
    """On images that the scales were not chosen by: all layers vary, few values are at the upper end."""
    model = imported(BUILDERS[name](), tmp_path)
    graph = model.graph
    height, width, channels = graph.tensors[graph.inputs[0]].dims[1:]
    first, second = (execute(model, [image[None]]) for image in images(99, 2, (height, width, channels)))
    for index, codes in first.items():
        both = np.concatenate([codes.ravel(), second[index].ravel()])
        label = graph.tensors[index].name
        assert int(both.max()) - int(both.min()) > 50, label
        assert (both == 127).mean() < 0.05, label
        assert (both == -128).mean() < 0.2, label
        assert (codes != second[index]).mean() > 0.75, label


@pytest.mark.parametrize("name", BUILDERS)
def test_golden_vectors(name: str, tmp_path: Path) -> None:
    for module in ("tflite_micro", "ai_edge_litert"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"needs {module}")
    model = imported(BUILDERS[name](), tmp_path)
    write_golden(tmp_path / "model.tflite", tmp_path / "golden.npz")
    with np.load(tmp_path / "golden.npz") as golden:
        assert sorted(golden) == ["in0_0", "in1_0", "tflm_out0_0", "tflm_out1_0"]
        for k in range(2):
            computed = execute(model, [golden[f"in{k}_0"]])[model.graph.outputs[0]]
            np.testing.assert_array_equal(computed, golden[f"tflm_out{k}_0"])
