# SPDX-License-Identifier: Apache-2.0
"""A program in which two networks, `edges` and `digits`, take turns on one arena; what it computes, held against ONNX Runtime."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from tests.tiny_models import ROOT

TWO_MODELS = """\
#include "digits.h"
#include "edges.h"

#include <stdio.h>
#include <string.h>

static union {
    _Alignas(EDGES_ARENA_ALIGN) int8_t edges[EDGES_ARENA_BYTES];
    _Alignas(DIGITS_ARENA_ALIGN) int8_t digits[DIGITS_ARENA_BYTES];
} arena;

int main(void)
{
    static int8_t image[EDGES_INPUT_IMAGE_BYTES];
    edges_ctx edges;
    digits_ctx digits;
    if (edges_init(&edges, arena.edges, sizeof arena) != 0 || digits_init(&digits, arena.digits, sizeof arena) != 0) {
        return 1;
    }
    while (fread(image, sizeof image, 1, stdin) == 1) {
        memcpy(edges_input_image(&edges), image, sizeof image);
        if (edges_run(&edges) != 0) {
            return 2;
        }
        fwrite(edges_output_scores(&edges), EDGES_OUTPUT_SCORES_BYTES, 1, stdout);
        memcpy(digits_input_image(&digits), image, sizeof image);
        if (digits_run(&digits) != 0) {
            return 2;
        }
        fwrite(digits_output_logits(&digits), DIGITS_OUTPUT_LOGITS_BYTES, 1, stdout);
    }
    return 0;
}
"""
"""An application: images from standard input, scores of `edges` and logits of `digits` to standard output."""


def check_program(program: Path, edges: Path, digits: Path) -> None:
    """Run it on 20 images; every output of both models, whose files these are, must be the one of ONNX Runtime."""
    onnxruntime = pytest.importorskip("onnxruntime")
    with np.load(ROOT / "examples/mnist/heldout.npz") as arrays:
        images = arrays["images"][:20]
    pixels = (images.astype(np.int16) - 128).astype(np.int8)
    done = subprocess.run([program], input=pixels.tobytes(), capture_output=True, check=True)
    outputs = np.frombuffer(done.stdout, np.int8).reshape(len(images), 12)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    for path, found in ((edges, outputs[:, :2]), (digits, outputs[:, 2:])):
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        scale, zero_point = _output_scale(path)
        for image, values in zip(images, found, strict=True):
            (real,) = session.run(None, {"image": image[None, None] / np.float32(255)})
            assert np.array_equal(values, np.rint(real[0] / scale).astype(np.int64) + zero_point)


def _output_scale(path: Path) -> tuple[float, int]:
    """Scale and zero point of the model's last DequantizeLinear."""
    graph = onnx.load(path).graph
    constants = {constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}
    (last,) = (node for node in graph.node if graph.output[0].name in node.output)
    return float(constants[last.input[1]]), int(constants[last.input[2]])
