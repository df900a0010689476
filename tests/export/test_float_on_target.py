# SPDX-License-Identifier: Apache-2.0
"""Random networks of float32, and of plain tensors of any rank, on emulated cores with an FPU and without, audited."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sconnx.emulate.firmware import observe
from sconnx.graph.model import Model
from sconnx.graph.operator import Reshape
from sconnx.report.compare import verify
from tests.emulate.firmware_build import FirmwareBuilder
from tests.export.workshop import Workshop
from tests.float_networks import image_network, random_vectors, sequence_network, volume_network
from tests.nd_networks import nd_network

NETWORKS: tuple[Callable[[int], Model], ...] = (image_network, sequence_network, volume_network, nd_network)
BUILDS = [
    ("cortex-m7", "zig", "ram"),
    ("cortex-m7", "gcc", "speed"),
    ("cortex-m4", "zig", "balanced"),
    ("cortex-m0plus", "zig", "ram"),
    ("cortex-m3", "gcc", "balanced"),
]


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return FirmwareBuilder(tmp_path_factory.mktemp("hooks")).hooks()


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.__name__)
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("target", "toolchain", "optimize"), BUILDS)
def test_firmware(
    workshop: Workshop,
    hooks: Path,
    target: str,
    toolchain: str,
    optimize: str,
    seed: int,
    network: Callable[[int], Model],
) -> None:
    model = network(seed)
    policy = "clobber" if seed == 2 else "keep"
    exported = workshop.export(
        model, target=target, toolchain=toolchain, policy=policy, planning={"optimize": optimize}
    )
    given = random_vectors(model, 3, seed)
    seen = observe(exported.firmware, given, layers=True, audit=True, native_hooks=hooks)
    verdict = verify(exported.firmware, model, given, seen, "random")
    computing = [node for node in model.graph.nodes if not isinstance(node.operator, Reshape)]
    assert verdict["layers"] == sum(len(node.outputs) for node in computing)
    assert verdict["tolerance"]["largest_error"] < 1e-4
