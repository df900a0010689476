# SPDX-License-Identifier: Apache-2.0
"""Writing elements to given places, against ONNX Runtime."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest

from sconnx.graph.operator import ScatterElements, Scattering
from sconnx.reference.plain.scatter import scatter_elements


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("scattering", Scattering)
def test_scatter_elements(scattering: Scattering, axis: int) -> None:
    rng = np.random.default_rng(7)
    x = rng.normal(size=(4, 5, 3)).astype(np.float32)
    places = [2, 4, 3]
    places[axis] = 7
    updates = rng.normal(size=places).astype(np.float32)
    indices = rng.integers(-x.shape[axis], x.shape[axis], places)
    if scattering is Scattering.REPLACE:
        # ONNX leaves open which of several updates of one element is the last.
        places[axis] = 1
        updates, indices = (array.take([0], axis) for array in (updates, indices))
    text = f"""<ir_version: 9, opset_import: ["" : 18]>
    made (float[4,5,3] x, int64{places} i, float{places} u) => (float[4,5,3] y)
    {{ y = ScatterElements <axis = {axis}, reduction = "{scattering.value}"> (x, i, u) }}"""
    session = onnxruntime.InferenceSession(onnx.parser.parse_model(text).SerializeToString())
    (expected,) = session.run(None, {"x": x, "i": indices, "u": updates})
    found = scatter_elements(ScatterElements(axis=axis, scattering=scattering), x, indices, updates)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
