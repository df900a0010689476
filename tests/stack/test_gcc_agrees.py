# SPDX-License-Identifier: Apache-2.0
"""The stack as our walk through machine code has it, beside what gcc says of the same code: -fcallgraph-info=su."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sconnx.elf.image import read_image
from sconnx.export.lowered import read_lowered
from sconnx.stack.call_graph import CallGraph
from sconnx.stack.worst import worst_case
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from sconnx.target.toolchain import find_toolchain
from tests.tiny_pipeline import KERNELS, SUPPORT, TARGET, build_pipeline

NODE = re.compile(r'node: \{ title: "([^"]+)" label: "[^"]*\\n(\d+) bytes \((\w+)\)')
IN_ASSEMBLY = {
    name
    for path in (KERNELS / "arm_dsp").rglob("*.[ch]")
    for name in re.findall(r"^SX_ASSEMBLY [^(]*?(\w+)\(", path.read_text(), re.MULTILINE)
}
"""Functions whose whole body is assembly: gcc sees no stack in them, which they use all the same."""
EDGE = re.compile(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"')


@dataclass
class GccCalls:
    """By function its bytes of the stack, and whom it calls; functions of files are `file.c:name` there."""

    sizes: dict[str, int] = field(default_factory=dict)
    calls: dict[str, set[str]] = field(default_factory=dict)

    def read(self, text: str) -> None:
        for title, size_bytes, kind in NODE.findall(text):
            assert kind == "static", "a stack that depends on data"
            self.sizes[name_of(title)] = int(size_bytes)
            self.calls.setdefault(name_of(title), set())
        for source, target in EDGE.findall(text):
            self.calls.setdefault(name_of(source), set()).add(name_of(target))

    def deepest(self, function: str) -> int:
        """Each function with all that it calls."""
        return self.sizes[function] + max((self.deepest(each) for each in self.calls[function]), default=0)


def name_of(title: str) -> str:
    return title.rpartition(":")[2]


def compiled(folder: Path, source: Path, includes: list[str]) -> str:
    """What gcc says of a file when it compiles it as the build does."""
    toolchain = find_toolchain("gcc", load_cpu(TARGET))
    target = folder / f"{source.stem}.o"
    command = toolchain.compile_command(str(source), str(target), optimize="balanced", includes=includes)
    subprocess.run([*command, "-fcallgraph-info=su"], check=True)
    return target.with_suffix(".ci").read_text()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[CallGraph, GccCalls]:
    pipeline = build_pipeline(tmp_path_factory.mktemp("tiny"), "gcc")
    folder = pipeline.folder
    libs = {lib for lib, _ in read_lowered(folder / "lowered.json").kernels}
    sources = [KERNELS / lib / f"{name}.c" for lib, name in read_lowered(folder / "lowered.json").kernels]
    sources += [path for lib in libs for path in (KERNELS / lib / "static").glob("*.c")]
    sources += [folder / "tiny.c", folder / "main.c", *(SUPPORT / f"{name}.c" for name in ("startup", "semihosting"))]
    includes = [str(path) for path in (folder, *(KERNELS / name for name in ("include", *sorted(libs))), SUPPORT)]
    gcc = GccCalls()
    for source in sources:
        gcc.read(compiled(tmp_path_factory.getbasetemp(), source, includes))
    image = read_image(folder / "firmware.elf", load_board("", load_cpu(TARGET)).regions)
    return CallGraph(image), gcc


def known(graph: CallGraph, gcc: GccCalls) -> Mapping[str, int]:
    """The functions that both know, and what gcc says that they take."""
    return {name: size for name, size in gcc.sizes.items() if graph.image.find_symbol(name) is not None}


def test_what_each_function_takes(both: tuple[CallGraph, GccCalls]) -> None:
    graph, gcc = both
    sizes = known(graph, gcc)
    assert len(sizes) > 20
    ours = {name: graph.frame(graph.image.symbol(name)).bytes for name in sizes}
    assert {name for name in sizes if ours[name] != sizes[name]} == IN_ASSEMBLY & sizes.keys()
    assert all(sizes[name] == 0 < ours[name] for name in IN_ASSEMBLY & sizes.keys())


def test_who_calls_whom(both: tuple[CallGraph, GccCalls]) -> None:
    """What compilers call for an operator of C is no call to gcc."""
    graph, gcc = both
    for name in known(graph, gcc):
        callees = [graph.image.function_at(call.target) for call in graph.frame(graph.image.symbol(name)).calls]
        ours = {callee.name for callee in callees if callee is not None}
        assert {callee for callee in ours if not callee.startswith(("__aeabi_", "mem"))} == {
            callee for callee in gcc.calls[name] if not callee.startswith(("__aeabi_", "mem"))
        }, name


def test_the_worst_case(both: tuple[CallGraph, GccCalls]) -> None:
    """gcc's sum has the frame of a caller that is left already when it ends in a jump to another function."""
    graph, gcc = both
    ours, theirs = worst_case(graph, "tiny_run"), gcc.deepest("tiny_run")
    assert ours.unknown == ()
    assembly = {name: size_bytes for name, size_bytes in ours.path if name in IN_ASSEMBLY}
    assert assembly and ours.bytes - sum(assembly.values()) == sum(gcc.sizes[name] for name, _ in ours.path)
    assert ours.bytes - sum(assembly.values()) <= theirs
