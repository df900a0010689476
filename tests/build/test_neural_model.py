# SPDX-License-Identifier: Apache-2.0
"""The SCons tool in firmware of others: their compiler, flags and folders; as a submodule, and in `site_scons`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.build.scons_checkout import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="arm-none-eabi-gcc is not installed"),
]
TOOLS = "third_party/sconnx/site_scons/site_tools"
HEAD = f"""\
DefaultEnvironment(tools=[])
CPU = ["-mthumb", "-mcpu=cortex-m7", "-mfpu=fpv5-d16", "-mfloat-abi=hard"]
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror"]
env = Environment(tools=["gcc", "ar", "gnulink"], CC="arm-none-eabi-gcc", AR="arm-none-eabi-ar",
                  RANLIB="arm-none-eabi-ranlib", CCFLAGS=[*CPU, "-Os", *WARNINGS],
                  LINKFLAGS=[*CPU, "--specs=nosys.specs", "-Wl,--gc-sections"])
env.Tool("sconnx_model", toolpath=["{TOOLS}"])
"""
ONE = """\
kws = env.NeuralModel("kws", "models/kws.onnx", target="cortex-m7", ram="24K", flash="96K")
env.Program("app.elf", ["main.c", kws])
"""
MAIN = """\
#include "kws.h"

static _Alignas(KWS_ARENA_ALIGN) int8_t kws_arena[KWS_ARENA_BYTES];

int main(void)
{
    kws_ctx ctx;
    return kws_init(&ctx, kws_arena, sizeof kws_arena) == 0 ? (int)kws_run(&ctx) : 1;
}
"""
_STEP = re.compile(r"^  ([A-Z]+) +\S", re.MULTILINE)


class Firmware:
    """A repository of others."""

    def __init__(self, root: Path, build_file: str) -> None:
        self.root = root
        (root / "models").mkdir(parents=True)
        shutil.copy(ROOT / "examples/mnist/mnist.onnx", root / "models/kws.onnx")
        self.write("SConstruct", build_file)
        self.write("main.c", MAIN)

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def scons(self, *words: str, status: int = 0) -> str:
        """What SCons says; it knows nothing of this checkout."""
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [sys.executable, "-m", "SCons", "-Q", *words],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == status and "Traceback" not in said and "warning" not in said, said
        return said

    def document(self, name: str) -> dict:  # type: ignore[type-arg]
        return dict(json.loads((self.root / name).read_text()))


def ran(said: str) -> list[str]:
    """What a build did, in any order: steps, `cc FILE`, ar, link."""
    done = _STEP.findall(said)
    done += [f"cc {Path(name).name}" for name in re.findall(r"^arm-none-eabi-gcc -o (\S+\.o) ", said, re.MULTILINE)]
    done += ["ar"] * len(re.findall(r"^arm-none-eabi-ar rc", said, re.MULTILINE))
    done += ["link"] * len(re.findall(r"^arm-none-eabi-gcc -o \S+\.elf ", said, re.MULTILINE))
    return sorted(done)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Firmware]:
    """Makes a repository with sconnx as a submodule; only what a submodule's files are."""
    submodule = tmp_path_factory.mktemp("submodule")
    for part in ("SConstruct", "site_scons", "export_rules", "kernels"):
        source = ROOT / part
        ignore = shutil.ignore_patterns("__pycache__", ".*_cache")
        shutil.copytree(source, submodule / part, ignore=ignore) if source.is_dir() else shutil.copy(source, submodule)

    def make(name: str, build_file: str) -> Firmware:
        made = Firmware(tmp_path_factory.mktemp(name) / "my firmware", build_file)
        (made.root / "third_party").mkdir()
        shutil.copytree(submodule, made.root / "third_party/sconnx")
        return made

    return make


@pytest.fixture(scope="module")
def first(repository: Callable[[str, str], Firmware]) -> tuple[Firmware, str]:
    """A firmware with one model, and what its first build said."""
    firmware = repository("one", HEAD + ONE)
    return firmware, firmware.scons()


def test_the_first_build(first: tuple[Firmware, str]) -> None:
    firmware, said = first
    steps = "BUDGET GENERATE IMPORT LOWER MEASURE MEMORY PARAMS SCHEDULE ar".split()
    assert [name for name in ran(said) if not name.startswith("cc ")] == [*steps, "link"]
    assert {"cc main.o", "cc kws.o", "cc kws_params.o", "cc sx_conv2d_packed_s8_onnx.o"} <= set(ran(said))
    # Kernels are compiled with the user's flags, and only those that the model calls.
    compiles = [line for line in said.splitlines() if line.startswith("arm-none-eabi-gcc -o") and " -c " in line]
    assert all("-mcpu=cortex-m7" in line and "-Wsign-conversion" in line for line in compiles)
    assert 5 < len(compiles) < 20
    assert {path.name for path in firmware.root.iterdir()} == {
        *("SConstruct", "main.c", "main.o", "models", "third_party", "neural", "app.elf", ".sconsign.dblite")
    }


def test_the_report_is_about_the_library(first: tuple[Firmware, str]) -> None:
    firmware, _ = first
    folder = firmware.root / "neural/cortex-m7/kws"
    report, plan = json.loads((folder / "report.json").read_text()), json.loads((folder / "meminfo.json").read_text())
    sizes = subprocess.run(
        ["arm-none-eabi-size", "-t", folder / "libkws.a"], capture_output=True, text=True, check=True
    )
    text, data, bss, *_ = map(int, sizes.stdout.splitlines()[-1].split()[:3])
    gaps = sum(part["size_bytes"] for part in report["flash"] if part["part"] == "alignment gaps")
    assert report["summary"]["total_flash_bytes"] - gaps == text + data
    assert report["summary"]["total_ram_bytes"] == report["plan_arena_bytes"] + data + bss
    assert report["plan_arena_bytes"] == sum(arena["size_bytes"] for arena in plan["arenas"])
    shown = (folder / "report.txt").read_text()
    assert shown.startswith("kws for cortex-m7 on any board (arm-none-eabi-gcc, optimize=balanced, rule onnx)\n")


def test_what_a_change_runs(first: tuple[Firmware, str]) -> None:
    firmware, _ = first
    assert firmware.scons() == "scons: `.' is up to date.\n"
    build = HEAD + ONE.replace("24K", "25K")
    firmware.write("SConstruct", build)
    assert ran(firmware.scons()) == ["BUDGET"]
    firmware.write("SConstruct", build + 'env.Append(CCFLAGS=["-DLATER"])\n')
    assert ran(firmware.scons()) == ["cc main.o"]
    firmware.write("SConstruct", build.replace('"-Os"', '"-O2"'))
    assert {"cc main.o", "cc kws.o", "cc sx_conv2d_packed_s8_onnx.o", "ar", "link"} <= set(ran(firmware.scons()))
    firmware.write("SConstruct", build)
    firmware.scons("-c")
    left = [path for path in (firmware.root / "neural").rglob("*") if path.is_file()]
    assert [path.name for path in left if "-O2" not in path.name and "kernels-" not in str(path)] == []
