# SPDX-License-Identifier: Apache-2.0
"""A small float network with two inputs, and samples of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

TEXT = """
<ir_version: 8, opset_import: ["" : 13]>
net (float[batch,3,8,8] image, float[1,6] extra) => (float[1,4] scores)
{
  c = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (image, conv_weight, conv_bias)
  n = BatchNormalization (c, bn_scale, bn_bias, bn_mean, bn_var)
  r = Relu (n)
  p = GlobalAveragePool (r)
  f = Flatten (p)
  s = Add (f, extra)
  scores = Gemm <transB = 1> (s, fc_weight, fc_bias)
}
"""
SHAPES = {
    "conv_weight": (6, 3, 3, 3),
    "conv_bias": (6,),
    "bn_scale": (6,),
    "bn_bias": (6,),
    "bn_mean": (6,),
    "bn_var": (6,),
    "fc_weight": (4, 6),
    "fc_bias": (4,),
}


def float_net(path: Path) -> Path:
    random = np.random.default_rng(5)
    model = onnx.parser.parse_model(TEXT)
    for name, shape in SHAPES.items():
        value = random.normal(0, 0.5, shape).astype(np.float32)
        value = np.abs(value) + 0.5 if name == "bn_var" else value
        model.graph.initializer.append(onnx.numpy_helper.from_array(value, name))
    onnx.save(model, path)
    return path


def samples(count: int = 12) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(6)
    return {
        "image": random.normal(0, 1, (count, 3, 8, 8)).astype(np.float32),
        "extra": random.normal(0, 1, (count, 1, 6)).astype(np.float32),
    }
