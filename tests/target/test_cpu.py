# SPDX-License-Identifier: Apache-2.0
"""The CPU data: every CPU is complete, and unknown names are refused with a suggestion."""

from __future__ import annotations

import pytest

from sconnx.errors import SconnxError
from sconnx.target.board import load_board
from sconnx.target.cpu import cpu_names, load_cpu
from sconnx.target.toolchain import toolchain_names

# From the Arm technical reference manuals of the cores.
FEATURES = {
    "cortex-m0plus": set(),
    "cortex-m3": {"div", "mul64", "unaligned"},
    "cortex-m4": {"div", "mul64", "unaligned", "dsp", "fpu_sp"},
    "cortex-m7": {"div", "mul64", "unaligned", "dsp", "fpu_sp", "fpu_dp"},
    "cortex-m33": {"div", "mul64", "unaligned", "dsp", "fpu_sp"},
    "cortex-m55": {"div", "mul64", "unaligned", "dsp", "fpu_sp", "fpu_dp", "mve", "mve_fp"},
}


@pytest.mark.parametrize("name", FEATURES)
def test_features(name: str) -> None:
    cpu = load_cpu(name)
    assert set(cpu.features) == FEATURES[name]
    assert cpu.features == tuple(sorted(cpu.features))
    assert cpu.has("dsp") == ("dsp" in FEATURES[name])


@pytest.mark.parametrize("name", cpu_names())
def test_every_cpu_is_complete(name: str) -> None:
    cpu = load_cpu(name)
    assert name in load_board("", cpu).cpus
    assert {toolchain for toolchain, _ in cpu.flags} == set(toolchain_names())
    assert bool(cpu.unicorn_model) == (load_board("", cpu).run == "unicorn")


def test_unknown_cpu() -> None:
    with pytest.raises(SconnxError) as caught:
        load_cpu("cortex-m44")
    assert (caught.value.code, caught.value.what) == ("E701", "target='cortex-m44' is not known")
    known = "cortex-m0plus, cortex-m3, cortex-m4, cortex-m7, cortex-m33, cortex-m55, host"
    assert caught.value.help == f"did you mean 'cortex-m4'? known values: {known}"
