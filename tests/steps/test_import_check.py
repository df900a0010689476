# SPDX-License-Identifier: Apache-2.0
"""import-check: what a model has and takes, and everything that stands against it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import onnx
import pytest

from sconnx.__main__ import main
from sconnx.steps.import_check import run
from sconnx.steps.import_model import import_model
from tests.build.bad_models import with_unknown_operators
from tests.tiny_models import ROOT, RULES

EXAMPLE = ROOT / "examples/mnist/mnist.onnx"
OPTIONS = {"name": "m", "target": "cortex-m7", "prune": True, "rules": [str(RULES)], "carry": [], "externals": {}}


def check(model: Path, **options: object) -> dict[str, Any]:
    content, _ = run(OPTIONS | options, [model])
    found: dict[str, Any] = json.loads(content)
    return found


def test_what_the_example_has() -> None:
    found = check(EXAMPLE)
    source = onnx.load(EXAMPLE)
    counted = Counter(node.op_type for node in source.graph.node)
    assert {row["operator"]: row["nodes"] for row in found["source_operators"]} == counted
    graph = import_model(OPTIONS, EXAMPLE).graph
    assert sum(row["nodes"] for row in found["operators"]) == len(graph.nodes)
    assert found["macs"] == sum(graph.macs(node) for node in graph.nodes) == sum(r["macs"] for r in found["operators"])
    assert found["constant_bytes"] == sum(graph.tensors[tensor].size_bytes for tensor in graph.constants)
    assert found["inputs"] == [{"name": "image", "dtype": "int8", "dims": [1, 28, 28, 1]}]
    assert found["problems"] == []


def test_its_ram_is_that_of_the_firmware() -> None:
    """The arenas of `./sconsw report` and `./sconsw optimize=ram report`."""
    assert [row["bytes"] for row in check(EXAMPLE)["activation_ram"]] == [2748, 1964]


def test_all_problems_of_the_import(tmp_path: Path) -> None:
    model = tmp_path / "odd.onnx"
    with_unknown_operators(EXAMPLE, model)
    found = check(model)
    assert [row["operator"] for row in found["source_operators"]][-2:] == ["odd.Defenestrate", "odd.Frobnicate"]
    assert "operators" not in found
    assert [problem.split(" is ")[0] for problem in found["problems"]] == [
        "odd.onnx: error[E201]: node 33 'odd Frobnicate': operator odd.Frobnicate (opset 3)",
        "odd.onnx: error[E201]: node 34 'odd Defenestrate': operator odd.Defenestrate (opset 3)",
    ]


def test_all_problems_of_the_target(tmp_path: Path) -> None:
    """A lib without rules: the graph is told all the same."""
    (tmp_path / "generic").mkdir()
    (tmp_path / "generic/__init__.py").write_text(
        'from sconnx.export.library import ExportLib\n\ngeneric = ExportLib("generic")\n'
    )
    found = check(EXAMPLE, target="cortex-m3", rules=[str(tmp_path)])
    assert found["macs"] > 0 and "activation_ram" not in found
    assert len(found["problems"]) == sum(row["nodes"] for row in found["operators"])
    assert all("error[E202]" in problem for problem in found["problems"])


def test_the_console_form_and_the_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, file = tmp_path / "odd.onnx", tmp_path / "import_check.json"
    file.write_bytes(run(OPTIONS, [EXAMPLE])[0])
    assert main(["show", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "mnist.onnx on cortex-m7",
        "  inputs: int8 1x28x28x1 'image'",
        "  outputs: int8 1x10 'logits'",
        "  operator         nodes     MACs  constant bytes",
    ]
    assert lines[-1] == "  can be exported, rule onnx"
    with_unknown_operators(EXAMPLE, model)
    file.write_bytes(run(OPTIONS, [model])[0])
    assert main(["show", str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "  operator in the file  nodes" and lines[-1].startswith("odd.onnx: error[E201]: node 34")


def test_problems_as_sarif(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each at the model's file, whose path is relative to the repository; without problems none."""
    monkeypatch.chdir(tmp_path)
    model = Path("models/odd.onnx")
    model.parent.mkdir()
    with_unknown_operators(EXAMPLE, model)
    document, log = map(json.loads, run(OPTIONS, [model]))
    results = log["runs"][0]["results"]
    assert [result["message"]["text"] for result in results] == document["problems"]
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
    assert places == ["models/odd.onnx"] * 2
    assert json.loads(run(OPTIONS, [EXAMPLE])[1])["runs"][0]["results"] == []
