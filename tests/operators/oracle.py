# SPDX-License-Identifier: Apache-2.0
"""What tflite-micro computes for many models, by one process of its own (another one where a model kills it)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.operators.case import Array, Case

_SCRIPT = Path(__file__).with_name("run_tflite_micro.py")


@dataclass(frozen=True)
class Refused:
    """tflite-micro does not run a model: such a case proves nothing."""

    why: str


def tflite_micro(cases: Sequence[Case], folder: Path) -> list[list[list[Array]] | Refused]:
    """The outputs of each case, run by run, or why tflite-micro does not give any."""
    for number, case in enumerate(cases):
        (folder / f"{number:04}.tflite").write_bytes(case.pack())
        inputs = {f"{run}.{i}": value for run, values in enumerate(case.runs) for i, value in enumerate(values)}
        np.savez(folder / f"{number:04}.npz", **inputs)  # type: ignore[arg-type]
    died = _run_all(folder, len(cases))
    return [
        Refused(died[number]) if number in died else _outputs(folder / f"{number:04}.out.npz", case)
        for number, case in enumerate(cases)
    ]


def _run_all(folder: Path, count: int) -> dict[int, str]:
    """Run the process until every model has outputs; the models that killed it, and what it said last."""
    died: dict[int, str] = {}
    while True:
        done = subprocess.run([sys.executable, str(_SCRIPT), str(folder)], capture_output=True, text=True, check=False)
        missing = [n for n in range(count) if n not in died and not (folder / f"{n:04}.out.npz").exists()]
        if not missing:
            return died
        assert done.returncode < 0, done.stderr  # a signal; anything else is an error of the script
        died[missing[0]] = f"tflite-micro died of signal {-done.returncode}: {done.stderr[-300:]}"
        (folder / f"{missing[0]:04}.tflite").unlink()


def _outputs(path: Path, case: Case) -> list[list[Array]] | Refused:
    with np.load(path) as file:
        found: dict[str, Any] = dict(file)
    if "error" in found:
        return Refused(str(found["error"]))
    return [[found[f"{run}.{i}"].reshape(x.dims) for i, x in enumerate(case.outputs)] for run in range(len(case.runs))]
