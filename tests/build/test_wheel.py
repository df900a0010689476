# SPDX-License-Identifier: Apache-2.0
"""The wheel: the same bytes each time, complete, and enough to build a firmware in an environment without this checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.build.embedded_gcc import needs_embedded_gcc
from tests.build.scons_checkout import ROOT

pytest.importorskip("hatchling", reason="hatchling is not installed")
pytestmark = pytest.mark.slow

EXAMPLE = ROOT / "examples/scons_firmware"
INSIDE = {"site_scons/sconnx": "sconnx", "site_scons/site_tools": "sconnx/site_tools"} | {
    name: f"sconnx/{name}" for name in ("export_rules", "kernels")
}


def run(*words: str | Path, cwd: Path, status: int = 0, **environment: str) -> str:
    """What a command prints to standard output; errors come at the end. It knows nothing of this checkout."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(words, cwd=cwd, env={**variables, **environment}, capture_output=True, text=True, check=False)
    assert done.returncode == status and "Traceback" not in done.stderr, done.stdout + done.stderr
    return done.stdout + done.stderr


def build(kind: str, project: Path, folder: Path) -> Path:
    """Build a wheel or an sdist of a project."""
    hatchling = (sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder)
    run(*hatchling, cwd=project, SOURCE_DATE_EPOCH="1700000000", PYTHONPATH=os.environ.get("PYTHONPATH", ""))
    (made,) = folder.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@dataclass(frozen=True)
class Installed:
    """A virtual environment with the wheel. What sconnx depends on comes from the environment of the tests."""

    python: Path
    command: Path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("environment") / ".venv"
    venv.create(folder, with_pip=False)
    python = folder / "bin/python"
    install = ("install", "-q", "--no-deps", "--no-index", "--no-compile", wheel)
    run(sys.executable, "-m", "pip", "--python", python, *install, cwd=folder)
    packages = next((folder / "lib").glob("python*/site-packages"))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(python, folder / "bin/sconnx")


def test_the_same_bytes_from_the_checkout_and_from_the_sdist(wheel: Path, tmp_path: Path) -> None:
    source = build("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    again = build("wheel", tmp_path / source.name.removesuffix(".tar.gz"), tmp_path / "again")
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_everything_is_in_it(wheel: Path) -> None:
    expected = {"sconnx/SConstruct", "sconnx/LICENSE"}
    shared = {f"share/cmake/sconnx/{path.name}" for path in (ROOT / "site_scons/sconnx/cmake").glob("*.cmake")}
    for folder, inside in INSIDE.items():
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        expected |= {f"{inside}/{path.relative_to(ROOT / folder).as_posix()}" for path in files}
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (metadata,) = (archive.read(name).decode() for name in names if name.endswith(".dist-info/METADATA"))
    assert {name for name in names if ".dist-info/" not in name and ".data/" not in name} == expected
    assert {name.partition(".data/data/")[2] for name in names if ".data/" in name} == shared
    assert "sconnx/py.typed" in names
    assert "Requires-Python: >=3.11\n" in metadata
    assert set(re.findall("^Provides-Extra: (.*)$", metadata, re.MULTILINE)) == {"quantize", "toolchain", "verify"}
    # Whatever a build needs that is pinned for a checkout is a dependency or an extra of the wheel.
    pinned = re.findall("^([a-z0-9]+)==", (ROOT / "requirements.in").read_text(), re.MULTILINE)
    assert set(pinned) <= set(re.findall("^Requires-Dist: ([a-z0-9]+)", metadata, re.MULTILINE))


def test_the_command(installed: Installed, tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples/mnist/mnist.onnx", tmp_path / "kws.onnx")
    # Neither is a module to Python, nor the build to SCons.
    (tmp_path / "numpy.py").write_text("raise ImportError('not this one')\n")
    (tmp_path / "site_scons").mkdir()
    (tmp_path / "site_scons/site_init.py").write_text("raise ImportError('nor this one')\n")
    said = run(installed.command, "check", "kws.onnx", "target=cortex-m4", cwd=tmp_path)
    assert said.startswith("kws.onnx on cortex-m4\n") and said.endswith("  can be exported, rule onnx\n")
    assert "\n  Conv2D " in run(installed.command, "ops", cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kws.onnx", "numpy.py", "site_scons"]
    problem = "error[E702]: there is no model (help: model=kws.tflite)\n"
    assert run(installed.command, "check", cwd=tmp_path, status=1) == problem
    annotated = run(installed.command, "check", cwd=tmp_path, status=1, GITHUB_ACTIONS="true")
    assert "::error" in annotated and annotated.endswith(problem)
    assert run(installed.command, "build", cwd=tmp_path, status=2) == problem
    assert run(installed.command, "check", "kws.onnx", "m4", cwd=tmp_path, status=1) == (
        "error[E701]: 'm4' is neither a model nor name=value\n"
    )
    assert "  target     the CPU, host, or a .toml file" in run(installed.command, "build", "-h", cwd=tmp_path)
    options = tmp_path / "options.json"
    options.write_text(json.dumps({"name": "kws", "prune": True, "rules": [], "carry": []}))
    files = ("graph.json", "params.npz", "interface.json")
    run(installed.command, "import", "--options", options, "kws.onnx", "-o", *files, cwd=tmp_path)
    assert json.loads((tmp_path / "graph.json").read_text())["name"] == "kws"


@needs_embedded_gcc
def test_the_build(installed: Installed, tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples/mnist/mnist.onnx", tmp_path / "kws.onnx")
    words = (installed.command, "report", "kws.onnx", "toolchain=gcc", "flash=96K")
    assert "kws for cortex-m7 on mps2-an500 (gcc" in run(*words, cwd=tmp_path)
    assert (tmp_path / "build/cortex-m7/kws/firmware.elf").is_file()
    steps = [line for line in run(*words, cwd=tmp_path).splitlines() if re.match("  [A-Z-]+ +build/", line)]
    assert steps == []


def lines_to_type(readme: str) -> list[list[str]]:
    """The commands of each block of a README."""
    return [block.splitlines() for block in re.findall("^```sh\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)]


@needs_embedded_gcc
def test_the_example_is_built_as_its_readme_says(installed: Installed, tmp_path: Path) -> None:
    firmware = tmp_path / "my scons_firmware"
    shutil.copytree(
        EXAMPLE, firmware, ignore=shutil.ignore_patterns("neural", "*.o", "*.elf", "__pycache__", ".scons*")
    )
    (firmware / ".venv").symlink_to(installed.python.parents[1])
    text = (EXAMPLE / "README.md").read_text()
    (with_wheel, _, (emulator,)) = lines_to_type(text)
    made, install, command = with_wheel
    # These two are what the fixture has done, with the wheel of this checkout.
    assert (made, install) == ("python3 -m venv .venv", ".venv/bin/python -m pip install sconnx")
    said = run("sh", "-c", command, cwd=firmware)
    assert {"IMPORT", "MEASURE", "BUDGET"} <= set(re.findall("^  ([A-Z]+) ", said, re.MULTILINE))
    assert run("sh", "-c", command, cwd=firmware) == (
        "scons: Reading SConscript files ...\nscons: done reading SConscript files.\nscons: Building targets ...\n"
        "scons: `.' is up to date.\nscons: done building targets.\n"
    )
    report = json.loads((firmware / "neural/cortex-m4/edges+digits/report.json").read_text())
    plans = {row["name"]: row["plan_arena_bytes"] for row in report["models"]}
    assert report["summary"]["total_ram_bytes"] == plans["digits"] > plans["edges"]
    symbols = run("arm-none-eabi-nm", "-S", "app.elf", cwd=firmware)
    (arena,) = re.findall(r"^\w+ (\w+) b arena$", symbols, re.MULTILINE)
    assert int(arena, 16) == plans["digits"]
    linked = json.loads((firmware / "neural/cortex-m4/edges+digits/app.elf.linked.json").read_text())
    assert [row["plan_bytes"] for row in linked["arenas"]] == [plans["digits"]]
    sizes = run("arm-none-eabi-size", "app.elf", cwd=firmware).splitlines()[1].split()
    assert linked["total_flash_bytes"] == int(sizes[0]) + int(sizes[1])
    assert linked["total_ram_bytes"] == int(sizes[1]) + int(sizes[2])
    kernels = re.findall(r" T (sx_\w+)$", symbols, re.MULTILINE)
    assert "sx_conv2d_packed_s8_onnx" in kernels and len(set(kernels)) == len(kernels)
    if shutil.which("qemu-system-arm"):
        assert (
            run("timeout", "60", "sh", "-c", emulator, cwd=firmware)
            == re.findall("```text\n(.*?)```", text, re.DOTALL)[0]
        )


@needs_embedded_gcc
@pytest.mark.parametrize("name", ["cmake_firmware", "motion", "streaming"])
def test_an_example_of_another_build_system(name: str, installed: Installed, tmp_path: Path) -> None:
    """Word for word as its README says, in a folder with nothing else; a second build has nothing to do."""
    if shutil.which("cmake") is None:
        pytest.skip("needs cmake")
    firmware = tmp_path / f"my {name}"
    built = shutil.ignore_patterns("build", "digits", "app.elf")
    shutil.copytree(ROOT / "examples" / name, firmware, ignore=built)
    (firmware / ".venv").symlink_to(installed.python.parents[1])
    text = (firmware / "README.md").read_text()
    (_, _, *commands), (emulator,), *_ = lines_to_type(text)
    for command in commands:
        run("sh", "-c", command, cwd=firmware)
    again = run("sh", "-c", commands[-1], cwd=firmware)
    assert "Generating" not in again and "arm-none-eabi-gcc" not in again
    if shutil.which("qemu-system-arm"):
        expected = re.findall("```text\n(.*?)```", text, re.DOTALL)[0]
        assert run("timeout", "60", "sh", "-c", emulator, cwd=firmware) == expected


@pytest.mark.parametrize("name", ["custom_operator", "mnist"])
def test_an_example_without_a_checkout_of_sconnx(name: str, installed: Installed, tmp_path: Path) -> None:
    """Word for word as its README says, in a folder with nothing else."""
    folder = tmp_path / "a folder"
    shutil.copytree(ROOT / "examples" / name, folder, ignore=shutil.ignore_patterns("build", "__pycache__"))
    (folder / ".venv").symlink_to(installed.python.parents[1])
    blocks = lines_to_type((folder / "README.md").read_text())
    (block,) = (block for block in blocks if block[0] == "python3 -m venv .venv")
    install, command = block[1:]
    assert install == '.venv/bin/python -m pip install "sconnx[verify,toolchain]"'
    assert " on mps2-an500: bit-exact, rule onnx: " in run("sh", "-c", command, cwd=folder)
