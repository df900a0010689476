# SPDX-License-Identifier: Apache-2.0
"""Networks that a script makes, with seeded weights: their RAM in the ELF, bit-exact in the emulator, and audited."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.build.scons_checkout import Checkout, new_checkout

pytest.importorskip("ai_edge_litert")
from tests.networks import branches
from tests.networks.golden import write_golden
from tests.networks.mobilenet_v2 import mobilenet_v2

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, zig_cache: Path) -> Checkout:
    return new_checkout(tmp_path_factory.mktemp("networks") / "checkout", zig_cache)


def ram_bytes(checkout: Checkout, name: str, model: bytes, *arguments: str) -> tuple[int, int]:
    """The activation RAM of a network that verifies, and how many of its nodes stream."""
    path = checkout.path(f"{name}.tflite")
    path.write_bytes(model)
    vectors = checkout.path(f"{name}.npz")
    write_golden(path, vectors)
    checkout.build(f"model={path}", f"vectors={vectors}", *arguments, "audit=1", "report", "verify")
    folder = f"build/cortex-m7/{name}"
    verdict = json.loads(checkout.path(f"{folder}/verify.json").read_text())
    assert verdict["exact"] is True and verdict["golden_outputs"] == 2
    report = json.loads(checkout.path(f"{folder}/report.json").read_text())
    schedule = json.loads(checkout.path(f"{folder}/schedule.json").read_text())
    streaming = sum(len(segment["nodes"]) for segment in schedule["segments"] if len(segment["nodes"]) > 1)
    return report["summary"]["activation_ram_bytes"], streaming


@pytest.mark.parametrize(("alpha", "resolution", "limit_bytes"), [(0.35, 96, 31_500), (0.30, 80, 22_500)])
def test_mobilenet_v2(checkout: Checkout, alpha: float, resolution: int, limit_bytes: int) -> None:
    name = f"mobilenet_v2_{resolution}"
    assert ram_bytes(checkout, name, mobilenet_v2(alpha, resolution), "optimize=ram")[0] <= limit_bytes


@pytest.mark.parametrize("network", branches.NETWORKS.values(), ids=branches.NETWORKS)
def test_branches_that_rejoin(checkout: Checkout, network: Callable[[], bytes]) -> None:
    """Residual sums, two ways of different depth, depthwise pairs: less RAM with streaming, by rows or from the application."""
    name = network.__name__
    speed, _ = ram_bytes(checkout, name, network(), "optimize=speed", "input=clobber")
    ram, streaming = ram_bytes(checkout, name, network(), "optimize=ram")
    pushed, _ = ram_bytes(checkout, name, network(), "optimize=ram", "input=stream", "output=caller")
    assert pushed <= ram < speed and streaming > 1
