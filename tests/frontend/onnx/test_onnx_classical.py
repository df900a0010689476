# SPDX-License-Identifier: Apache-2.0
"""Operators of ai.onnx.ml, written out in ONNX's own, compute the same as onnx.reference and ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info
from onnx.reference import ReferenceEvaluator

from sconnx.errors import SconnxError
from sconnx.frontend.onnx.functions import inlined
from sconnx.frontend.read import read_model

FEATURES, CLASSES = 5, 3
RANDOM = np.random.default_rng(20261130)
X = RANDOM.normal(0, 2, (4, FEATURES)).astype(np.float32)
X[1, 2] = np.nan
X[2] = 0
REAL = np.nan_to_num(X)
COEFFICIENTS = RANDOM.normal(0, 1, CLASSES * FEATURES).tolist()
SCORING: dict[str, Any] = {"coefficients": COEFFICIENTS, "intercepts": [0.5, -1.0, 0.25]}
TREE = "node 0: operator ai.onnx.ml.TreeEnsembleRegressor (opset 1) is not supported"
ADVICE = (
    "of scikit-learn linear models, scaling and neural networks are supported, with integers as labels; "
    "trees and support vectors become C with emlearn or m2cgen"
)


def model_of(operator: str, opset: int, outputs: tuple[str, ...] = ("y",), **attributes: Any) -> onnx.ModelProto:
    """One operator of x float32 [4, 5]; ArrayFeatureExtractor gets the columns 3, 0, 0 as y."""
    inputs = ["x", *(["chosen"] if operator == "ArrayFeatureExtractor" else [])]
    node = make_node(operator, inputs, outputs, domain="ai.onnx.ml", **attributes)
    dtypes = [TensorProto.INT64 if name == "label" else TensorProto.FLOAT for name in outputs]
    graph = make_graph(
        [node],
        "m",
        [make_tensor_value_info("x", TensorProto.FLOAT, X.shape)],
        [make_tensor_value_info(name, dtype, None) for name, dtype in zip(outputs, dtypes, strict=True)],
        [onnx.numpy_helper.from_array(np.array([[3, 0, 0]]), "chosen")],
    )
    return make_model(graph, opset_imports=[make_opsetid("", opset), make_opsetid("ai.onnx.ml", 1)], ir_version=8)


def of_onnxruntime(model: onnx.ModelProto, x: NDArray[np.float32]) -> list[NDArray[Any]]:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found: list[NDArray[Any]] = session.run(None, {"x": x})
    return found


@pytest.mark.parametrize("opset", [12, 18])
@pytest.mark.parametrize(
    ("operator", "attributes", "x"),
    [
        ("Scaler", {"offset": [1.0, -2.0, 0.5, 3.0, 0.0], "scale": [2.0, 0.5, 1.0, -1.0, 3.0]}, REAL),
        ("Scaler", {"offset": [1.0], "scale": [2.0]}, REAL),
        ("Normalizer", {"norm": "L1"}, REAL),
        ("Normalizer", {"norm": "L2"}, REAL),
        ("Normalizer", {"norm": "MAX"}, np.abs(REAL)),
        ("Binarizer", {"threshold": 0.5}, REAL),
        ("Imputer", {"imputed_value_floats": [9.0, 8.0, 7.0, 6.0, 5.0], "replaced_value_float": float("nan")}, X),
        ("Imputer", {"imputed_value_floats": [9.0], "replaced_value_float": 0.0}, REAL),
        ("LinearRegressor", {"coefficients": COEFFICIENTS[:FEATURES], "intercepts": [0.5]}, REAL),
        ("LinearRegressor", {"coefficients": COEFFICIENTS, "targets": CLASSES}, REAL),
        ("ArrayFeatureExtractor", {}, REAL),
    ],
)
def test_a_body_computes_the_same(operator: str, attributes: Any, x: NDArray[np.float32], opset: int) -> None:
    model = model_of(operator, opset, **attributes)
    body = inlined(model, lambda domain, operator: not domain, "m.onnx")
    assert {node.domain for node in body.graph.node} == {""}
    (want,), (by_onnx,) = of_onnxruntime(model, x), np.asarray(ReferenceEvaluator(body).run(None, {"x": x}))
    for found in (by_onnx, of_onnxruntime(body, x)[0]):
        assert found.shape == want.shape
        np.testing.assert_allclose(found, want, 1e-6, 1e-6)


@pytest.mark.parametrize("labels", [[0, 1, 2], [7, 3, 5]])
@pytest.mark.parametrize("transform", ["NONE", "SOFTMAX", "LOGISTIC"])
def test_a_classifier_gives_label_and_scores(labels: list[int], transform: str) -> None:
    scoring = {**SCORING, "classlabels_ints": labels, "post_transform": transform}
    model = model_of("LinearClassifier", 15, ("label", "scores"), **scoring)
    body = inlined(model, lambda domain, operator: not domain, "m.onnx")
    want, found = of_onnxruntime(model, REAL), of_onnxruntime(body, REAL)
    np.testing.assert_array_equal(found[0], want[0])
    np.testing.assert_allclose(found[1], want[1], 1e-6, 1e-6)


def test_what_a_zip_map_makes_of_scores_is_a_tensor() -> None:
    model = model_of("ZipMap", 15, classlabels_int64s=[4, 2, 0, 1, 3])
    body = inlined(model, lambda domain, operator: not domain, "m.onnx")
    maps = onnx.helper.make_map_type_proto(TensorProto.INT64, onnx.helper.make_tensor_type_proto(TensorProto.FLOAT, []))
    model.graph.output[0].type.CopyFrom(onnx.helper.make_sequence_type_proto(maps))
    (want,) = of_onnxruntime(model, REAL)
    (found,) = of_onnxruntime(body, REAL)
    assert found.tolist() == [[row[label] for label in (4, 2, 0, 1, 3)] for row in want]


@pytest.mark.parametrize(
    ("operator", "attributes"),
    [
        ("LinearClassifier", {**SCORING, "classlabels_strings": ["a", "b", "c"]}),
        ("LinearClassifier", {"coefficients": COEFFICIENTS[:FEATURES], "classlabels_ints": [0, 1]}),
        ("LinearRegressor", {"coefficients": COEFFICIENTS[:FEATURES], "post_transform": "PROBIT"}),
        ("Normalizer", {"norm": "L3"}),
        ("Imputer", {"imputed_value_int64s": [1]}),
        ("TreeEnsembleRegressor", {"n_targets": 1}),
    ],
)
def test_what_has_no_body_stays(operator: str, attributes: Any) -> None:
    model = model_of(operator, 15, **attributes)
    assert inlined(model, lambda domain, operator: not domain, "m.onnx") is model


def test_a_model_of_this_domain_alone_needs_no_other_opset(tmp_path: Path) -> None:
    model = model_of("Scaler", 15, offset=[1.0], scale=[2.0])
    del model.opset_import[0]
    path = tmp_path / "scaler.onnx"
    path.write_bytes(model.SerializeToString())
    assert [node.type for node in read_model(path, "m", {}).graph.nodes] == ["Sub", "Mul"]


def test_trees_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "tree.onnx"
    path.write_bytes(model_of("TreeEnsembleRegressor", 15, n_targets=1).SerializeToString())
    with pytest.raises(SconnxError) as caught:
        read_model(path, "m", {})
    assert str(caught.value) == f"tree.onnx: error[E201]: {TREE} (help: {ADVICE})"
