# SPDX-License-Identifier: Apache-2.0
"""Process that runs the example in ONNX Runtime, graph optimisations off: MODEL HELDOUT LOGITS.npy."""

from __future__ import annotations

import sys

import numpy as np
import onnxruntime


def main(model: str, heldout: str, logits: str) -> None:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    with np.load(heldout) as arrays:
        images = arrays["images"]
    batches = (image[None, None].astype(np.float32) / np.float32(255) for image in images)
    np.save(logits, np.stack([session.run(["logits"], {"image": batch})[0][0] for batch in batches]))


if __name__ == "__main__":
    main(*sys.argv[1:])
