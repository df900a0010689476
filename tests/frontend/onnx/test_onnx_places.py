# SPDX-License-Identifier: Apache-2.0
"""Operators made of others: what they import as computes what ONNX's own reference computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import parser
from onnx.reference import ReferenceEvaluator

from sconnx.errors import SconnxError
from sconnx.frontend.onnx.importer import read_onnx
from sconnx.reference.execute import execute

FLOAT = ("float", np.float32)


def text(call: str, inputs: str, output: str, constants: str = "", opset: int = 22) -> str:
    return (
        f'<ir_version: 10, opset_import: ["" : {opset}]> made ({inputs}) => ({output} y) <{constants}> {{ y = {call} }}'
    )


def check(folder: Path, model: str, **inputs: NDArray[np.generic]) -> None:
    """The imported model against the file, on the same inputs."""
    proto = parser.parse_model(model)
    onnx.save(proto, folder / "m.onnx")
    imported = read_onnx(folder / "m.onnx", "m")
    graph = imported.graph
    given = []
    for tensor in (graph.tensors[index] for index in graph.inputs):
        value = inputs[tensor.name]
        given.append(np.ascontiguousarray(value.transpose(tensor.source_axes or range(value.ndim))))
    (output,) = graph.outputs
    found = execute(imported, given)[output]
    axes = graph.tensors[output].source_axes
    found = found.transpose(np.argsort(axes)) if axes else found
    with np.errstate(all="ignore"):
        (expected,) = ReferenceEvaluator(proto).run(None, inputs)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def random(*dims: int) -> NDArray[np.float32]:
    return np.random.default_rng(sum(dims)).normal(size=dims).astype(np.float32)


@pytest.mark.parametrize("attributes", ["", "onesided = 1", "inverse = 1"])
@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize("length", ["", "5", "12"])
def test_dft(tmp_path: Path, attributes: str, axis: int, length: str) -> None:
    parts = 2 if "inverse" in attributes else 1
    constants = f"int64 axis = {{{axis}}}" + (f", int64 length = {{{length}}}" if length else "")
    call = f"DFT <{attributes}> (x, {'length' if length else ''}, axis)".replace("<>", "")
    check(tmp_path, text(call, f"float[2,7,6,{parts}] x", "float[N,M,K,2]", constants), x=random(2, 7, 6, parts))


@pytest.mark.parametrize("length", ["", "9"])
def test_real_signal_of_half_its_bins(tmp_path: Path, length: str) -> None:
    constants = "int64 axis = {1}" + (f", int64 length = {{{length}}}" if length else "")
    call = f"DFT <onesided = 1, inverse = 1> (x, {'length' if length else ''}, axis)"
    check(tmp_path, text(call, "float[2,5,3,2] x", "float[N,M,K,1]", constants), x=random(2, 5, 3, 2))


@pytest.mark.parametrize("onesided", [0, 1])
def test_stft(tmp_path: Path, onesided: int) -> None:
    window = ", ".join(str(value) for value in np.hanning(8).astype(np.float32))
    constants = f"int64 step = {{3}}, float[8] window = {{{window}}}"
    call = f"STFT <onesided = {onesided}> (x, step, window)"
    check(tmp_path, text(call, "float[1,40,1] x", "float[N,M,K,2]", constants), x=random(1, 40, 1))


@pytest.mark.parametrize(("upper", "k"), [(0, -1), (0, 2), (1, -2), (1, 0), (1, 9)])
def test_triangles(tmp_path: Path, upper: int, k: int) -> None:
    call = f"Trilu <upper = {upper}> (x, k)"
    check(tmp_path, text(call, "float[2,3,4] x", "float[2,3,4]", f"int64 k = {{{k}}}"), x=random(2, 3, 4))


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("dtype", ["int64", "int32", "float"])
def test_one_hot(tmp_path: Path, axis: int, dtype: str) -> None:
    call = f"OneHot <axis = {axis}> (x, depth, values)"
    constants = "int64 depth = {5}, float[2] values = {-1, 3}"
    indices = np.array([[0, 4, -1], [-5, 3, 2]], {"float": np.float32}.get(dtype, dtype))
    check(tmp_path, text(call, f"{dtype}[2,3] x", "float[N,M,K]", constants), x=indices)


@pytest.mark.parametrize(("time", "batch"), [(0, 1), (1, 0)])
def test_reversed_sequences(tmp_path: Path, time: int, batch: int) -> None:
    call = f"ReverseSequence <time_axis = {time}, batch_axis = {batch}> (x, lengths)"
    constants = "int64[3] lengths = {3, 1, 2}"
    check(tmp_path, text(call, "float[3,3,2] x", "float[3,3,2]", constants), x=random(3, 3, 2))


@pytest.mark.parametrize("attributes", ["", "pads = [1, 0, 0, 2]", "strides = [2, 1]", "dilations = [1, 2]"])
def test_columns_to_image(tmp_path: Path, attributes: str) -> None:
    """As many columns as the blocks of the image have places."""
    columns = {"": 20, "pads = [1, 0, 0, 2]": 35, "strides = [2, 1]": 10, "dilations = [1, 2]": 16}[attributes]
    call = f"Col2Im <{attributes}> (x, image, block)".replace("<>", "")
    constants = "int64[2] image = {5, 6}, int64[2] block = {2, 2}"
    model = text(call, f"float[2,12,{columns}] x", "float[N,M,K,L]", constants)
    check(tmp_path, model, x=random(2, 12, columns))


@pytest.mark.parametrize("p", [1, 2])
def test_vectors_of_length_1(tmp_path: Path, p: int) -> None:
    # ONNX's reference forgets the absolute value where p is 1.
    x = np.abs(random(2, 3, 4))
    x[0, :, 1] = 0
    call = f"LpNormalization <axis = 1, p = {p}> (x)"
    check(tmp_path, text(call, "float[2,3,4] x", "float[2,3,4]"), x=x)


@pytest.mark.parametrize(("to", "dtype"), [(6, "int32"), (12, "uint32")])
def test_bits(tmp_path: Path, to: int, dtype: str) -> None:
    model = text(f"BitCast <to = {to}> (x)", "float[2,3,4] x", f"{dtype}[2,3,4]", opset=26)
    check(tmp_path, model, x=random(2, 3, 4))


def test_scattered(tmp_path: Path) -> None:
    for reduction in ("none", "add", "mul", "min", "max"):
        call = f'ScatterElements <axis = 1, reduction = "{reduction}"> (x, i, u)'
        indices = np.array([[0, 2], [1, -1]], np.int64)
        model = text(call, "float[2,4] x, int64[2,2] i, float[2,2] u", "float[2,4]")
        check(tmp_path, model, x=random(2, 4), i=indices, u=random(2, 2))


@pytest.mark.parametrize("reduction", ["add", "mul", "min", "max"])
def test_joined_slices(tmp_path: Path, reduction: str) -> None:
    call = f'ScatterND <reduction = "{reduction}"> (x, i, u)'
    indices = np.array([[[0, 2], [1, -1], [1, 3]]], np.int64)
    model = text(call, "float[2,4,3] x, int64[1,3,2] i, float[1,3,3] u", "float[2,4,3]")
    check(tmp_path, model, x=random(2, 4, 3), i=indices, u=random(1, 3, 3))


@pytest.mark.parametrize(("mode", "starts"), [("linear", [0, 3]), ("circular", [4, 1])])
def test_caches(tmp_path: Path, mode: str, starts: list[int]) -> None:
    call = f'TensorScatter <mode = "{mode}"> (x, u, i)'
    model = text(call, "float[2,1,5,3] x, float[2,1,2,3] u, int64[2] i", "float[2,1,5,3]", opset=24)
    check(tmp_path, model, x=random(2, 1, 5, 3), u=random(2, 1, 2, 3), i=np.array(starts, np.int64))


@pytest.mark.parametrize(
    ("call", "inputs", "constants", "reason"),
    [
        ("DFT (x, , axis)", "float[2,3,4] x", "int64 axis = {1}", "axis 1 of dims (2, 3, 4)"),
        ("Trilu (x, k)", "float[2,3,4] x, int64 k", "", "k 'k' must be constant, known at build time"),
        ("LpNormalization <p = 3> (x)", "float[2,3] x", "", "p is 3, neither 1 nor 2"),
        (
            "STFT (x, step, , length)",
            "float[1,9,1] x",
            "int64 step = {2}, int64 length = {10}",
            "frames of 10 every 2 elements of dims (1, 9, 1)",
        ),
        (
            'GridSample <mode = "best"> (x, g)',
            "float[1,2,3,4] x, float[1,2,3,2] g",
            "",
            "mode 'best' and padding_mode 'zeros' are none that ONNX defines",
        ),
        (
            'ScatterElements <reduction = "mean"> (x, i, u)',
            "float[4] x, int64[2] i, float[2] u",
            "",
            "reduction 'mean' is none that ONNX defines",
        ),
        (
            "ReverseSequence <time_axis = 0, batch_axis = 1> (x, lengths)",
            "float[2,2] x",
            "int64[2] lengths = {3, 1}",
            "lengths [3, 1] do not fit dims (2, 2)",
        ),
    ],
)
def test_refusals(tmp_path: Path, call: str, inputs: str, constants: str, reason: str) -> None:
    onnx.save(parser.parse_model(text(call, inputs, "float[N]", constants)), tmp_path / "m.onnx")
    with pytest.raises(SconnxError) as caught:
        read_onnx(tmp_path / "m.onnx", "m")
    assert caught.value.why == reason


def test_outputs_that_are_constant(tmp_path: Path) -> None:
    """Without an input, or with one that does not matter; one constant twice is two tensors."""
    model = """<ir_version: 9, opset_import: ["" : 17]> made (float[2,3] x) => (int64[2] y, int64[2] z) {
        y = Shape (x) z = Identity (y)
    }"""
    onnx.save(parser.parse_model(model), tmp_path / "m.onnx")
    imported = read_onnx(tmp_path / "m.onnx", "m")
    assert not imported.graph.nodes
    y, z = imported.graph.outputs
    assert [imported.params.value[index].tolist() for index in (y, z)] == [[2, 3], [2, 3]]
    assert [imported.graph.tensors[index].name for index in (y, z)] == ["y", "z"]
