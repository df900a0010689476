# SPDX-License-Identifier: Apache-2.0
"""`scons compile_commands`: what an editor reads compiles every C file, and names its folder."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.build.scons_checkout import Checkout


def entries_of(checkout: Checkout, *arguments: str) -> list[dict[str, Any]]:
    outcome = checkout.build("compile_commands", *arguments)
    assert outcome.steps == ["COMMANDS compile_commands.json"]
    entries: list[dict[str, Any]] = json.loads(checkout.path("build/cortex-m7/compile_commands.json").read_text())
    assert checkout.build("compile_commands", *arguments).steps == []
    return entries


def test_every_object_has_a_command_for_an_editor(checkout: Checkout) -> None:
    entries = entries_of(checkout)
    built = {path.relative_to(checkout.root).as_posix() for path in checkout.path("build/cortex-m7").rglob("*.o")}
    assert built <= {entry["output"] for entry in entries}
    assert {entry["directory"] for entry in entries} == {str(checkout.root)}
    assert {entry["arguments"][0] for entry in entries} == {"clang"}, "zig is no compiler that editors know"
    if shutil.which("clang") is None:
        pytest.skip("needs clang")
    folders = {Path(entry["file"]).parent: entry for entry in entries}
    assert len(folders) >= 5
    for entry in folders.values():
        command = [*entry["arguments"], "-fsyntax-only"]
        done = subprocess.run(command, cwd=entry["directory"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), entry["file"]


def test_commands_are_those_of_the_build_without_its_launcher(checkout: Checkout) -> None:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("needs arm-none-eabi-gcc")
    entry = entries_of(checkout, "toolchain=gcc", "launcher=env")[-1]
    assert entry["arguments"][0] == shutil.which("arm-none-eabi-gcc")
    source, output = "build/cortex-m7/mnist/mnist_params.c", "build/cortex-m7/mnist/mnist_params.o"
    assert entry["arguments"][-4:] == ["-c", source, "-o", output]
