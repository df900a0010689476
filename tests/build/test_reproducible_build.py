# SPDX-License-Identifier: Apache-2.0
"""Two clean builds in two folders give the same bytes, whatever the folder is called and Python hashes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.build.scons_checkout import Checkout, new_checkout

FOLDERS = {"plain": "0", "with späces, $dollar & 'quötes'": "4242"}


@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
def test_two_folders_give_the_same_bytes(tmp_path: Path, toolchain: str) -> None:
    if toolchain == "gcc" and shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("needs arm-none-eabi-gcc")
    files: list[dict[str, str]] = []
    for name, seed in FOLDERS.items():
        # No shared cache: the compiler must do all of its work in each folder.
        checkout = new_checkout(tmp_path / name)
        outcome = checkout.scons(f"toolchain={toolchain}", environment={"PYTHONHASHSEED": seed})
        assert outcome.status == 0, outcome.output
        files.append(checkout.built())
    assert {"firmware.elf", "libmnist.a", "mnist.c", "graph.json", "params.npz"} <= {
        Path(name).name for name in files[0]
    }
    assert files[0] == files[1]


def test_no_file_names_its_folder(built: Checkout) -> None:
    root = str(built.root).encode()
    for name in built.built():
        assert root not in (built.path("build") / name).read_bytes(), name
