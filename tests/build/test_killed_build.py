# SPDX-License-Identifier: Apache-2.0
"""A build that is killed at any moment: the next one gives the bytes of a clean one, also of what was edited in between."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.build.edits import KERNEL, nothing, replaced, retrained
from tests.build.scons_checkout import Checkout, new_checkout

KILLS = 50
ARGUMENTS = ("toolchain=gcc", "-j2")
VARIANTS: dict[str, tuple[Callable[[Checkout], None], tuple[str, ...]]] = {
    "as it is": (nothing, ()),
    "retrained": (retrained, ()),
    "other kernel": (
        replaced(KERNEL, "(p, rows, out, SX_RULE_ONNX);", "(p, rows, out, SX_RULE_TFLITE);"),
        ("stack=8K",),
    ),
}
"""Edits of a checkout, and arguments of its builds."""
EDITED = (KERNEL, "examples/mnist/mnist.onnx")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="needs arm-none-eabi-gcc"),
]


def sources(checkout: Checkout) -> dict[str, bytes]:
    return {name: checkout.path(name).read_bytes() for name in EDITED}


def kill_build(checkout: Checkout, arguments: tuple[str, ...], seconds: float) -> bool:
    """Start a build and kill all of its processes after some time; False when it ended before."""
    command = [sys.executable, "-m", "SCons", "-Q", *arguments]
    process = subprocess.Popen(
        command,
        cwd=checkout.root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, bytes], dict[str, str], float]]:
    """Of each variant its sources, the hashes of a clean build, and the seconds that this took."""
    found = {}
    for name, (edit, arguments) in VARIANTS.items():
        checkout = new_checkout(tmp_path_factory.mktemp("clean") / "checkout")
        edit(checkout)
        start = time.monotonic()
        checkout.build(*ARGUMENTS, *arguments)
        found[name] = (sources(checkout), checkout.built(), time.monotonic() - start)
    return found


def test_the_next_build_is_as_a_clean_one(
    clean: dict[str, tuple[dict[str, bytes], dict[str, str], float]], tmp_path: Path
) -> None:
    """Kills come in rows of three to eight, each of a build of any variant, before a build is left alone."""
    checkout = new_checkout(tmp_path / "checkout")
    choice = random.Random(7)

    def edited() -> tuple[str, float]:
        name = choice.choice(list(VARIANTS))
        for path, content in clean[name][0].items():
            checkout.path(path).write_bytes(content)
        return name, clean[name][2]

    kills = 0
    while kills < KILLS:
        for _ in range(choice.randint(3, 8)):
            name, seconds = edited()
            kills += kill_build(checkout, (*ARGUMENTS, *VARIANTS[name][1]), choice.uniform(0.1, 0.4) * seconds)
        name, _ = edited()
        checkout.build(*ARGUMENTS, *VARIANTS[name][1])
        assert checkout.built() == clean[name][1], f"{name}, after {kills} kills"
