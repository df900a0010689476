# SPDX-License-Identifier: Apache-2.0
"""Every step really runs, and opens no file of the project that it does not depend on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sconnx.project.dependencies import PACKAGE, step_dependencies
from sconnx.steps.names import STEPS
from tests.quantize.float_net import float_net, samples
from tests.tiny_models import ROOT, RULES
from tests.tiny_pipeline import Pipeline

# Writes the project's files that a step opens to a log. Compiled modules count as their source; directories do not count.
PROGRAM = """
import sys
log, *arguments = sys.argv[1:]
roots = ({package!r}, {rules!r}, {own!r})
opened = set()
def hook(event, parts):
    if event == "open" and isinstance(parts[0], str) and parts[0].startswith(roots):
        opened.add(parts[0])
sys.addaudithook(hook)
sys.path[:0] = [{site!r}]
sys.dont_write_bytecode = True
from sconnx.__main__ import main
status = main(arguments)
with open(log, "w") as file:
    file.write("\\n".join(sorted(opened)))
sys.exit(status)
"""


OF_MODELS = ("import", "import-check")


def source_of(path: str) -> Path:
    """`__pycache__/x.cpython-311.pyc` is x.py."""
    opened = Path(path)
    if opened.parent.name == "__pycache__":
        return opened.parent.parent / f"{opened.name.split('.')[0]}.py"
    return opened


def opened_files(folder: Path, own: Path, arguments: list[str]) -> set[Path]:
    program = PROGRAM.format(package=str(PACKAGE), rules=str(RULES), own=str(own), site=str(PACKAGE.parent))
    log = folder / "opened.txt"
    done = subprocess.run(
        [sys.executable, "-c", program, str(log), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    paths = {source_of(line) for line in log.read_text().splitlines()}
    return {path for path in paths if path.is_file()}


def inputs_of(step: str, pipeline: Pipeline) -> list[Path]:
    if step == "quantize":
        np.savez(pipeline.folder / "samples.npz", **samples())  # type: ignore[arg-type]
        return [float_net(pipeline.folder / "float.onnx"), pipeline.folder / "samples.npz"]
    return [ROOT / "examples/mnist/mnist.onnx"] if step in OF_MODELS else pipeline.inputs(step)


def pretend_export(folder: Path) -> None:
    """A project whose files are there, and whose build only writes what `base` reads."""
    if folder.exists():
        return
    folder.mkdir(parents=True)
    (folder / ".exported").touch()
    files = {"report": "report.json", "run": "run.json", "fleet": "fleet/fleet.json"}
    lines = [f'Alias("{alias}", Command("build/{file}", [], Touch("$TARGET")))' for alias, file in files.items()]
    (folder / "SConstruct").write_text("\n".join(lines))


@pytest.mark.parametrize("step", STEPS)
def test_a_step_reads_only_what_it_depends_on(pipeline: Pipeline, tmp_path: Path, step: str) -> None:
    if step in OF_MODELS and not inputs_of(step, pipeline)[0].is_file():
        pytest.skip("the example model is not there")
    if step == "quantize":
        pytest.importorskip("onnxruntime")
    if step in ("bench", "diff", "growth", "page", "history", "fleet", "limits"):
        pipeline.run("run")
    if step == "page":
        pipeline.run("history")
    if step == "growth":
        pipeline.run("diff")
    if step == "limits":
        pipeline.run("fleet")
    if step in ("base", "fleet-base"):
        pretend_export(pipeline.folder / "export")
    own = tmp_path / "rules"
    (own / "mine").mkdir(parents=True)
    lib = "from sconnx.export.library import ExportLib\nmine = ExportLib('mine')\nimport sconnx.memory.check\n"
    (own / "mine/__init__.py").write_text(f"from export_rules.generic import generic\n{lib}")
    rules = (RULES, own)
    options = {**pipeline.options, "rules": [str(folder) for folder in rules]}
    (tmp_path / "options.json").write_text(json.dumps({key: options[key] for key in STEPS[step].options}))
    outputs = [str(tmp_path / f"out{i}") for i in range(len(STEPS[step].outputs))]
    inputs = [str(path) for path in inputs_of(step, pipeline)]
    arguments = [step, "--options", str(tmp_path / "options.json"), *inputs, "-o", *outputs]
    opened = opened_files(tmp_path, own, arguments)
    assert {PACKAGE / "__main__.py", PACKAGE / "steps" / f"{STEPS[step].module}.py"} <= opened
    if "target" in STEPS[step].options:
        assert PACKAGE / "target/data/cpus.toml" in opened
    depends = set(step_dependencies(step, rules if "rules" in STEPS[step].options else ()))
    assert opened <= depends, sorted(str(path) for path in opened - depends)


def test_dependencies_are_files_sorted_and_follow_rules(tmp_path: Path) -> None:
    for step in STEPS:
        found = step_dependencies(step, (RULES,))
        assert list(found) == sorted(set(found))
        assert all(path.is_file() for path in found)
    assert not any(RULES in path.parents for path in step_dependencies("schedule", (RULES,)))
    plain = set(step_dependencies("ops", ()))
    (tmp_path / "mine").mkdir()
    rule = tmp_path / "mine/__init__.py"
    rule.write_text("from sconnx.memory import (\n    check,\n    planner,\n)\n")
    added = set(step_dependencies("ops", (tmp_path,))) - plain
    assert {rule, PACKAGE / "memory/check.py", PACKAGE / "memory/planner.py"} <= added


def test_a_step_does_not_depend_on_other_steps() -> None:
    found = step_dependencies("schedule")
    schedule = {path.relative_to(PACKAGE).as_posix() for path in found if path.is_relative_to(PACKAGE)}
    assert "schedule/scheduler.py" in schedule
    assert not {"codegen/model_source.py", "elf/image.py", "memory/planner.py", "reference/execute.py"} & schedule
    assert not any(name.startswith(("frontend/", "target/", "emulate/")) for name in schedule)


def test_a_step_depends_on_the_versions_of_packages() -> None:
    locks = {step: [path.name for path in step_dependencies(step) if path.suffix == ".lock"] for step in STEPS}
    assert locks.pop("quantize") == ["requirements-quantize.lock"]
    assert all(lock == ["requirements.lock"] for lock in locks.values())


def test_the_users_board_file_belongs_to_the_steps_that_read_it() -> None:
    assert Path("own/desk.toml") in step_dependencies("memory", board="own/desk.toml")
    assert Path("own/desk.toml") not in step_dependencies("schedule", board="own/desk.toml")
    assert step_dependencies("memory", board="mps2-an386") == step_dependencies("memory")
