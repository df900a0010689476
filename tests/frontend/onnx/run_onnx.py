# SPDX-License-Identifier: Apache-2.0
"""Process that runs models in ONNX Runtime, optimisations off: run_onnx.py FOLDER.

For each NAME.onnx there is NAME.npz with its inputs; NAME.out.npz gets the outputs by name.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnxruntime


def run(path: Path, options: onnxruntime.SessionOptions) -> None:
    session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    with np.load(path.with_suffix(".npz")) as file:
        feeds = {name: file[name] for name in file.files}
    np.savez(path.with_suffix(".out.npz"), **dict(zip(names, session.run(names, feeds), strict=True)))


def main(folder: Path) -> None:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    for path in sorted(folder.glob("*.onnx")):
        run(path, options)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
