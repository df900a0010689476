# SPDX-License-Identifier: Apache-2.0
"""Reading images at given places: the kernel, with what its rule packs, against the reference."""

from __future__ import annotations

import ctypes

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kernel_cases import rule_of, structure
from kernel_library import KernelLibrary, kernel_settings
from kernel_structures import Structure

from sconnx.export.node import export_node
from sconnx.graph.model import ModelBuilder
from sconnx.graph.operator import GridSample, Interpolation, Outside
from sconnx.graph.tensor import DType
from sconnx.reference.plain.sampling import grid_sample
from sconnx.reference.rule import Rule


class GridSampleParameters(Structure):
    """sx_grid_sample_f32"""

    _fields_ = (
        ("sizes", ctypes.c_void_p),
        *((name, ctypes.c_int32) for name in ("rank", "images", "channels", "places", "taps")),
        *((name, ctypes.c_bool) for name in ("is_zero_outside", "is_mirrored", "align_corners")),
    )


OPERATORS = st.builds(
    GridSample,
    interpolation=st.sampled_from(Interpolation),
    outside=st.sampled_from(Outside),
    align_corners=st.booleans(),
)


@kernel_settings
@given(
    operator=OPERATORS,
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=3),
    batch=st.integers(1, 2),
    channels=st.integers(1, 5),
    seed=st.integers(0, 2**32 - 1),
)
def test_grid_sample(
    libraries: tuple[KernelLibrary, ...],
    operator: GridSample,
    sizes: list[int],
    batch: int,
    channels: int,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, *sizes, channels)).astype(np.float32)
    # A place halfway between elements may be rounded either way: keep away from these.
    places = rng.integers(-40, 41, (batch, *(3 for _ in sizes), len(sizes))) * 2 + 1
    grid = (places / np.float32(37.3)).astype(np.float32)
    expected = grid_sample(operator, x, grid)
    for library in libraries:
        out = run(library, operator, x, grid, expected.shape)
        np.testing.assert_allclose(out, expected, rtol=1e-5, atol=3e-5, err_msg=library.name)


def test_places_far_away_and_no_numbers(libraries: tuple[KernelLibrary, ...]) -> None:
    """They read something, or 0, but nothing outside of the image."""
    x = np.arange(1, 7, dtype=np.float32).reshape(1, 3, 2, 1)
    extremes = [np.inf, -np.inf, np.nan, 3e38, -3e38, 1e9]
    grid = np.array([(a, b) for a in extremes for b in extremes], np.float32).reshape(1, 6, 6, 2)
    for library in libraries:
        for outside in Outside:
            for interpolation in Interpolation:
                operator = GridSample(interpolation=interpolation, outside=outside)
                out = run(library, operator, x, grid, (1, 6, 6, 1))
                assert np.isfinite(out).all()
                assert outside is not Outside.ZEROS or not out.any()


def run(
    library: KernelLibrary, operator: GridSample, x: np.ndarray, grid: np.ndarray, dims: tuple[int, ...]
) -> np.ndarray:
    """One call."""
    builder = ModelBuilder("one", Rule.ONNX)
    inputs = [builder.add_input(name, DType.FLOAT32, array.shape, None) for name, array in (("x", x), ("grid", grid))]
    output = builder.add_node(operator, inputs, name="n", source_index=0, output_name="y", dtype=DType.FLOAT32)
    model = builder.build([output])
    node = export_node(model.graph, 0)
    rule = rule_of(node)
    parameters = structure(GridSampleParameters, rule.pack(node, model.params))
    operands = [np.ascontiguousarray(array).view(np.int8) for array in (x, grid)]
    size_bytes = 4 * int(np.prod(dims))
    out = library.run(rule.kernel(node).removeprefix("sx_"), parameters, operands, (size_bytes,))
    return out.view(np.float32).reshape(dims)
