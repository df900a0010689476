# SPDX-License-Identifier: Apache-2.0
"""The kernels' tests once more with the address sanitizer: no byte outside a tensor is read or written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from kernel_library import CONFIGURATION_VARIABLE, is_available

FILES = (
    "convolution",
    "pooling",
    "elementwise",
    "fixed_sum",
    "softmax",
    "depthwise_dsp",
    "mve",
)


def _sanitizer_library() -> str | None:
    """The run-time library, which the interpreter must load before anything else."""
    if not is_available(("cc",)):
        return None
    done = subprocess.run(["cc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=False)
    path = Path(done.stdout.strip())
    return str(path) if path.is_absolute() and path.exists() else None


@pytest.mark.skipif(bool(os.environ.get(CONFIGURATION_VARIABLE)), reason="runs this very test")
def test_no_byte_outside_a_tensor_is_touched() -> None:
    library = _sanitizer_library()
    if library is None:
        pytest.skip("cc has no address sanitizer here")
    folder = Path(__file__).parent
    environment = {
        **os.environ,
        CONFIGURATION_VARIABLE: "address",
        "LD_PRELOAD": library,
        "ASAN_OPTIONS": "detect_leaks=0",
    }
    tests = [str(folder / f"test_kernel_{name}.py") for name in FILES]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
