# SPDX-License-Identifier: Apache-2.0
"""docs/add-an-operator.md is followed to the letter; docs/operators.md says what the registry says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sconnx.report.show import show
from sconnx.steps import ops
from sconnx.target.cpu import cpu_names
from tests.build.scons_checkout import ROOT, Checkout
from tests.export.outside import blocks, checkout_with_sconsw, run_as_written
from tests.tiny_models import RULES

ADD_AN_OPERATOR = ROOT / "docs/add-an-operator.md"
OPERATORS = ROOT / "docs/operators.md"


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory, zig_cache: Path) -> tuple[Checkout, list[str]]:
    """A checkout with the page's files, and what each block of commands printed."""
    checkout = checkout_with_sconsw(tmp_path_factory.mktemp("followed") / "sconnx", zig_cache)
    printed = []
    for path, language, text in blocks(ADD_AN_OPERATOR):
        if language == "sh":
            printed.append(run_as_written(text, checkout.root))
        else:
            assert not checkout.path(path).exists(), f"{path} is there already: describe another operator"
            checkout.path(path).parent.mkdir(exist_ok=True)
            checkout.path(path).write_text(text)
    return checkout, printed


@pytest.mark.slow
def test_the_page_adds_its_operator(followed: tuple[Checkout, list[str]]) -> None:
    checkout, [printed] = followed
    assert (
        "triangle on mps2-an500: bit-exact, rule onnx: 1 layers and all outputs of 3 vectors equal the reference\n"
        in printed
    )
    assert "node 0 'above': Triangle on cortex-m7\n  >  generic.TriangleElementwise  fits\n" in printed
    [row] = [line.split() for line in printed.splitlines() if line.startswith("  Triangle ")]
    assert row == ["Triangle", "int8", *["generic"] * len(cpu_names())]
    # The output takes the place of an input where these may be overwritten.
    graph = json.loads(checkout.path("build/cortex-m7/triangle/graph.json").read_text())
    assert [node["operator"] for node in graph["nodes"]] == ["Triangle"]
    plan = checkout.build("model=triangle.onnx", "input=clobber", "meminfo").output
    assert "in place of" in plan


@pytest.mark.slow
def test_the_page_agrees_with_onnx_runtime(followed: tuple[Checkout, list[str]]) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    import numpy as np

    checkout, _ = followed
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    path = str(checkout.path("triangle.onnx"))
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(3)
    given = {name: random.normal(0, 20, (1, 4, 5)).astype(np.float32) for name in "x"}
    [expected] = session.run(None, given)
    arrays = {f"in0_{name}": value for name, value in given.items()} | {"out0_y": expected}
    np.savez(checkout.path("golden.npz"), **arrays)
    assert "1 golden outputs" in checkout.build("model=triangle.onnx", "vectors=golden.npz", "verify").output


def test_the_matrix_is_what_ops_prints(tmp_path: Path) -> None:
    path = tmp_path / "ops.json"
    [content] = ops.run({"target": "cortex-m7", "rules": [str(RULES)], "externals": {}}, [])
    path.write_bytes(content)
    [(_, language, text)] = blocks(OPERATORS)
    assert language == "text"
    assert text == show(path) + "\n", "docs/operators.md is stale: replace its block by the output of `./sconsw ops`"
