# SPDX-License-Identifier: Apache-2.0
"""Two clean builds in two folders give the same bytes, whatever the folder is called, Python hashes, and runs side by side."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.build.scons_checkout import Checkout, new_checkout

FOLDERS = {"plain": ("0", "-j1"), "with späces, $dollar & 'quötes'": ("4242", "-j8")}
"""By the name of a checkout's folder: the seed of Python's hashes, and how many jobs."""


@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
def test_two_folders_give_the_same_bytes(tmp_path: Path, toolchain: str) -> None:
    if toolchain == "gcc" and shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("needs arm-none-eabi-gcc")
    files: list[dict[str, str]] = []
    for name, (seed, jobs) in FOLDERS.items():
        # No shared cache: the compiler must do all of its work in each folder.
        checkout = new_checkout(tmp_path / name)
        arguments = (f"toolchain={toolchain}", jobs, "report", "run", "verify", "page")
        outcome = checkout.scons(*arguments, environment={"PYTHONHASHSEED": seed})
        assert outcome.status == 0, outcome.output
        files.append(checkout.built())
    names = {Path(name).name for name in files[0]}
    assert {
        "graph.json",
        "params.npz",
        "mnist.c",
        "libmnist.a",
        "firmware.elf",
        "report.html",
        "run.json",
        "page.html",
    } <= names
    assert files[0] == files[1]


def test_no_file_names_its_folder(built: Checkout) -> None:
    root = str(built.root).encode()
    for name in built.built():
        assert root not in (built.path("build") / name).read_bytes(), name
