# SPDX-License-Identifier: Apache-2.0
"""Vectors files: what is read, how it is quantised and turned, and what is said about the ones that do not fit."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sconnx.codegen.interface import Interface, Port
from sconnx.emulate.vectors import read_vectors, seeded_vectors, to_source, to_stored
from sconnx.errors import SconnxError
from sconnx.reference.rule import Rule

PORT = Port(
    tensor=0,
    name="image",
    identifier="image",
    dtype="int8",
    dims=(1, 2, 3, 4),
    source_axes=(0, 2, 3, 1),
    scale=0.5,
    zero_point=3,
)
"""NHWC here, NCHW in the source model: source dims 1x4x2x3."""
PLAIN = replace(PORT, name="out", identifier="out", dims=(2, 5), source_axes=())
INTERFACE = Interface(inputs=(PORT,), outputs=(PLAIN,))
TWO = Interface(inputs=(PORT, replace(PLAIN, name="extra")), outputs=(PLAIN, replace(PLAIN, name="more")))


def image(seed: int = 0) -> NDArray[np.int8]:
    return np.random.default_rng(seed).integers(-128, 128, (1, 4, 2, 3)).astype(np.int8)


def plain(value: int = 0) -> NDArray[np.int8]:
    return np.full((2, 5), value, np.int8)


def written(folder: Path, **arrays: NDArray[Any]) -> Path:
    path = folder / "vectors.npz"
    np.savez(path, **arrays)
    return path


def failure(path: Path, interface: Interface = INTERFACE) -> str:
    with pytest.raises(SconnxError) as caught:
        read_vectors(path, interface, Rule.TFLITE)
    return str(caught.value)


def test_seeded_vectors_are_the_same_in_every_run() -> None:
    vectors, again = seeded_vectors(TWO), seeded_vectors(TWO)
    assert len(vectors) == 3
    for one, other in zip(vectors, again, strict=True):
        assert [array.shape for array in one.inputs] == [PORT.dims, PLAIN.dims]
        assert one.stdin == other.stdin and len(one.stdin) == 24 + 10
    assert len({vector.stdin for vector in vectors}) == 3
    assert (vectors[0].inputs[0].min(), len(seeded_vectors(TWO, 7))) < (0, 8)


def test_seeded_vectors_of_any_dtype() -> None:
    dtypes = ("float32", "uint8", "int16", "int32", "int64", "bool")
    ports = tuple(
        replace(PLAIN, dtype=dtype, name=dtype, dims=(40, 50), scale=None, zero_point=None) for dtype in dtypes
    )
    (vector,) = seeded_vectors(Interface(inputs=ports, outputs=()), 1)
    arrays = dict(zip(dtypes, vector.inputs, strict=True))
    assert [array.dtype.name for array in vector.inputs] == list(dtypes)
    assert np.isfinite(arrays["float32"]).all() and (arrays["float32"].min() < -1, arrays["float32"].max() > 1)
    assert (arrays["uint8"].min(), arrays["uint8"].max()) == (0, 255)
    assert arrays["int16"].min() < -30000 and arrays["int16"].max() > 30000
    # They may be indices.
    assert all(set(arrays[dtype].ravel().tolist()) == {0, 1} for dtype in ("int32", "int64", "bool"))
    assert len(vector.stdin) == 2000 * (4 + 1 + 2 + 4 + 8 + 1)


@pytest.mark.parametrize("dtype", ["float32", "uint8", "int16", "int32", "int64", "bool"])
def test_arrays_of_any_dtype_are_taken_as_they_are(dtype: str) -> None:
    port = replace(PORT, dtype=dtype, scale=None, zero_point=None)
    x = image().astype(dtype)
    stored = to_stored(port, Rule.ONNX, x, "v")
    assert stored.dtype == x.dtype and stored.shape == PORT.dims
    np.testing.assert_array_equal(to_source(port, stored, x.dtype), x)
    with pytest.raises(SconnxError) as caught:
        to_stored(port, Rule.ONNX, x.astype(np.float64), "v")
    assert str(caught.value) == (
        f"v: error[E505]: the vectors for 'image' are float64 of 1x4x2x3, not {dtype} of 1x4x2x3"
    )


def test_numbers_that_are_none_reach_float_inputs() -> None:
    port = replace(PLAIN, dtype="float32", scale=None, zero_point=None)
    x = np.array([[np.nan, np.inf, -np.inf, 1, 2]] * 2, np.float32)
    np.testing.assert_array_equal(to_stored(port, Rule.TFLITE, x, "v"), x)


@pytest.mark.parametrize(("dtype", "limits"), [("uint8", (0, 255)), ("int16", (-32768, 32767))])
def test_float_inputs_are_quantised_to_the_range_of_the_dtype(dtype: str, limits: tuple[int, int]) -> None:
    port = replace(PLAIN, dims=(4,), dtype=dtype, scale=0.5, zero_point=3)
    x = np.array([-1e6, 1e6, 1, 2], np.float32)
    stored = to_stored(port, Rule.TFLITE, x, "v")
    assert (stored.dtype.name, stored.tolist()) == (dtype, [*limits, 5, 7])
    assert to_source(port, stored, x.dtype).tolist() == [(q - 3) * 0.5 for q in (*limits, 5, 7)]


def test_nchw_becomes_nhwc_element_by_element() -> None:
    x = image()
    stored = to_stored(PORT, Rule.TFLITE, x, "v")
    assert (stored.shape, stored.dtype, stored.flags.c_contiguous) == ((1, 2, 3, 4), np.int8, True)
    for c, y, column in itertools.product(range(4), range(2), range(3)):
        assert stored[0, y, column, c] == x[0, c, y, column]
    np.testing.assert_array_equal(to_source(PORT, stored, np.dtype(np.int8)), x)


@given(st.data())
def test_any_order_of_dims_there_and_back(data: st.DataObject) -> None:
    source_dims = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    axes = data.draw(st.one_of(st.just([]), st.permutations(range(len(source_dims)))))
    dims = tuple(source_dims[axis] for axis in axes) if axes else tuple(source_dims)
    port = replace(PORT, dims=dims, source_axes=tuple(axes))
    x = np.arange(int(np.prod(source_dims))).astype(np.int8).reshape(source_dims)
    stored = to_stored(port, Rule.ONNX, x, "v")
    assert stored.shape == dims
    for index in np.ndindex(*dims):
        there = [0] * len(dims)
        for here, axis in enumerate(axes or range(len(dims))):
            there[axis] = index[here]
        assert stored[index] == x[tuple(there)]
    np.testing.assert_array_equal(to_source(port, stored, x.dtype).reshape(x.shape), x)


def test_dims_of_one_may_be_left_out() -> None:
    np.testing.assert_array_equal(
        to_stored(PORT, Rule.TFLITE, image().reshape(4, 2, 3), "v"), to_stored(PORT, Rule.TFLITE, image(), "v")
    )


@pytest.mark.parametrize(("rule", "halves"), [(Rule.TFLITE, [4, 5, 2, 1]), (Rule.ONNX, [3, 5, 3, 1])])
def test_float_inputs_are_quantised_by_the_rule(rule: Rule, halves: list[int]) -> None:
    port = replace(PLAIN, dims=(9,), zero_point=3, scale=0.5)
    x = np.array([0.25, 0.75, -0.25, -0.75, 0, 1, 1000, -1000, np.inf], np.float32)
    stored = to_stored(port, rule, x, "v")
    assert stored.tolist() == [*halves, 3, 5, 127, -128, 127]
    shown = to_source(port, stored, np.dtype(np.float32))
    assert shown.dtype == np.float32
    assert shown.tolist() == [(q - 3) * 0.5 for q in stored.tolist()]


def test_names_positions_and_engines(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        in0_image=image(0),
        in1_0=image(1),
        in2_image=image(2),
        tflm_out0_out=plain(1),
        ort_none_out0_out=plain(2),
        out0_out=plain(3),
        ort_none_out1_0=plain(4),
        out1_0=plain(5),
    )
    for rule, first, second in ((Rule.TFLITE, 1, 5), (Rule.ONNX, 2, 4)):
        vectors = read_vectors(path, INTERFACE, rule)
        assert len(vectors) == 3
        for k, vector in enumerate(vectors):
            np.testing.assert_array_equal(vector.inputs[0], np.moveaxis(image(k), 1, 3))
        assert [int(vector.expected[0][0, 0]) for vector in vectors[:2]] == [first, second]
        assert vectors[2].expected == ()


def test_a_name_wins_over_a_position(tmp_path: Path) -> None:
    path = written(tmp_path, in0_0=image(0), in0_image=image(1))
    (vector,) = read_vectors(path, INTERFACE, Rule.TFLITE)
    np.testing.assert_array_equal(vector.inputs[0], np.moveaxis(image(1), 1, 3))


@pytest.mark.parametrize(
    ("array", "have"),
    [
        (image().astype(np.int16), "int16 of 1x4x2x3"),
        (image().astype(np.float64), "float64 of 1x4x2x3"),
        (image().view(np.uint8), "uint8 of 1x4x2x3"),
        (image()[:, :3], "int8 of 1x3x2x3"),
        (image().transpose(0, 3, 1, 2), "int8 of 1x3x4x2"),
        (np.zeros((), np.int8), "int8 of "),
    ],
)
def test_inputs_that_do_not_fit(tmp_path: Path, array: NDArray[Any], have: str) -> None:
    assert failure(written(tmp_path, in0_image=array)) == (
        f"vectors.npz: error[E505]: the vectors for 'image' are {have}, not int8 or float32 of 1x4x2x3"
    )


def test_files_without_vectors(tmp_path: Path) -> None:
    message = "vectors.npz: error[E505]: the file holds no inputs of this model (help: its keys must be: in0_image)"
    assert failure(written(tmp_path, other=image())) == message
    assert failure(written(tmp_path)) == message
    assert failure(written(tmp_path, in0_image=image()), TWO).endswith("(help: its keys must be: in0_image, in0_extra)")


def test_outputs_that_are_only_partly_there(tmp_path: Path) -> None:
    path = written(tmp_path, in0_image=image(), in0_extra=plain(), out0_more=plain())
    assert failure(path, TWO) == "vectors.npz: error[E505]: vector 0 lacks some of the outputs"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["out0_typo"], "key 'out0_typo' names no output of this model (help: its outputs: out)"),
        (
            ["out0_out", "tflm_out0_7"],
            "key 'tflm_out0_7' names no output of this model (help: its outputs: out)",
        ),
        (["out1_out"], "key 'out1_out' follows a gap: vector 1 has no inputs"),
    ],
)
def test_keys_that_would_not_be_compared(tmp_path: Path, keys: list[str], message: str) -> None:
    path = written(tmp_path, in0_image=image(), **{key: plain() for key in keys})
    assert failure(path) == f"vectors.npz: error[E505]: {message}"


def test_keys_of_other_engines_and_uses_are_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path, in0_image=image(), tflm_out0_other=plain(), label=plain())
    assert len(read_vectors(path, INTERFACE, Rule.ONNX)) == 1


def test_a_gap_between_vectors(tmp_path: Path) -> None:
    path = written(tmp_path, in0_image=image(), in2_image=image())
    assert failure(path) == "vectors.npz: error[E505]: key 'in2_image' follows a gap: vector 1 has no inputs"


@pytest.mark.parametrize("dims", [(4, 2, 3), (24,)])
def test_dims_of_one_meaning(tmp_path: Path, dims: tuple[int, ...]) -> None:
    assert len(read_vectors(written(tmp_path, in0_image=image().reshape(dims)), INTERFACE, Rule.TFLITE)) == 1


def test_files_that_are_no_vectors(tmp_path: Path) -> None:
    path = tmp_path / "vectors.npz"
    assert failure(path) == "vectors.npz: error[E101]: cannot read the vectors: No such file or directory"
    start = "vectors.npz: error[E102]: the vectors are not an .npz file: "
    for content in (b"", b"text", b"\x93NUMPY"):
        path.write_bytes(content)
        assert failure(path).startswith(start)
    np.savez(path, in0_image=np.array([object()]))
    assert failure(path).startswith(start)


@pytest.mark.parametrize("damage", ["cut", "flipped", "npy"])
def test_damaged_files(tmp_path: Path, damage: str) -> None:
    path = written(tmp_path, in0_image=image())
    content = bytearray(path.read_bytes())
    content[content.index(b"NUMPY") + 130] ^= 1
    path.write_bytes(path.read_bytes()[:-30] if damage == "cut" else bytes(content))
    if damage == "npy":
        with path.open("wb") as file:
            np.save(file, image())
    assert failure(path).startswith("vectors.npz: error[E102]: the vectors are not an .npz file: ")


@pytest.mark.parametrize(("array", "have"), [(plain()[:1], "int8 of 1x5"), (plain().astype(np.int32), "int32 of 2x5")])
def test_outputs_that_do_not_fit(tmp_path: Path, array: NDArray[Any], have: str) -> None:
    path = written(tmp_path, in0_image=image(), out0_out=array)
    assert failure(path) == (f"vectors.npz: error[E505]: the vectors for 'out' are {have}, not int8 or float32 of 2x5")


def test_inputs_that_are_only_partly_there(tmp_path: Path) -> None:
    path = written(tmp_path, in0_image=image(), in0_extra=plain(), in1_image=image())
    assert failure(path, TWO) == "vectors.npz: error[E505]: vector 1 lacks some of the inputs"


def test_inputs_that_are_no_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, in0_image=np.full((1, 4, 2, 3), np.nan, np.float32))
    assert failure(path) == "vectors.npz: error[E505]: the vectors for 'image' hold values that are not a number"
