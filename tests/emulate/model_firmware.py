# SPDX-License-Identifier: Apache-2.0
"""Firmwares of whole models without SCons, with a wrong plan or a wrong kernel where a test wants one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from sconnx.__main__ import main
from sconnx.graph.json_form import graph_to_json, to_bytes
from sconnx.graph.model import Model
from sconnx.project.settings import parse_settings
from sconnx.project.sources import kernel_sources
from sconnx.steps.import_model import interface_of
from sconnx.steps.names import STEPS
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import Toolchain
from tests.emulate.firmware_build import SUPPORT, FirmwareBuilder
from tests.tiny_models import ROOT, RULES

TARGET = "cortex-m3"
Document = dict[str, Any]
Changed = Mapping[str, tuple[str, str]]
"""Per kernel, what stands in its source and what is to stand there."""


@dataclass(frozen=True)
class ModelFirmware:
    """A folder with the files of all steps, and the options that they were made with."""

    folder: Path
    options: dict[str, Any]
    hooks: Path

    def document(self, name: str) -> Document:
        found: Document = json.loads((self.folder / name).read_text())
        return found

    def verify(self, capsys: pytest.CaptureFixture[str], *, audit: bool = True, plan: Document | None = None) -> str:
        """The step verify as a command: the message of its failure, or nothing.

        Args:
            plan: what verify takes for meminfo.json, where this is not what the code was generated from.
        """
        options = self.folder / "verify.options.json"
        options.write_text(json.dumps({**self.options, "audit": audit}))
        meminfo = self.folder / "meminfo.json"
        if plan is not None:
            meminfo = self.folder / "planned.json"
            meminfo.write_text(json.dumps(plan))
        names = ("firmware.elf", "graph.json", "params.npz", "interface.json", "lowered.json", "schedule.json")
        inputs = [str(path) for path in (*(self.folder / name for name in names), meminfo, self.hooks)]
        status = main(["verify", "--options", str(options), *inputs, "-o", str(self.folder / "verify.json")])
        error = capsys.readouterr().err
        assert status == (1 if error else 0)
        return error.rstrip("\n")


class ModelBuilder:
    """Builds in one folder; kernels that nobody changed are compiled once."""

    def __init__(self, builder: FirmwareBuilder, folder: Path) -> None:
        self._builder = builder
        self._folder = folder
        self._objects: dict[tuple[str, Path], str] = {}

    def build(
        self,
        model: Model,
        *,
        change_plan: Callable[[Document], None] | None = None,
        change_kernels: Changed | None = None,
        **policies: str,
    ) -> ModelFirmware:
        """All steps to the linked firmware; `policies` are variables of a build, `change_plan` comes before generate."""
        folder = self._folder / f"model_{len(list(self._folder.glob('model_*')))}"
        folder.mkdir()
        settings = parse_settings({"target": TARGET, **policies})
        options = {
            **{name: getattr(settings, name) for name in settings.__dataclass_fields__ if name != "models"},
            "pins": settings.models[0].pins,
            "name": model.graph.name,
            "rules": [str(RULES)],
        }
        firmware = ModelFirmware(folder, options, self._builder.hooks())
        (folder / "graph.json").write_bytes(to_bytes(graph_to_json(model.graph)))
        (folder / "params.npz").write_bytes(model.params.to_npz())
        (folder / "interface.json").write_bytes(to_bytes(interface_of(model).to_json()))
        for step in ("lower", "schedule", "memory", "generate", "params", "firmware"):
            self._step(step, firmware)
            if step == "memory" and change_plan:
                document = firmware.document("meminfo.json")
                change_plan(document)
                (folder / "meminfo.json").write_text(json.dumps(document))
        self._link(firmware, change_kernels or {})
        return firmware

    def _step(self, step: str, firmware: ModelFirmware) -> None:
        def path(name: str) -> Path:
            return firmware.folder / name.replace("<name>", firmware.options["name"])

        module = import_module(f"sconnx.steps.{STEPS[step].module}")
        contents = module.run(firmware.options, [path(name) for name in STEPS[step].inputs])
        for name, content in zip(STEPS[step].outputs, contents, strict=True):
            path(name).write_bytes(content)

    def _link(self, firmware: ModelFirmware, changed: Changed) -> None:
        folder, name = firmware.folder, firmware.options["name"]
        kernels = kernel_sources(parse_settings({"target": TARGET}), (RULES,), ROOT / "kernels")
        used = {choice["kernel"] for choice in firmware.document("lowered.json")["choices"]}
        sources = [folder / f"{name}.c", folder / f"{name}_params.c", folder / "main.c"]
        sources += [SUPPORT / f"{part}.c" for part in ("startup", "runtime", "float32", "semihosting")]
        for kernel in (kernel.path for kernel in kernels.sources if kernel.path.stem in used):
            sources.append(self._changed(kernel, folder, changed) if kernel.stem in changed else kernel)
        includes = [str(path) for path in (folder, SUPPORT, *kernels.includes)]
        toolchain = self._builder.toolchain(firmware.options["toolchain"], load_cpu(TARGET))
        objects = [self._object(toolchain, source, folder, includes) for source in sources]
        elf, script = str(folder / "firmware.elf"), str(folder / "link.ld")
        self._builder.command(toolchain.link_command(elf, objects, script))

    def _changed(self, kernel: Path, folder: Path, changed: Changed) -> Path:
        old, new = changed[kernel.stem]
        text = kernel.read_text()
        assert text.count(old) == 1
        copy = folder / kernel.name
        copy.write_text(text.replace(old, new))
        return copy

    def _object(self, toolchain: Toolchain, source: Path, folder: Path, includes: list[str]) -> str:
        key = (toolchain.name, source)
        if key not in self._objects:
            target = (folder if source.parent == folder else self._folder) / f"{source.stem}_{toolchain.name}.o"
            files = (str(source), str(target))
            self._builder.command(toolchain.compile_command(*files, optimize="balanced", includes=includes))
            self._objects[key] = str(target)
        return self._objects[key]
