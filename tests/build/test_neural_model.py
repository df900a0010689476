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
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from tests.build.embedded_gcc import needs_embedded_gcc
from tests.build.scons_checkout import ROOT
from tests.two_models import TWO_MODELS, check_program

pytestmark = [pytest.mark.slow, needs_embedded_gcc]
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

    def document(self, name: str) -> dict[str, Any]:
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
    locks = [path.name for path in ROOT.glob("requirements*.lock")]
    for part in ("SConstruct", "site_scons", "export_rules", "kernels", *locks):
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
    assert ran(firmware.scons()) == ["BUDGET", "MEASURE"]
    firmware.write("SConstruct", build + 'env.Append(CCFLAGS=["-DLATER"])\n')
    assert ran(firmware.scons()) == ["cc main.o"]
    firmware.write("SConstruct", build.replace('"-Os"', '"-O2"'))
    assert {"cc main.o", "cc kws.o", "cc sx_conv2d_packed_s8_onnx.o", "ar", "link"} <= set(ran(firmware.scons()))
    firmware.write("SConstruct", build)
    firmware.scons("-c")
    left = [path for path in (firmware.root / "neural").rglob("*") if path.is_file()]
    assert [path.name for path in left if "-O2" not in path.name and "kernels-" not in str(path)] == []


def test_reading_the_build_file_imports_nothing_heavy(first: tuple[Firmware, str]) -> None:
    firmware, _ = first
    heavy = ("numpy", "jinja2", "onnx", "elftools", "unicorn", "capstone")
    firmware.write("SConstruct", f"{HEAD}{ONE}import sys\nprint([name for name in {heavy} if name in sys.modules])\n")
    assert firmware.scons("-n").splitlines()[0] == "[]"


WALK = """\
def walk(node):
    return [node.rfile().name, *(name for child in node.all_children() for name in walk(child))]
names = walk(app[0])
assert {"main.c", "kws.onnx", "kws.h", "import.json", "lowered.json"} <= set(names), names
"""
"""As RT-Thread's `scons --target=cmake` and its like go through a firmware when its build files are read."""


def test_all_below_a_firmware_are_files(first: tuple[Firmware, str]) -> None:
    firmware, _ = first
    # A variable that RT-Thread's build files have, and SCons looks for by its name.
    head = HEAD + 'TARGET = "app.elf"\nenv.Append(CPPPATH=["include"])\n'
    firmware.write("SConstruct", head + ONE.replace("env.Program", "app = env.Program") + WALK)
    firmware.scons("-n")


PLATFORMIO = """\
DefaultEnvironment(tools=[])
env = Environment(tools=["gcc", "ar", "gnulink"], BUILD_DIR="built")
projenv = env.Clone()
env.Program("app", projenv.Object("main.c"))
Export("env", "projenv")
SConscript("kws.py")
"""
"""What PlatformIO has done when it comes to the scripts of a project."""


def test_the_script_for_platformio(repository: Callable[[str, str], Firmware]) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    text = (ROOT / "docs/scons.md").read_text().partition("## In PlatformIO")[2]
    script = text.partition("```python\n")[2].partition("```")[0]
    for written, here in (
        ("third_party/sconnx/.venv/bin/python", sys.executable),
        ("cortex-m4", "host"),
        ("kws.tflite", "kws.onnx"),
    ):
        assert written in script
        script = script.replace(written, here)
    firmware = repository("platformio", PLATFORMIO)
    firmware.write("kws.py", script)
    firmware.scons()
    assert subprocess.run([firmware.root / "app"], check=False).returncode == 0
    assert firmware.scons() == "scons: `.' is up to date.\n"


def test_editors_know_how_our_files_are_compiled(first: tuple[Firmware, str]) -> None:
    firmware, _ = first
    tool = 'env.Tool("compilation_db")\nenv.CompilationDatabase()\n'
    firmware.write("SConstruct", HEAD + tool + ONE)
    firmware.scons()
    firmware.scons("compile_commands.json")
    entries = json.loads((firmware.root / "compile_commands.json").read_text())
    library = firmware.root / "neural/cortex-m7/kws/libkws.a"
    members = subprocess.run(["arm-none-eabi-ar", "t", library], capture_output=True, text=True, check=True)
    assert {"main.o", *members.stdout.split()} == {Path(entry["output"]).name for entry in entries}
    assert {entry["command"].split()[0] for entry in entries} == {"arm-none-eabi-gcc"}
    (ours,) = (entry for entry in entries if entry["output"].endswith("/kws.o"))
    assert ours["file"] == "neural/cortex-m7/kws/kws.c" and "-std=c11 -ffp-contract=off" in ours["command"]


def test_only_what_new_weights_change_is_made_again(repository: Callable[[str, str], Firmware]) -> None:
    firmware = repository("weights", HEAD + ONE)
    firmware.scons()
    path = firmware.root / "models/kws.onnx"
    model = onnx.load(path)
    weights = next(t for t in model.graph.initializer if t.data_type == onnx.TensorProto.INT8 and len(t.dims) == 4)
    values = numpy_helper.to_array(weights).copy()
    values.flat[0] = np.int8(1) if values.flat[0] != 1 else np.int8(2)
    weights.CopyFrom(numpy_helper.from_array(values, weights.name))
    onnx.save(model, path)
    assert ran(firmware.scons()) == ["IMPORT", "MEASURE", "PARAMS", "ar", "cc kws_params.o", "link"]


def test_two_targets_and_folders_of_variants(repository: Callable[[str, str], Firmware]) -> None:
    firmware = repository(
        "targets",
        HEAD
        + """\
small = env.Clone(CCFLAGS=["-mthumb", "-mcpu=cortex-m0plus", "-Os", *WARNINGS], LINKFLAGS=["--specs=nosys.specs"])
small.Append(LINKFLAGS=["-mthumb", "-mcpu=cortex-m0plus"])
for name, each, target in (("big", env, "cortex-m7"), ("small", small, "cortex-m0plus")):
    exports = {"env": each, "target": target}
    SConscript("src/SConscript", variant_dir=f"build/{name}", duplicate=0, exports=exports)
""",
    )
    firmware.write(
        "src/SConscript",
        """\
Import("env target")
env.Append(CPPPATH=["include"])
made = env.Command("fresh.onnx", "#models/kws.onnx", Copy("$TARGET", "$SOURCE"))
kws = env.NeuralModel("kws", made, target=target, rules=["rules"])
vad = env.NeuralModel("vad", "models/vad.onnx", target=target, optimize="ram", folder="other")
env.Program("app.elf", ["main.c", kws, vad])
""",
    )
    firmware.write("src/main.c", MAIN.replace("int main", '#include "vad.h"\n\nint main'))
    firmware.write(
        "src/rules/mine/__init__.py", 'from sconnx.export.library import ExportLib\n\nmine = ExportLib("mine")\n'
    )
    (firmware.root / "src/models").mkdir()
    shutil.copy(ROOT / "examples/scons_firmware/models/edges.onnx", firmware.root / "src/models/vad.onnx")
    said = firmware.scons()
    includes = [re.findall(r"-I(\S+include)\b", line) for line in said.splitlines() if " -c " in line]
    assert all({"build/big/include", "build/small/include"} & set(found) for found in includes), includes
    assert said.count("IMPORT") == 4 and ran(said).count("link") == 2
    sizes = {}
    for name, target in (("big", "cortex-m7"), ("small", "cortex-m0plus")):
        assert (firmware.root / f"build/{name}/other/{target}/vad/libvad.a").is_file()
        report = firmware.document(f"build/{name}/neural/{target}/kws/report.json")
        assert report["build"]["target"] == target
        sizes[name] = report["summary"]["total_flash_bytes"]
    assert sizes["big"] != sizes["small"]
    assert {path.name for path in (firmware.root / "src").iterdir()} == {"SConscript", "main.c", "rules", "models"}
    assert firmware.scons() == "scons: `.' is up to date.\n"


def test_models_that_share_an_arena_are_bit_exact(repository: Callable[[str, str], Firmware]) -> None:
    """Built for this machine, and held against ONNX Runtime."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    firmware = repository(
        "shared",
        f"""\
DefaultEnvironment(tools=[])
env = Environment(tools=["gcc", "ar", "gnulink"], CCFLAGS=["-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror"])
env.Tool("sconnx_model", toolpath=["{TOOLS}"])
models = {{"edges": "models/edges.onnx", "digits": "models/kws.onnx"}}
edges, digits = env.NeuralModels(models, target="host", ram=2100, folder="made")
assert edges.library == digits.library and edges.header.name == "edges.h" and digits.report.name == "report.json"
assert [node.name for node in digits.sources] == ["digits.c", "digits_params.c"]
env.Program("app", ["main.c", digits, edges])
""",
    )
    shutil.copy(ROOT / "examples/scons_firmware/models/edges.onnx", firmware.root / "models")
    firmware.write("main.c", TWO_MODELS)
    firmware.scons()
    report = firmware.document("made/host/edges+digits/report.json")
    arenas = {row["name"]: row["plan_arena_bytes"] for row in report["models"]}
    assert arenas == {"edges": 836, "digits": 2100} and report["summary"]["activation_ram_bytes"] == 2100
    check_program(firmware.root / "app", firmware.root / "models/edges.onnx", firmware.root / "models/kws.onnx")


def test_an_environment_without_tools(repository: Callable[[str, str], Firmware]) -> None:
    firmware = repository(
        "bare",
        HEAD.replace('tools=["gcc", "ar", "gnulink"]', "tools=[]")
        + """\
kws = env.NeuralModel("kws", "models/kws.onnx", target="cortex-m7")
assert "CCCOM" not in env and "Object" not in env["BUILDERS"]
Default(kws.library, kws.report)
""",
    )
    said = firmware.scons()
    assert "ar" in ran(said) and (firmware.root / "neural/cortex-m7/kws/libkws.a").is_file()


def test_site_scons_has_the_tool(repository: Callable[[str, str], Firmware]) -> None:
    """Nothing but a link in the folder where SCons looks for tools."""
    firmware = repository("site", HEAD.replace(f', toolpath=["{TOOLS}"]', "") + ONE)
    tools = firmware.root / "site_scons/site_tools"
    tools.mkdir(parents=True)
    (tools / "sconnx_model.py").symlink_to(f"../../{TOOLS}/sconnx_model.py")
    assert "LOWER" in ran(firmware.scons("neural/cortex-m7/kws/lowered.json"))


BAD = """\
def network():
    return env.NeuralModel("kws", "models/none.onnx", target="cortex-m5", rma="24K")


network()
"""


@pytest.mark.parametrize(
    ("build_file", "lines"),
    [
        (
            BAD.replace(', rma="24K"', ""),
            [
                "SConstruct:9: error[E701]: unknown value 'cortex-m5' of target= (help: did you mean 'cortex-m55'?)",
                "SConstruct:9: none.onnx: error[E101]: model=models/none.onnx: no such file",
            ],
        ),
        (BAD, ["SConstruct:9: error[E701]: unknown argument 'rma' (help: did you mean 'ram'?)"]),
        (
            ONE + ONE.split("\n")[0],
            [
                "SConstruct:10: error[E703]: 'kws' for cortex-m7 is there already, in neural/cortex-m7 "
                "(help: use what the first call returned, or give this one another name or folder=)"
            ],
        ),
    ],
    ids=["values", "arguments", "twice"],
)
def test_problems_are_lines_with_their_place(first: tuple[Firmware, str], build_file: str, lines: list[str]) -> None:
    firmware, _ = first
    firmware.write("SConstruct", HEAD + build_file)
    assert firmware.scons(status=2).splitlines() == lines


def test_no_library_over_budget(repository: Callable[[str, str], Firmware]) -> None:
    firmware = repository("budget", HEAD + ONE.replace("24K", "2K").replace("96K", "20K"))
    said = firmware.scons(status=2)
    problems = [line.split(", available")[0] for line in said.splitlines() if "E410" in line]
    assert problems[0] == "kws: error[E410]: ram budget exceeded: requested 2,748"
    assert problems[1].startswith("kws: error[E410]: flash budget exceeded: requested ")
    assert "link" not in ran(said)
    assert not (firmware.root / "neural/cortex-m7/kws/libkws.a").exists()
    assert (firmware.root / "neural/cortex-m7/kws/report.html").is_file()
