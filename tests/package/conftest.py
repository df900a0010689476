# SPDX-License-Identifier: Apache-2.0
"""The example's model, and a second one, up to their generated C; and packages of them, unpacked."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sconnx.codegen.interface import read_interface
from sconnx.emulate.vectors import to_source
from sconnx.steps.names import STEPS
from tests.tiny_models import PLANNING, ROOT, RULES

MNIST = ROOT / "examples/mnist/mnist.onnx"


def exported(model: Path, name: str, target: str, folder: Path) -> list[Path]:
    """The inputs of the step `package`: all steps before it have run in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    options: dict[str, Any] = {**PLANNING, "name": name, "target": target, "board": "", "rules": [str(RULES)]}
    options |= {"prune": True, "carry": [], "externals": {}, "stack_bytes": None, "toolchain": "gcc"}

    def files(names: tuple[str, ...]) -> list[Path]:
        return [folder / file.replace("<name>", name) for file in names]

    for step in ("import", "lower", "schedule", "memory", "generate", "params"):
        inputs = [model] if step == "import" else files(STEPS[step].inputs)
        contents = import_module(f"sconnx.steps.{STEPS[step].module}").run(options, inputs)
        for path, content in zip(files(STEPS[step].outputs), contents, strict=True):
            path.write_bytes(content)
    names = (*STEPS["generate"].outputs, *STEPS["params"].outputs)
    return [folder / "lowered.json", folder / "meminfo.json", *files(names)]


def packed(form: str, inputs: list[Path], target: str = "cortex-m7") -> bytes:
    """The archive that the step makes."""
    options = {"rules": [str(RULES)], "target": target, "format": form, "version": "1.2.3"}
    contents: tuple[bytes, ...] = import_module("sconnx.steps.package").run(options, inputs)
    return contents[0]


def unpacked(content: bytes, folder: Path) -> Path:
    """The package's own folder, below `folder`."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
        return folder / archive.namelist()[0].split("/")[0]


@pytest.fixture(scope="session")
def mnist(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Exported for the Cortex-M7."""
    return exported(MNIST, "mnist", "cortex-m7", tmp_path_factory.mktemp("mnist"))


@pytest.fixture(scope="session")
def host_mnist(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Exported for the build machine."""
    return exported(MNIST, "mnist", "host", tmp_path_factory.mktemp("host"))


@pytest.fixture(scope="session")
def logits(tmp_path_factory: pytest.TempPathFactory) -> NDArray[np.float32]:
    """[images, 10] by ONNX Runtime, of the held-out images."""
    file = tmp_path_factory.mktemp("onnxruntime") / "logits.npy"
    program = ROOT / "tests/build/run_mnist_onnxruntime.py"
    command = [sys.executable, str(program), str(MNIST), str(MNIST.with_name("heldout.npz")), str(file)]
    subprocess.run(command, check=True, capture_output=True)
    return np.asarray(np.load(file), np.float32)


@pytest.fixture(scope="session")
def check_program(logits: NDArray[np.float32], host_mnist: list[Path]) -> Callable[[Path], None]:
    """A function that runs a program made of `main.c` below, and holds what it says of 20 images against ONNX Runtime."""
    port = read_interface(host_mnist[0].with_name("interface.json")).outputs[0]
    with np.load(MNIST.with_name("heldout.npz")) as arrays:
        pixels = (arrays["images"][:20].astype(np.int16) - 128).astype(np.int8).tobytes()

    def check(program: Path) -> None:
        done = subprocess.run([str(program)], input=pixels, capture_output=True, check=True)
        values = np.frombuffer(done.stdout, np.int8).reshape(-1, 10)
        have = np.stack([to_source(port, row[None], logits.dtype)[0] for row in values])
        assert np.array_equal(have, logits[:20])

    return check


MAIN = """\
#include "mnist.h"

#include <stdio.h>

static _Alignas(MNIST_ARENA_ALIGN) int8_t arena[MNIST_ARENA_BYTES];

int main(void)
{
    mnist_ctx ctx;
    if (mnist_init(&ctx, arena, sizeof arena) != SX_OK) {
        return 1;
    }
    while (fread(mnist_input_image(&ctx), 1, MNIST_INPUT_IMAGE_BYTES, stdin) == MNIST_INPUT_IMAGE_BYTES) {
        if (mnist_run(&ctx) != SX_OK) {
            return 2;
        }
        fwrite(mnist_output_logits(&ctx), 1, MNIST_OUTPUT_LOGITS_BYTES, stdout);
    }
    return 0;
}
"""
"""An application: images from standard input, logits to standard output."""


def run(*words: str | Path, folder: Path) -> str:
    """A command that must succeed; what it printed."""
    done = subprocess.run([str(word) for word in words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
