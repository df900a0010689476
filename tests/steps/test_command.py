# SPDX-License-Identifier: Apache-2.0
"""`python -m sconnx`: the steps as commands, and one line for each problem."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest

from sconnx.__main__ import main
from sconnx.export.lowered import read_lowered
from sconnx.graph.json_form import graph_to_json, to_bytes
from sconnx.steps.names import STEPS
from tests.tiny_models import ROOT, RULES, lowered_of, tiny_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "graph.json").write_bytes(to_bytes(graph_to_json(tiny_model().graph)))
    (tmp_path / "options.json").write_text(json.dumps({"target": "cortex-m3", "rules": [str(RULES)], "externals": {}}))
    return tmp_path


def test_every_step_is_there() -> None:
    for name, step in STEPS.items():
        assert list(signature(import_module(f"sconnx.steps.{step.module}").run).parameters) == ["options", "inputs"]
        assert step.outputs and step.summary and name == name.lower()
        for pattern in step.data:
            assert list((ROOT / "site_scons/sconnx").glob(pattern)), pattern


def test_a_package_that_is_not_there_is_named(folder: Path) -> None:
    """Python without its packages, as that of a system's SCons may be."""
    (folder / "options.json").write_text(json.dumps({"input": "keep", "optimize": "ram", "output": "arena"}))
    words = ["schedule", "--options", f"{folder}/options.json", f"{folder}/graph.json", "-o", f"{folder}/schedule.json"]
    python = [sys.executable, "-S", "-P", "-m", "sconnx"]
    environment = {"PYTHONPATH": str(ROOT / "site_scons")}
    done = subprocess.run([*python, *words], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    help_text = f"(help: {sys.executable} -m pip install numpy)"
    assert done.stderr == f"error[E601]: the package 'numpy' is not installed {help_text}\n"


def test_a_step_writes_its_outputs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["lower", "--options", f"{folder}/options.json", f"{folder}/graph.json", "-o", f"{folder}/new/lowered.json"]
    assert main(words) == 0
    assert capsys.readouterr() == ("", "")
    assert read_lowered(folder / "new/lowered.json") == lowered_of(tiny_model())


def test_show(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", f"{folder}/graph.json"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "tiny: 7 nodes, rule tflite" and err == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("show nothing.json", "nothing.json: error[E101]: cannot read the file: No such file or directory"),
        ("lower graph.json -o x", "--options: error[E702]: the options lack target, rules, externals"),
        ("lower --options no graph.json -o x", "no: error[E101]: cannot read the options: No such file or directory"),
        ("lower --options few.json graph.json -o x", "few.json: error[E702]: the options lack rules, externals"),
        (
            "lower --options list.json graph.json -o x",
            "list.json: error[E702]: the options lack target, rules, externals",
        ),
        ("lower --options number.json graph.json -o x", "number.json: error[E702]: the options are no JSON object"),
        ("lower --options broken.json graph.json -o x", "broken.json: error[E702]: the options are no JSON object"),
        ("lower --options options.json no.json -o x", "no.json: error[E101]: no such file"),
        ("lower --options options.json -o x", "error[E702]: lower reads graph.json; given: 0 files"),
        (
            "lower --options options.json graph.json graph.json -o x",
            "error[E702]: lower reads graph.json; given: 2 files",
        ),
        (
            "lower --options options.json graph.json -o x y",
            "error[E702]: lower writes lowered.json; given: 2 files",
        ),
        (
            "lower --options other.json graph.json -o x",
            "error[E701]: target='cortex-m44' is not known (help: did you mean 'cortex-m4'? known values: ",
        ),
        (
            "lower --options options.json graph.json -o graph.json/x",
            "x: error[E105]: cannot write: File exists (help: look at the folder of graph.json/x)",
        ),
    ],
)
def test_a_problem_is_one_line_and_status_1(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, message: str
) -> None:
    monkeypatch.chdir(folder)
    documents = {"few": '{"target": "host"}', "list": "[]", "number": "7", "broken": "{"}
    documents["other"] = json.dumps({"target": "cortex-m44", "rules": [str(RULES)], "externals": {}})
    for name, text in documents.items():
        (folder / f"{name}.json").write_text(text)
    before = sorted(folder.iterdir())
    assert main(words.split()) == 1
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.removesuffix("\n").startswith(message)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("step", "inputs", "outputs", "fits"),
    [
        ("lower", 1, 1, (True, True)),
        ("lower", 2, 1, (False, True)),
        ("memory", 2, 2, (True, True)),
        ("memory", 2, 1, (True, False)),
        ("memory", 3, 2, (False, True)),
        ("memory", 4, 4, (True, True)),
        ("memory", 6, 6, (True, True)),
        ("firmware", 6, 2, (True, True)),
        ("firmware", 4, 2, (False, True)),
        ("inspect", 7, 5, (True, True)),
        ("inspect", 6, 5, (False, True)),
        ("run", 7, 1, (False, True)),
        ("run", 8, 1, (True, True)),
        ("run", 9, 1, (True, True)),
        ("run", 10, 1, (False, True)),
        ("run", 14, 1, (True, True)),
        ("run", 16, 1, (True, True)),
        ("run", 17, 1, (False, True)),
        ("archive", 9, 1, (True, True)),
        ("archive", 0, 1, (False, True)),
        ("bench", 8, 2, (True, True)),
        ("ops", 0, 1, (True, True)),
    ],
)
def test_how_many_files_a_step_takes(step: str, inputs: int, outputs: int, fits: tuple[bool, bool]) -> None:
    assert STEPS[step].takes(inputs, outputs) == fits


def test_show_several(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", f"{folder}/graph.json", f"{folder}/graph.json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith(str(folder))] == [f"{folder}/graph.json:"] * 2
    assert lines[1] == lines[1 + len(lines) // 2] == "tiny: 7 nodes, rule tflite"


def test_several_problems_are_several_lines(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "options.json").write_text(
        json.dumps({"target": "cortex-m3", "rules": [str(folder / "rules")], "externals": {}})
    )
    (folder / "rules").mkdir()
    (folder / "rules/generic.py").write_text("")
    (folder / "rules/generic").mkdir()
    own = "from sconnx.export.library import ExportLib\ngeneric = ExportLib('generic')\n"
    (folder / "rules/generic/__init__.py").write_text(own)
    words = ["lower", "--options", f"{folder}/options.json", f"{folder}/graph.json", "-o", f"{folder}/lowered.json"]
    assert main(words) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 7
    assert all(line.startswith("tiny: error[E202]: node ") for line in lines)
    assert not (folder / "lowered.json").exists()


def test_as_a_command(folder: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "sconnx", *words]
        environment = {"PYTHONPATH": str(ROOT / "site_scons"), "LC_ALL": "C"}
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    done = run("lower", "--options", "options.json", "graph.json", "-o", "lowered.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = run("show", "options.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("options.json: error[E102]: the file has no console form")
    assert run("nonsense").returncode == 2
    assert "choose an implementation per node" in run("--help").stdout


def test_a_bug_keeps_its_traceback(folder: Path) -> None:
    (folder / "graph.json").write_bytes(to_bytes({"schema": "sconnx.graph/0"}))
    words = ["lower", "--options", f"{folder}/options.json", f"{folder}/graph.json", "-o", f"{folder}/x"]
    with pytest.raises(ValueError, match="has schema"):
        main(words)
