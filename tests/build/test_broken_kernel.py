# SPDX-License-Identifier: Apache-2.0
"""A kernel with a mistake fails the verification, which names the first layer that is wrong."""

from __future__ import annotations

import pytest

from tests.build.scons_checkout import Checkout

KERNELS = "kernels/generic"
TARGET = "target=cortex-m3"
"""A core for which no other lib is preferred."""


@pytest.mark.parametrize(
    ("file", "correct", "wrong", "operator", "layer"),
    [
        (
            "sx_depthwise_conv2d_s8_body.h",
            "for (int32_t i = count; i > 0; --i) {",
            "for (int32_t i = count; i > 1; --i) {",
            "DepthwiseConv2D",
            "/depthwise/Conv",
        ),
        (
            "sx_fully_connected_s8_blocks.h",
            "sums[0] = sx_dot_s8(",
            "sums[0] = ((o == 9) ? 4096 : 0) + sx_dot_s8(",
            "FullyConnected",
            "/classify/Gemm",
        ),
    ],
)
def test_verify_names_the_broken_layer(
    checkout: Checkout, file: str, correct: str, wrong: str, operator: str, layer: str
) -> None:
    nodes = checkout.document("graph.json", "sconnx.graph/1")["nodes"]
    index = [node["operator"] for node in nodes].index(operator)
    checkout.replace(f"{KERNELS}/{file}", correct, wrong)
    outcome = checkout.scons(TARGET, "verify")
    assert outcome.status == 2
    (error,) = outcome.errors
    assert error.startswith(
        f"mnist: error[E510]: layer {index} '{layer}' ({operator}) is the first that diverges from the reference: "
    )
    assert error.endswith("(help: the layers before it are exact: look at this layer's kernel)")
    assert checkout.scons(TARGET, "verify").status == 2, "a failed verification is repeated"

    checkout.replace(f"{KERNELS}/{file}", wrong, correct)
    assert "bit-exact" in checkout.build(TARGET, "verify").output
