# SPDX-License-Identifier: Apache-2.0
"""Compiles and links small firmwares for tests with the project's data, board support and linker script."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pytest

from sconnx import target
from sconnx.errors import SconnxError
from sconnx.target.board import Board, load_board
from sconnx.target.cpu import Cpu, cpu_names, load_cpu
from sconnx.target.toolchain import Toolchain, find_toolchain

PACKAGE = Path(target.__file__).parents[1]
SUPPORT = PACKAGE / "target" / "support"
PROGRAMS = Path(__file__).parent / "firmware"
CORTEX_M = tuple(name for name in cpu_names() if name != "host")
IN_UNICORN = tuple(name for name in CORTEX_M if load_cpu(name).unicorn_model)


@dataclass(frozen=True)
class Firmware:
    """A linked firmware and what it was built for."""

    elf: Path
    cpu: Cpu
    board: Board


class FirmwareBuilder:
    """Builds in one folder; each object is compiled once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.environment = {
            **os.environ,
            "ZIG_GLOBAL_CACHE_DIR": str(folder / "zig-cache"),
            "ZIG_LOCAL_CACHE_DIR": str(folder / "zig-cache"),
        }
        self._built: set[Path] = set()

    def build(
        self,
        program: Path,
        cpu_name: str,
        *,
        toolchain_name: str = "zig",
        optimize: str = "balanced",
        stack_bytes: int = 2048,
        board: Board | None = None,
        includes: Sequence[Path] = (),
        objects: Sequence[str] = (),
    ) -> Firmware:
        """Build one program file with the board support and more objects; skips the test when the toolchain is absent."""
        cpu = load_cpu(cpu_name)
        board = board or load_board("", cpu)
        toolchain = self.toolchain(toolchain_name, cpu)
        folder = self._folder / f"{cpu_name}-{toolchain_name}-{optimize}"
        names = ("host.c",) if cpu.is_host else ("startup.c", "runtime.c", "float32.c", "semihosting.c")
        sources = [program, *(SUPPORT / name for name in names)]
        made = [self._compile(source, folder, toolchain, optimize, includes) for source in sources]
        elf = folder / f"{program.stem}-{stack_bytes}-{board.name}.elf"
        script = "" if cpu.is_host else str(self._script(board, stack_bytes, elf.with_suffix(".ld")))
        if elf not in self._built:
            self.command(toolchain.link_command(str(elf), [*made, *objects], script))
            self._built.add(elf)
        return Firmware(elf, cpu, board)

    def hooks(self) -> Path:
        """The native hooks as a shared object."""
        library = self._folder / "native_hooks.so"
        if library not in self._built:
            sources = [str(path) for path in sorted((PACKAGE / "emulate/native").glob("*.c"))]
            self.command(self.toolchain("zig", load_cpu("host")).shared_library_command(str(library), *sources))
            self._built.add(library)
        return library

    def toolchain(self, name: str, cpu: Cpu) -> Toolchain:
        """Find a toolchain, or skip the test."""
        try:
            return find_toolchain(name, cpu)
        except SconnxError as error:
            pytest.skip(str(error))

    def command(self, command: Sequence[str]) -> None:
        """Run a command that must succeed without printing anything."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode or done.stderr:
            raise AssertionError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")

    def _compile(
        self, source: Path, folder: Path, toolchain: Toolchain, optimize: str, includes: Sequence[Path]
    ) -> str:
        target = folder / f"{source.stem}.o"
        if target not in self._built:
            folder.mkdir(parents=True, exist_ok=True)
            files = (str(source), str(target))
            folders = [str(SUPPORT), *map(str, includes)]
            self.command(toolchain.compile_command(*files, optimize=optimize, includes=folders))
            self._built.add(target)
        return str(target)

    def _script(self, board: Board, stack_bytes: int, path: Path) -> Path:
        loader = jinja2.FileSystemLoader(PACKAGE / "codegen" / "templates")
        engine = jinja2.Environment(
            loader=loader, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
        )
        template = engine.get_template("link.ld.j2")
        regions = {"flash": board.flash, "ram": board.ram, "regions": board.regions, "boot_words": board.boot_words}
        path.write_text(template.render(**regions, stack_bytes=stack_bytes, weights=()))
        return path


def told(error: SconnxError) -> tuple[str, str, str, str, str]:
    """All that an error says: code, what, where, why, help."""
    return error.code, error.what, error.where, error.why, error.help


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> FirmwareBuilder:
    """One builder, and one compiler cache, for all tests of a session."""
    return FirmwareBuilder(tmp_path_factory.mktemp("firmware"))
