# SPDX-License-Identifier: Apache-2.0
"""Model file -> linked firmware of one target, with the kernels compiled once for all models."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sconnx.codegen.model_source import generate
from sconnx.codegen.params_source import generate_params
from sconnx.codegen.sections_source import sections_text
from sconnx.emulate.firmware import Firmware
from sconnx.export.library import load_libs
from sconnx.export.lower import lower
from sconnx.frontend.read import read_model
from sconnx.graph.json_form import to_bytes
from sconnx.memory.check import check_plan
from sconnx.memory.memories import board_memories
from sconnx.memory.planner import plan_memory
from sconnx.passes.remove_dead_channels import remove_dead_channels
from sconnx.project.dependencies import PACKAGE
from sconnx.project.settings import parse_settings
from sconnx.project.sources import KernelSource, kernel_sources
from sconnx.schedule.scheduler import ExportScheduler
from sconnx.steps import firmware as firmware_step
from sconnx.steps.import_model import PASSES, interface_of
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import GENERATED_LEVEL, find_toolchain

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "export_rules"
KERNELS = ROOT / "kernels"
SUPPORT = PACKAGE / "target/support"
KEPT = ROOT / "build" / "conformance"
"""Objects of kernels are kept here, by content."""


class CompileError(Exception):
    """A command failed or printed something: our code does not compile without a warning."""


class Exporter:
    """Exports models for one target.

    Args:
        target: name of a CPU; `host` is compiled by gcc where there is one, which starts faster than zig.
    """

    def __init__(self, target: str) -> None:
        self.cpu = load_cpu(target)
        self.board = load_board("", self.cpu)
        self.toolchain = find_toolchain("gcc" if self.cpu.is_host and shutil.which("gcc") else "zig", self.cpu)
        self.all_libs = load_libs((RULES,))
        self.libs = [self.all_libs[name] for name in self.cpu.libs]
        found = kernel_sources(parse_settings({"target": target}), (RULES,), KERNELS)
        self.includes = [SUPPORT, *found.includes]
        self.archive = self._archive(found.sources)

    def export(self, path: Path, name: str, folder: Path) -> Firmware:
        """All steps from a model file to a program that reads inputs and writes outputs.

        Args:
            name: of the model, a C identifier.
            folder: for the files.

        Raises:
            SconnxError: the model is not supported.
            CompileError: the code that was made for it is wrong.
        """
        model = read_model(path, name)
        for improve in (*PASSES, remove_dead_channels):
            model = improve(model)
        lowered = lower(model.graph, self.cpu.name, self.libs, frozenset(self.cpu.features))
        schedule = ExportScheduler("keep").schedule(lowered)
        plan = plan_memory(schedule, board_memories(self.board, None))
        check_plan(lowered, schedule, plan)
        interface = interface_of(model)
        header, source = generate(lowered, schedule, plan, interface)
        stored = {"interface.json": interface, "lowered.json": lowered, "meminfo.json": plan}
        for file, document in stored.items():
            (folder / file).write_bytes(to_bytes(document.to_json()))
        options = {"name": name, "target": self.cpu.name, "board": "", "stack_bytes": None}
        options |= {"input": "keep", "output": "arena"}
        main, script = firmware_step.run(options, [folder / file for file in stored])
        texts = {
            f"{name}.h": header,
            f"{name}.c": source,
            f"{name}_sections.h": sections_text(lowered, plan),
            f"{name}_params.c": generate_params(lowered, model.params, self.all_libs),
            "main.c": main,
            "link.ld": script,
        }
        for file, text in texts.items():
            (folder / file).write_bytes(text)
        elf = self._link([folder / file for file in texts if file.endswith(".c")], folder)
        return Firmware(elf, self.cpu, self.board, lowered, interface, schedule, plan)

    def _link(self, sources: Sequence[Path], folder: Path) -> Path:
        """One command that compiles and links."""
        elf = folder / "firmware.elf"
        toolchain = self.toolchain
        flags = [*toolchain.optimize_flags(GENERATED_LEVEL), *toolchain.warning_flags]
        flags += [f"-I{include}" for include in (folder, *self.includes)]
        inputs = [*map(str, sources), *self._always(), str(self.archive)]
        command = toolchain.link_command(
            str(elf), [*flags, *inputs], "" if self.cpu.is_host else str(folder / "link.ld")
        )
        self._run(command)
        return elf

    def _always(self) -> list[str]:
        """What the linker must take: start-up code, which nobody calls."""
        return [str(path) for path in sorted(self.archive.parent.glob("support/*.o"))]

    def _run(self, command: Sequence[str]) -> None:
        cache = str(KEPT / "zig-cache")
        environment = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode or done.stderr:
            raise CompileError(done.stderr.strip() or f"{command[0]} ended with status {done.returncode}")

    def _archive(self, sources: Sequence[KernelSource]) -> Path:
        """The kernels of the target; found again, or compiled, as their content says."""
        names = ("host.c",) if self.cpu.is_host else ("startup.c", "runtime.c", "float32.c", "semihosting.c")
        support = [SUPPORT / name for name in names]
        headers = sorted(path for include in self.includes for path in include.glob("*.h"))
        of_headers = _hash("".join((*self.toolchain.compile_flags, self.toolchain.version)).encode(), *headers)
        folder = KEPT / f"kernels-{self.cpu.name}-{self.toolchain.name}-{of_headers}"
        (folder / "support").mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            of_kernels = list(pool.map(lambda source: self._object(source.path, folder), sources))
            list(pool.map(lambda path: self._object(path, folder / "support"), support))
        archive = folder / f"kernels-{_hash(' '.join(of_kernels).encode())}.a"
        if not archive.is_file():
            temporary = archive.with_suffix(f".{os.getpid()}.a")
            self._run(self.toolchain.archive_command(str(temporary), of_kernels))
            temporary.replace(archive)
        return archive

    def _object(self, source: Path, folder: Path) -> str:
        target = folder / f"{source.stem}-{_hash(b'', source)}.o"
        if not target.is_file():
            temporary = target.with_suffix(f".{os.getpid()}.tmp.o")
            includes = [str(include) for include in self.includes]
            self._run(
                self.toolchain.compile_command(str(source), str(temporary), optimize="balanced", includes=includes)
            )
            temporary.replace(target)
        return str(target)


def _hash(text: bytes, *files: Path) -> str:
    digest = hashlib.sha256(text)
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
