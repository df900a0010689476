# SPDX-License-Identifier: Apache-2.0
"""Writing elements to given places: the kernels, with what their rules pack, against the reference."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_cases import GENERIC, rule_of, structure
from kernel_library import KernelLibrary, kernel_settings
from kernel_structures import Structure

from sconnx.export.node import export_node
from sconnx.graph.model import ModelBuilder
from sconnx.graph.operator import ScatterElements, Scattering
from sconnx.graph.tensor import DType
from sconnx.reference.plain.scatter import scatter_elements
from sconnx.reference.rule import Rule

DTYPES = {dtype: np.dtype(dtype.value) for dtype in DType}


class ScatterElementsParameters(Structure):
    """sx_scatter_elements"""

    _fields_ = (
        ("dims", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        *(
            (name, ctypes.c_int32)
            for name in "rank axis axis_size elements updates element_bytes index_bytes scattering".split()
        ),
    )


@kernel_settings
@given(
    scattering=st.sampled_from(Scattering),
    dtype=st.sampled_from(DType),
    dims=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    index=st.sampled_from([DType.INT32, DType.INT64]),
    seed=st.integers(0, 2**32 - 1),
)
def test_scatter_elements(
    libraries: tuple[KernelLibrary, ...],
    scattering: Scattering,
    dtype: DType,
    dims: list[int],
    index: DType,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    dtype = dtype if scattering is Scattering.REPLACE else DType.FLOAT32
    axis = int(rng.integers(len(dims)))
    places = [int(rng.integers(1, size + 1)) for size in dims]
    places[axis] = int(rng.integers(1, 7))
    x = rng.integers(0, 2 if dtype is DType.BOOL else 100, dims).astype(DTYPES[dtype])
    updates = rng.integers(0, 2 if dtype is DType.BOOL else 100, places).astype(DTYPES[dtype])
    # Two further on each side are outside of x.
    indices = rng.integers(-dims[axis] - 2, dims[axis] + 2, places).astype(DTYPES[index])
    operator = ScatterElements(axis=axis, scattering=scattering)
    expected = scatter_elements(operator, x, indices, updates)
    builder = ModelBuilder("one", Rule.ONNX)
    given = [("x", dtype, x), ("indices", index, indices), ("updates", dtype, updates)]
    inputs = [builder.add_input(name, kind, array.shape, None) for name, kind, array in given]
    output = builder.add_node(operator, inputs, name="n", source_index=0, output_name="y", dtype=dtype)
    model = builder.build([output])
    node = export_node(model.graph, 0)
    rule = rule_of(node)
    parameters = structure(ScatterElementsParameters, rule.pack(node, model.params))
    operands = [np.ascontiguousarray(array).view(np.int8) for _, _, array in given]
    for library in libraries:
        out = library.run(rule.kernel(node).removeprefix("sx_"), parameters, operands, (x.nbytes,))
        np.testing.assert_array_equal(out.view(x.dtype).reshape(x.shape), expected, library.name)


@pytest.mark.parametrize(
    ("scattering", "dtype", "index", "reason"),
    [
        (Scattering.ADD, DType.INT32, DType.INT64, "elements are joined by 'add', which only float32 can be"),
        (Scattering.REPLACE, DType.INT32, DType.INT8, "input 1 is int8, not int32 or int64"),
    ],
)
def test_refusals(scattering: Scattering, dtype: DType, index: DType, reason: str) -> None:
    builder = ModelBuilder("one", Rule.ONNX)
    inputs = [builder.add_input(name, kind, (2,), None) for name, kind in (("x", dtype), ("i", index), ("u", dtype))]
    operator = ScatterElements(axis=0, scattering=scattering)
    output = builder.add_node(operator, inputs, name="n", source_index=0, output_name="y", dtype=dtype)
    node = export_node(builder.build([output]).graph, 0)
    found = [rule.reject(node) for _, rule in GENERIC.candidates("ScatterElements")]
    assert reason in found
