# SPDX-License-Identifier: Apache-2.0
"""Golden vectors of a network, made by tflite-micro in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def write_golden(model: Path, golden: Path) -> None:
    """Write `in{k}_0` and `tflm_out{k}_0`, k = 0 and 1, to the .npz file `golden`.

    Raises:
        RuntimeError: tflite-micro does not run the model.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.networks.run_tflite_micro", model.resolve(), golden.resolve()],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"tflite-micro does not run {model.name}: {done.stderr}")
