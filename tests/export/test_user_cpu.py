# SPDX-License-Identifier: Apache-2.0
"""target=FILE.toml: a CPU from outside, its dependencies, and the mistakes one can make."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sconnx.errors import SconnxError
from sconnx.project.dependencies import step_dependencies
from sconnx.project.settings import parse_settings
from sconnx.steps.names import STEPS
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu, target_name
from sconnx.target.toml_file import DATA
from tests.build.scons_checkout import Checkout, new_checkout
from tests.export.workshop import cpu_text


def cpu_file(folder: Path, text: str = "", name: str = "cortex-x0.toml") -> Path:
    path = folder / name
    path.write_text(text or cpu_text("generic"))
    return path


def test_a_cpu_from_a_file(tmp_path: Path) -> None:
    cpu = load_cpu(str(cpu_file(tmp_path)))
    assert (cpu.name, cpu.libs, cpu.unicorn_model) == ("cortex-x0", ("generic",), "CORTEX_M7")
    assert cpu.features == ("div", "mul64", "unaligned")
    # The board does not know the CPU; the CPU knows the board.
    assert load_board("", cpu).name == load_board("mps2-an500", cpu).name == "mps2-an500"
    with pytest.raises(SconnxError, match="board 'mps2-an386' is not for target 'cortex-x0'"):
        load_board("mps2-an386", cpu)


def test_a_board_beside_it(tmp_path: Path) -> None:
    board = (DATA / "boards/mps2-an500.toml").read_text()
    (tmp_path / "x0-board.toml").write_text(board)
    path = cpu_file(tmp_path, cpu_text("generic").replace('"mps2-an500"', '"x0-board.toml"'))
    assert load_board("", load_cpu(str(path))).name == "x0-board"
    read = step_dependencies("firmware", target=str(path))
    assert {path, tmp_path / "x0-board.toml"} <= set(read)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"div"', '"dv"', "error[E702]: 'features' names 'dv', which is not listed under [features]"),
        ("unicorn_model =", "unicorn =", "error[E702]: 'unicorn_model' is missing"),
        ("libs =", "speed = 3\nlibs =", "error[E702]: 'speed' is not a known key"),
        ('"mps2-an500"', '"mps3"', ""),
        ("features =", "features", "error[E702]: the file is not valid TOML"),
    ],
)
def test_mistakes(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = cpu_file(tmp_path, cpu_text("generic").replace(old, new))
    with pytest.raises(SconnxError) as caught:
        load_board("", load_cpu(str(path)))
    assert message in str(caught.value)
    if message:
        assert str(caught.value).startswith(f"{path}: ")


def test_names(tmp_path: Path) -> None:
    assert target_name("a/b/cortex-x0.toml") == "cortex-x0"
    assert target_name("cortex-m4") == "cortex-m4"
    with pytest.raises(SconnxError, match="'cortex-m7' is a CPU that sconnx knows"):
        load_cpu(str(cpu_file(tmp_path, name="cortex-m7.toml")))
    with pytest.raises(SconnxError, match="cannot read"):
        load_cpu(str(tmp_path / "nowhere.toml"))


def test_settings(tmp_path: Path) -> None:
    path = cpu_file(tmp_path)
    assert parse_settings({"target": str(path)}).target_name == "cortex-x0"
    assert parse_settings({"target": path.name}, tmp_path).target == path.name
    with pytest.raises(SconnxError) as caught:
        parse_settings({"target": "cortex-x1.toml"}, tmp_path)
    assert str(caught.value).startswith("cortex-x1.toml: error[E101]: target=")
    with pytest.raises(SconnxError, match="unknown value 'cortex-x0' of target="):
        parse_settings({"target": "cortex-x0"})


def test_every_step_with_a_target_depends_on_the_file(tmp_path: Path) -> None:
    path = cpu_file(tmp_path)
    for name, step in STEPS.items():
        assert (path in step_dependencies(name, target=str(path))) == ("target" in step.options), name


@pytest.mark.slow
def test_a_build_for_it(tmp_path: Path, zig_cache: Path) -> None:
    checkout: Checkout = new_checkout(tmp_path / "sconnx", zig_cache)
    (tmp_path / "x0").mkdir()
    path = cpu_file(tmp_path / "x0")
    arguments = ("target=../x0/cortex-x0.toml", "verify", "report")
    outcome = checkout.build(*arguments)
    assert "mnist for cortex-x0 on mps2-an500 (zig" in outcome.output
    assert "mnist on mps2-an500: bit-exact, rule onnx" in outcome.output
    built = checkout.path("build/cortex-x0/mnist")
    assert json.loads((built / "lowered.json").read_text())["target"] == "cortex-x0"
    assert [
        name for name in sorted(built.rglob("*")) if name.is_file() and str(tmp_path).encode() in name.read_bytes()
    ] == []
    assert checkout.build(*arguments).steps == []
    path.write_text(path.read_text().replace(', "unaligned"', ""))
    again = {step.split()[0] for step in checkout.build(*arguments).steps}
    assert {"LOWER", "MEMORY", "FIRMWARE", "VERIFY"} <= again
    assert "SCHEDULE" not in again
    assert "cortex-x0" in checkout.build("target=../x0/cortex-x0.toml", "ops").output.splitlines()[1]
