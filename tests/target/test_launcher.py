# SPDX-License-Identifier: Apache-2.0
"""Programs before the compiler: which words a compile then begins with, and which cannot be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sconnx.errors import SconnxError
from sconnx.target.cpu import load_cpu
from sconnx.target.launcher import launched
from sconnx.target.toolchain import Toolchain, find_toolchain


@pytest.fixture
def gcc() -> Toolchain:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("needs arm-none-eabi-gcc")
    return find_toolchain("gcc", load_cpu("cortex-m4"))


def program(path: Path) -> str:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_the_compiler_goes_by_its_name(gcc: Toolchain, tmp_path: Path) -> None:
    wrapper = program(tmp_path / "wrapper")
    command = launched(gcc, wrapper).compile_command("a.c", "a.o", optimize="speed")
    assert command[:2] == (wrapper, "arm-none-eabi-gcc")
    assert command[2:] == gcc.compile_command("a.c", "a.o", optimize="speed")[1:]
    assert launched(gcc, wrapper).link_command("a.elf", ["a.o"])[0] == "arm-none-eabi-gcc"
    assert launched(gcc, "") is gcc


def test_another_compiler_than_that_on_path_keeps_its_path(
    gcc: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "arm-none-eabi-gcc")
    wrapper = program(tmp_path / "wrapper")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert launched(gcc, wrapper).cc == gcc.cc


@pytest.mark.parametrize(
    ("toolchain", "launcher", "message"),
    [
        (
            "zig",
            "/usr/bin/sccache",
            "error[E702]: launcher=/usr/bin/sccache cannot start the compiler of toolchain=zig "
            "(help: toolchain=gcc, or launcher=ccache)",
        ),
        (
            "zig",
            "nowhere/ccache",
            "error[E601]: launcher=nowhere/ccache is not installed: there is no program 'nowhere/ccache' "
            "(help: install it with your system's packages, or leave launcher= out)",
        ),
    ],
)
def test_messages(toolchain: str, launcher: str, message: str) -> None:
    with pytest.raises(SconnxError) as caught:
        launched(find_toolchain(toolchain, load_cpu("cortex-m4")), launcher)
    assert str(caught.value) == message


def test_objects_for_the_build_machine_are_not_for_others() -> None:
    assert find_toolchain("zig", load_cpu("host")).machine
    assert not find_toolchain("zig", load_cpu("cortex-m4")).machine
