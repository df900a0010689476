# SPDX-License-Identifier: Apache-2.0
"""The tiny model, taken through every step to a linked firmware, without SCons: one per session, shared by all tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from sconnx.errors import SconnxError
from sconnx.export.lowered import read_lowered
from sconnx.graph.json_form import graph_to_json, to_bytes
from sconnx.graph.model import Model
from sconnx.steps.import_model import interface_of
from sconnx.steps.names import STEPS
from sconnx.target.board import CONSOLES, load_board
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import find_toolchain
from tests.tiny_models import PLANNING, ROOT, RULES, tiny_model

KERNELS = ROOT / "kernels"
SUPPORT = ROOT / "site_scons/sconnx/target/support"
NATIVE = ROOT / "site_scons/sconnx/emulate/native"
TARGET = "cortex-m4"


@dataclass(frozen=True)
class Pipeline:
    """A folder with the files of all steps, and the options that they were made with."""

    folder: Path
    options: dict[str, Any]
    model: Model

    def paths(self, *names: str) -> list[Path]:
        return [self.folder / name for name in names]

    def inputs(self, step: str) -> list[Path]:
        """The inputs of a step; those of import are not among them."""
        made = ("graph.json", "params.npz", "interface.json", "lowered.json", "schedule.json", "meminfo.json")
        emulated = ("firmware.elf", *made, "native_hooks.so")
        objects = sorted(path.relative_to(self.folder) for path in self.folder.glob("objects/**/*.o"))
        named: dict[str, Sequence[str]] = {
            "lower": ("graph.json",),
            "schedule": ("lowered.json",),
            "memory": ("lowered.json", "schedule.json"),
            "generate": ("lowered.json", "schedule.json", "meminfo.json", "interface.json"),
            "params": ("lowered.json", "params.npz"),
            "firmware": ("interface.json", "lowered.json", "meminfo.json"),
            "archive": ("lowered.json", *map(str, objects)),
            "package": ("lowered.json", "meminfo.json", "tiny.h", "tiny.c", "tiny_sections.h", "tiny_params.c"),
            "image": ("firmware.elf",),
            "inspect": ("firmware.elf", "lowered.json", "meminfo.json", "packed.json"),
            "reconcile": ("firmware.elf", "libtiny.a", "lowered.json", "meminfo.json"),
            "measure": ("libtiny.a", "lowered.json", "meminfo.json", "packed.json"),
            "budget": ("report.json",),
            "run": emulated,
            "verify": emulated,
            "explain": ("graph.json",),
            "ops": (),
            "base": (),
            "diff": ("report.json", "run.json", "report.json", "run.json"),
            "growth": ("diff.json",),
            "page": ("report.json", "run.json", "lowered.json", "meminfo.json", "history.jsonl"),
            "history": ("report.json", "run.json"),
            "fleet": ("report.json", "run.json"),
            "limits": ("fleet.json", "report.json"),
            "fleet-base": (),
            "bench": ("graph.json", "lowered.json", "report.json", "run.json"),
        }
        return self.paths(*named[step])

    def outputs(self, step: str) -> list[Path]:
        return self.paths(*(name.replace("<name>", self.options["name"]) for name in STEPS[step].outputs))

    def run(self, step: str, **changed: Any) -> tuple[bytes, ...]:
        """Call a step on the files of the folder and write its outputs."""
        module = import_module(f"sconnx.steps.{STEPS[step].module}")
        contents: tuple[bytes, ...] = module.run({**self.options, **changed}, self.inputs(step))
        for path, content in zip(self.outputs(step), contents, strict=True):
            path.write_bytes(content)
        return contents


_BUILT: list[Pipeline] = []


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """All steps have run, but for import, run and verify."""
    if not _BUILT:
        _BUILT.append(build_pipeline(tmp_path_factory.mktemp("pipeline")))
    return _BUILT[0]


def build_pipeline(
    folder: Path, toolchain_name: str = "zig", target: str = TARGET, model: Model | None = None, **changed: Any
) -> Pipeline:
    """All steps from lower to budget, of the tiny model unless there is another; skips the test where the toolchain is absent."""
    model = model or tiny_model()
    name = model.graph.name
    try:
        toolchain = find_toolchain(toolchain_name, load_cpu(target))
        host = find_toolchain("zig", load_cpu("host"))
    except SconnxError as error:
        pytest.skip(str(error))
    options = {
        "name": name,
        "arena": "",
        "stack": "",
        "target": target,
        "board": "",
        "rules": [str(RULES)],
        "prune": True,
        "carry": [],
        "externals": {},
        "node": "0",
        "growth": "ram:1K",
        "history": str(folder / "history.jsonl"),
        "date": "",
        "format": "cmake",
        "version": "1.0.0",
        "revision": "a" * 40,
        "export": str(folder / "export"),
        "firmware": "build",
        "arguments": {},
        **PLANNING,
        "audit": False,
        "toolchain": toolchain_name,
        "toolchain_version": toolchain.version,
        "stack_bytes": 2048,
        "budgets": [],
        "margin": None,
        "sources": ["models/tiny.tflite"],
        "rows": [
            {
                "folder": "build/tiny",
                "flags": ["-O2"],
                "input": "keep",
                "output": "arena",
                "externals": [],
                "is_run": True,
            }
        ],
        "has_base": False,
        **changed,
    }
    built = Pipeline(folder, options, model)
    (folder / "graph.json").write_bytes(to_bytes(graph_to_json(built.model.graph)))
    (folder / "params.npz").write_bytes(built.model.params.to_npz())
    (folder / "interface.json").write_bytes(to_bytes(interface_of(built.model).to_json()))
    for step in ("lower", "schedule", "memory", "generate", "params", "firmware"):
        built.run(step)
    kernels = [KERNELS / name for name in ("include", "arm_mve", "arm_dsp", "generic")]
    includes = [str(path) for path in (folder, *kernels, SUPPORT)]

    def compiled(source: Path, target: Path) -> str:
        target.parent.mkdir(parents=True, exist_ok=True)
        files = (str(source), str(target))
        _command(toolchain.compile_command(*files, optimize="balanced", includes=includes), folder)
        return str(target)

    used = read_lowered(folder / "lowered.json").kernels
    for lib, kernel in used:
        compiled(KERNELS / lib / f"{kernel}.c", folder / f"objects/kernels/{lib}/{kernel}.o")
    for lib in dict(used):
        for source in sorted((KERNELS / lib / "static").glob("*.c")):
            compiled(source, folder / f"objects/kernels/{lib}/static/{source.stem}.o")
    for source in (folder / f"{name}.c", folder / f"{name}_params.c"):
        compiled(source, folder / f"objects/{source.stem}.o")
    built.run("archive")
    console = CONSOLES[load_board(options["board"], load_cpu(target)).console]
    sources = [
        folder / "main.c",
        *(SUPPORT / name for name in ("startup.c", "runtime.c", "float32.c", console)),
    ]
    inputs = [compiled(source, folder / f"main/{source.stem}.o") for source in sources]
    library, script, elf = (str(folder / name) for name in (f"lib{name}.a", "link.ld", "firmware.elf"))
    _command(toolchain.link_command(elf, [*inputs, library], script), folder)
    hooks = [str(path) for path in sorted(NATIVE.glob("*.c"))]
    _command(host.shared_library_command(str(folder / "native_hooks.so"), *hooks), folder)
    for step in ("image", "inspect", "budget"):
        built.run(step)
    return built


def _command(command: Sequence[str], folder: Path) -> None:
    cache = {name: str(folder / "zig-cache") for name in ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")}
    done = subprocess.run(command, env={**os.environ, **cache}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), " ".join(command) + "\n" + done.stderr
