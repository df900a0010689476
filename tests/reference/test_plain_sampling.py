# SPDX-License-Identifier: Apache-2.0
"""Reading images at given places, against ONNX's own reference."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from sconnx.graph.operator import GridSample, Interpolation, Outside
from sconnx.reference.plain.sampling import grid_sample


@pytest.mark.parametrize("sizes", [(4, 5), (1, 6), (3, 2, 4)], ids=str)
@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("outside", Outside)
@pytest.mark.parametrize("interpolation", Interpolation)
def test_grid_sample(
    interpolation: Interpolation, outside: Outside, align_corners: bool, sizes: tuple[int, ...]
) -> None:
    if outside is Outside.REFLECTION and align_corners and 1 in sizes:
        pytest.skip("ONNX's reference divides by 0: an image of one row has no length to mirror")
    rng = np.random.default_rng(7)
    x = rng.normal(size=(2, 3, *sizes)).astype(np.float32)
    grid = rng.uniform(-2.5, 2.5, (2, *(3 for _ in sizes), len(sizes))).astype(np.float32)
    node = onnx.helper.make_node(
        "GridSample",
        ["x", "grid"],
        ["y"],
        mode=interpolation.value,
        padding_mode=outside.value,
        align_corners=int(align_corners),
    )
    inputs = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, array.shape)
        for name, array in (("x", x), ("grid", grid))
    ]
    output = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    graph = onnx.helper.make_graph([node], "g", inputs, [output])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=9)
    (expected,) = ReferenceEvaluator(model).run(None, {"x": x, "grid": grid})
    operator = GridSample(interpolation=interpolation, outside=outside, align_corners=align_corners)
    found = np.moveaxis(grid_sample(operator, np.moveaxis(x, 1, -1), grid), -1, 1)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
