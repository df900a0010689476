# SPDX-License-Identifier: Apache-2.0
"""Outputs of the reference engines, each made once by processes of its own."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

Outputs = Mapping[str, NDArray[np.int8]]
HERE = Path(__file__).parent


def require(*modules: str) -> None:
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


def run(script: str, directory: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / script), str(directory)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def tflite_micro_outputs(tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    """Outputs of tflite-micro, by OPERATOR_INDEX of tflite_cases."""
    require("tflite_micro", "ai_edge_litert")
    directory = tmp_path_factory.mktemp("tflite")
    run("build_tflite.py", directory)
    run("run_tflite_micro.py", directory)
    with np.load(directory / "outputs.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="session")
def onnxruntime_outputs(tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    """Outputs of ONNX Runtime, by OPERATOR_INDEX of onnx_cases."""
    require("onnxruntime", "onnx")
    directory = tmp_path_factory.mktemp("onnx")
    run("run_onnxruntime.py", directory)
    with np.load(directory / "outputs.npz") as arrays:
        return dict(arrays)
