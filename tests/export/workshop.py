# SPDX-License-Identifier: Apache-2.0
"""From a Model to a firmware that has run, through the steps as functions, without SCons."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sconnx.codegen.interface import read_interface
from sconnx.emulate.firmware import Firmware, Observation, observe
from sconnx.emulate.vectors import Vector
from sconnx.errors import SconnxError
from sconnx.export.lowered import Lowered, read_lowered
from sconnx.graph.json_form import graph_to_json, to_bytes
from sconnx.graph.model import Model
from sconnx.memory.meminfo import MemoryPlan, read_plan
from sconnx.project.settings import parse_settings
from sconnx.project.sources import kernel_sources
from sconnx.schedule.schedule import Schedule, read_schedule
from sconnx.steps.import_model import interface_of
from sconnx.steps.names import STEPS
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import Toolchain, find_toolchain
from tests.build.scons_checkout import ROOT
from tests.tiny_models import PLANNING

RULES = ROOT / "export_rules"
KERNELS = ROOT / "kernels"
SUPPORT = ROOT / "site_scons/sconnx/target/support"
Arrays = list[NDArray[np.int8]]


@dataclass(frozen=True)
class Exported:
    """A linked firmware and the files that it was made from."""

    folder: Path
    model: Model
    target: str
    board: str = ""

    def text(self, name: str) -> str:
        return (self.folder / name).read_text()

    @property
    def lowered(self) -> Lowered:
        return read_lowered(self.folder / "lowered.json")

    @property
    def plan(self) -> MemoryPlan:
        return read_plan(self.folder / "meminfo.json")

    @property
    def schedule(self) -> Schedule:
        return read_schedule(self.folder / "schedule.json")

    @property
    def choices(self) -> list[str]:
        """`lib.Implementation` of each node."""
        return [f"{choice.lib}.{choice.implementation}" for choice in self.lowered.choices]

    def random_inputs(self, seed: int = 0) -> Arrays:
        random = np.random.default_rng(seed)
        tensors = [self.model.graph.tensors[index] for index in self.model.graph.inputs]
        return [random.integers(-128, 128, tensor.dims).astype(np.int8) for tensor in tensors]

    def run(self, inputs: Arrays) -> Arrays:
        """The outputs of one inference on the emulated board."""
        return self.observed(inputs).outputs[0]

    def observed(self, inputs: Arrays) -> Observation:
        return observe(self.firmware, [Vector(tuple(inputs))], layers=True)

    @property
    def firmware(self) -> Firmware:
        cpu = load_cpu(self.target)
        interface = read_interface(self.folder / "interface.json")
        elf = self.folder / "firmware.elf"
        return Firmware(elf, cpu, load_board(self.board, cpu), self.lowered, interface, self.schedule, self.plan)


@dataclass
class Workshop:
    """Compiles each source once in a session."""

    folder: Path
    made: dict[tuple[str, ...], str] = field(default_factory=dict)
    linked: dict[Path, list[str]] = field(default_factory=dict)

    def export(
        self,
        model: Model,
        *,
        rules: Sequence[Path] = (),
        target: str = "cortex-m7",
        policy: str = "keep",
        board: str = "",
        toolchain: str = "zig",
        planning: Mapping[str, Any] | None = None,
    ) -> Exported:
        """All steps from lower to the linked firmware. Raises SconnxError as they do.

        Args:
            board: a name or a .toml file; empty: the target's.
            planning: options of the steps between lower and generate.
        """
        folder = self.folder / f"model_{len(list(self.folder.glob('model_*')))}"
        folder.mkdir()
        settings = parse_settings({"target": target, "rules": ":".join(map(str, rules))})
        options: dict[str, Any] = {
            "name": model.graph.name,
            "target": target,
            "board": board,
            "rules": [str(path) for path in (RULES, *rules)],
            "externals": {},
            **PLANNING,
            "input": policy,
            "toolchain": toolchain,
            "stack_bytes": None,
            **(planning or {}),
        }
        (folder / "graph.json").write_bytes(to_bytes(graph_to_json(model.graph)))
        (folder / "params.npz").write_bytes(model.params.to_npz())
        (folder / "interface.json").write_bytes(to_bytes(interface_of(model).to_json()))
        for step in ("lower", "schedule", "memory", "generate", "params", "firmware"):
            _step(step, options, folder)
        exported = Exported(folder, model, target, board)
        self._link(exported, kernel_sources(settings, (RULES, *rules), KERNELS), toolchain)
        return exported

    def objects_of(self, exported: Exported) -> list[str]:
        """What a firmware was linked from."""
        return self.linked[exported.folder]

    def _link(self, exported: Exported, kernels: Any, toolchain_name: str) -> None:
        cpu = load_cpu(exported.target)
        try:
            toolchain = find_toolchain(toolchain_name, cpu)
        except SconnxError as error:
            pytest.skip(str(error))
        folder, name = exported.folder, exported.model.graph.name
        includes = [str(path) for path in (folder, SUPPORT, *kernels.includes)]
        used = {kernel for _, kernel in exported.lowered.kernels}
        sources = [folder / f"{name}.c", folder / f"{name}_params.c", folder / "main.c"]
        sources += [SUPPORT / f"{part}.c" for part in ("startup", "runtime", "float32", "semihosting")]
        sources += [kernel.path for kernel in kernels.sources if kernel.path.stem in used]
        assert len(sources) == 7 + len(used), "a kernel has no file of its name"
        libs = {lib for lib, _ in exported.lowered.kernels}
        shared = [kernel for kernel in kernels.sources if "/static/" in kernel.object_path]
        sources += [kernel.path for kernel in shared if kernel.object_path.split("/")[0] in libs]
        objects = [self._object(toolchain, source, includes, folder) for source in sources]
        self.linked[folder] = objects
        elf, script = str(folder / "firmware.elf"), str(folder / "link.ld")
        self._command(toolchain.link_command(elf, objects, script))

    def _object(self, toolchain: Toolchain, source: Path, includes: list[str], folder: Path) -> str:
        """The object of a C file; those of files that other models share are made once."""
        is_own = source.parent == folder
        target = (folder if is_own else self.folder) / f"{source.stem}_{len(self.made)}.o"
        key = (str(source), toolchain.name, *toolchain.compile_flags)
        if key not in self.made:
            self._command(toolchain.compile_command(str(source), str(target), optimize="balanced", includes=includes))
            self.made[key] = str(target)
        return self.made[key]

    def _command(self, command: Sequence[str]) -> None:
        cache = {name: str(self.folder / "zig-cache") for name in ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")}
        done = subprocess.run(command, env={**os.environ, **cache}, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), " ".join(command) + "\n" + done.stderr


def cpu_text(*libs: str, more: str = "") -> str:
    """The file of a made-up CPU: what a Cortex-M7 is, with libs of its own."""
    names = ", ".join(f'"{lib}"' for lib in libs)
    return f"""features = ["div", "mul64", "unaligned"]
board = "mps2-an500"
libs = [{names}]
unicorn_model = "CORTEX_M7"
flags.gcc = ["-mcpu=cortex-m7", "-mthumb", "-mfloat-abi=soft"]
flags.zig = ["-target", "thumb-freestanding-eabi", "-mcpu=cortex_m7"]
{more}"""


def _step(step: str, options: dict[str, Any], folder: Path) -> None:
    """Call a step on the files of the folder and write its outputs."""
    module = import_module(f"sconnx.steps.{STEPS[step].module}")
    contents = module.run(options, [folder / name for name in STEPS[step].inputs])
    for name, content in zip(STEPS[step].outputs, contents, strict=True):
        (folder / name.replace("<name>", options["name"])).write_bytes(content)
