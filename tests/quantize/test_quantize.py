# SPDX-License-Identifier: Apache-2.0
"""quantize: a float model becomes int8 by samples, and the error of each tensor is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from sconnx.errors import ErrorGroup, SconnxError
from sconnx.frontend.read import read_model
from sconnx.report.show import show
from sconnx.steps.quantize import run
from tests.quantize.float_net import float_net, samples

onnxruntime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("quantize")
    model = float_net(folder / "net.onnx")
    np.savez(folder / "samples.npz", **samples())  # type: ignore[arg-type]
    for name, content in zip(
        ("quantized.onnx", "quantization.json"), run({}, [model, folder / "samples.npz"]), strict=True
    ):
        (folder / name).write_bytes(content)
    return model, folder / "quantized.onnx"


def outputs(path: Path) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    given = samples()
    runs = [session.run(None, {"image": given["image"][i : i + 1], "extra": given["extra"][i]})[0] for i in range(12)]
    return np.stack(runs)


def test_the_int8_model_imports_and_is_close_to_the_float_one(made: tuple[Path, Path]) -> None:
    model, quantized = made
    graph = read_model(quantized, "net").graph
    assert {tensor.dtype.value for tensor in graph.tensors} == {"int8", "int32"}
    weights = next(node.inputs[1] for node in graph.nodes if node.type == "Conv2D")
    assert weights is not None
    scheme = graph.tensors[weights].quantization
    assert scheme is not None and scheme.axis == 0 and scheme.symmetric
    wanted, have = outputs(model), outputs(quantized)
    assert np.abs(wanted - have).max() < 0.05 * np.abs(wanted).max()


def test_the_told_error_is_that_of_the_output(made: tuple[Path, Path]) -> None:
    """By another program: the two models run in ONNX Runtime with its optimisations."""
    model, quantized = made
    wanted, have = outputs(model).astype(np.float64), outputs(quantized).astype(np.float64)
    told = {row["name"]: row for row in json.loads(quantized.with_name("quantization.json").read_text())["tensors"]}
    ratio = 10 * np.log10(np.mean(wanted**2) / np.mean((wanted - have) ** 2))
    assert told["scores"]["sqnr_db"] == pytest.approx(ratio, abs=0.1)
    assert told["scores"]["largest"] == pytest.approx(np.abs(wanted - have).max(), rel=0.05)
    assert told["r"]["operator"] == "Relu" and told["r"]["sqnr_db"] > 25, "compared behind the clamp, not before it"


def test_the_same_bytes_again(made: tuple[Path, Path]) -> None:
    model, quantized = made
    again = run({}, [model, model.with_name("samples.npz")])
    assert again == (quantized.read_bytes(), quantized.with_name("quantization.json").read_bytes())


def test_the_console_form(made: tuple[Path, Path]) -> None:
    lines = show(made[1].with_name("quantization.json")).splitlines()
    assert lines[0] == "net.onnx: int8 by 12 samples; how far each tensor is from the float model's"
    assert lines[1].split() == ["tensor", "operator", "SQNR", "dB", "largest", "error"]
    ratios = [float(line.split()[2]) for line in lines[2:]]
    assert ratios == sorted(ratios)


@pytest.mark.parametrize(
    ("changed", "messages"),
    [
        (
            {"image": None},
            [
                "samples.npz: error[E505]: there are no samples of input 'image' "
                "(help: its keys must be: image, extra; it has: extra)"
            ],
        ),
        (
            {"image": np.zeros((5, 3, 8, 7), np.float32), "extra": np.full((5, 6), np.nan, np.float32)},
            [
                "samples.npz: error[E505]: the samples of 'image' are of 5x3x8x7, not any number of 1x3x8x8",
                "samples.npz: error[E505]: the samples of 'extra' are not all numbers",
            ],
        ),
        (
            {"image": np.zeros((5, 3, 8, 8), np.float32)},
            [
                "samples.npz: error[E505]: the inputs have different numbers of samples: 5 of 'image', 12 of 'extra'",
            ],
        ),
    ],
)
def test_samples_that_do_not_fit(
    made: tuple[Path, Path], tmp_path: Path, changed: dict[str, NDArray[np.float32] | None], messages: list[str]
) -> None:
    arrays = {name: value for name, value in ({**samples(), **changed}).items() if value is not None}
    np.savez(tmp_path / "samples.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(SconnxError) as caught:
        run({}, [made[0], tmp_path / "samples.npz"])
    error = caught.value
    assert [str(one) for one in (error.errors if isinstance(error, ErrorGroup) else (error,))] == messages


def test_a_quantised_model_and_one_of_tflite(made: tuple[Path, Path], tmp_path: Path) -> None:
    calibration = made[0].with_name("samples.npz")
    with pytest.raises(SconnxError) as caught:
        run({}, [made[1], calibration])
    assert str(caught.value) == (
        "quantized.onnx: error[E609]: the model is quantised already (help: leave quantize= out)"
    )
    tflite = tmp_path / "net.tflite"
    tflite.write_bytes(b"\0\0\0\0TFL3")
    with pytest.raises(SconnxError) as caught:
        run({}, [tflite, calibration])
    assert str(caught.value) == (
        "net.tflite: error[E609]: quantize= takes .onnx models (help: quantise with the TFLite converter)"
    )
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(SconnxError, match=r"^text.npz: error\[E102\]: the samples are not an .npz file: "):
        run({}, [made[0], tmp_path / "text.npz"])


def test_without_onnx_runtime(made: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "onnxruntime.quantization", None)
    with pytest.raises(SconnxError) as caught:
        run({}, [made[0], made[0].with_name("samples.npz")])
    assert caught.value.code == "E609"
    assert str(caught.value).startswith("net.onnx: error[E609]: quantize= needs ONNX Runtime: ")
    assert str(caught.value).endswith("(help: ./sconsw installs it for quantize=; elsewhere: pip install onnxruntime)")


def test_a_graph_that_cannot_run(tmp_path: Path) -> None:
    text = '<ir_version: 8, opset_import: ["" : 13]> odd (float[1,4] x) => (float[1,4] y) { y = Nonsense (x) }'
    onnx.save(onnx.parser.parse_model(text), tmp_path / "odd.onnx")
    np.savez(tmp_path / "samples.npz", x=np.ones((3, 4), np.float32))
    with pytest.raises(SconnxError, match=r"^odd.onnx: error\[E609\]: ONNX Runtime's quantizer refuses the model: "):
        run({}, [tmp_path / "odd.onnx", tmp_path / "samples.npz"])
