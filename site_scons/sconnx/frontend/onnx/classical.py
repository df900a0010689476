# SPDX-License-Identifier: Apache-2.0
"""Operators of classical machine learning (domain ai.onnx.ml, as skl2onnx writes them) -> bodies of ONNX's own operators.

Sources: ONNX's Operators-ml.md; where it leaves room, what ONNX Runtime computes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import FunctionProto, NodeProto, TensorProto, TypeProto, numpy_helper
from onnx.helper import make_function, make_node, make_opsetid

DOMAIN = "ai.onnx.ml"
TRANSFORMS: dict[str, tuple[str, dict[str, Any]] | None] = {
    "NONE": None,
    "SOFTMAX": ("Softmax", {"axis": 1}),
    "LOGISTIC": ("Sigmoid", {}),
}
"""What `post_transform` does to scores [N, E]; the others of ONNX are not supported."""
REDUCTIONS = {"MAX": "ReduceMax", "L1": "ReduceL1", "L2": "ReduceL2"}
AXES_ARE_INPUT_SINCE = 18
"""Opset in which the reductions above get their axes as an input."""


class _Body:
    """The nodes of one function: inputs are named x0, x1, ..., each result as its node."""

    def __init__(self, node: NodeProto, opset: int, types: Sequence[TypeProto]) -> None:
        self.attributes = {entry.name: onnx.helper.get_attribute_value(entry) for entry in node.attribute}
        self.inputs = [f"x{position}" for position in range(len(node.input))]
        self.opset = opset
        self.types = types
        self.nodes: list[NodeProto] = []

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """A node; the name of its output."""
        output = f"{operator}_{len(self.nodes)}"
        self.nodes.append(make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        return self.add("Constant", value=numpy_helper.from_array(np.asarray(value, dtype)))

    def real(self, position: int = 0) -> str:
        """An input as float32."""
        return self.add("Cast", self.inputs[position], to=TensorProto.FLOAT)

    def text(self, name: str, default: str) -> str:
        return bytes(self.attributes.get(name, default.encode())).decode(errors="replace")

    def rank(self, position: int) -> int | None:
        tensor = self.types[position].tensor_type
        return len(tensor.shape.dim) if tensor.HasField("shape") else None


def written_out(node: NodeProto, opset: int, types: Mapping[str, TypeProto]) -> FunctionProto | None:
    """What a node computes, as a function; None where it cannot be said in ONNX's own operators.

    Args:
        opset: of the default domain.
        types: of the tensors, as far as they are known.
    """
    write = _WRITERS.get(node.op_type) if node.domain == DOMAIN else None
    if write is None:
        return None
    body = _Body(node, opset, [types.get(name, TypeProto()) for name in node.input])
    outputs = write(body)
    if outputs is None:
        return None
    return make_function(DOMAIN, node.op_type, body.inputs, outputs, body.nodes, [make_opsetid("", opset)])


def _scaler(body: _Body) -> list[str] | None:
    """(x - offset) * scale, by feature."""
    shifted = body.add("Sub", body.real(), body.constant(body.attributes.get("offset", 0.0)))
    return [body.add("Mul", shifted, body.constant(body.attributes.get("scale", 1.0)))]


def _normalizer(body: _Body) -> list[str] | None:
    """x / norm of its row; rows of 0 stay."""
    reduction = REDUCTIONS.get(body.text("norm", "MAX"))
    if reduction is None:
        return None
    x = body.real()
    if body.opset < AXES_ARE_INPUT_SINCE:
        norm = body.add(reduction, x, axes=[-1], keepdims=1)
    else:
        norm = body.add(reduction, x, body.constant([-1], np.int64), keepdims=1)
    is_zero = body.add("Equal", norm, body.constant(0.0))
    return [body.add("Div", x, body.add("Where", is_zero, body.constant(1.0), norm))]


def _binarizer(body: _Body) -> list[str] | None:
    """1 where x > threshold, else 0."""
    above = body.add("Greater", body.real(), body.constant(body.attributes.get("threshold", 0.0)))
    return [body.add("Cast", above, to=TensorProto.FLOAT)]


def _imputer(body: _Body) -> list[str] | None:
    """Other values, by feature, where x is the one that stands for none."""
    if "imputed_value_floats" not in body.attributes:
        return None
    x, replaced = body.real(), body.attributes.get("replaced_value_float", 0.0)
    is_missing = body.add("IsNaN", x) if np.isnan(replaced) else body.add("Equal", x, body.constant(replaced))
    return [body.add("Where", is_missing, body.constant(body.attributes["imputed_value_floats"]), x)]


def _linear(body: _Body, count: int) -> str | None:
    """x W' + b of x [N, features] and `count` rows of coefficients; [N, count]."""
    coefficients = np.asarray(body.attributes.get("coefficients", ()), np.float32)
    if count == 0 or coefficients.size == 0 or coefficients.size % count:
        return None
    bias = body.constant(body.attributes.get("intercepts", np.zeros(count)))
    return body.add("Gemm", body.real(), body.constant(coefficients.reshape(count, -1)), bias, transB=1)


def _transformed(body: _Body, scores: str) -> str | None:
    name = body.text("post_transform", "NONE")
    if name not in TRANSFORMS:
        return None
    transform = TRANSFORMS[name]
    return scores if transform is None else body.add(transform[0], scores, **transform[1])


def _linear_regressor(body: _Body) -> list[str] | None:
    scores = _linear(body, body.attributes.get("targets", 1))
    result = None if scores is None else _transformed(body, scores)
    return None if result is None else [result]


def _linear_classifier(body: _Body) -> list[str] | None:
    """The label of the largest score [N], and all scores [N, E], of E > 1 classes with integer labels."""
    labels = list(body.attributes.get("classlabels_ints", ()))
    scores = _linear(body, len(labels)) if len(labels) > 1 else None
    if scores is None or len(body.attributes.get("intercepts", labels)) != len(labels):
        return None
    label = body.add("ArgMax", scores, axis=1, keepdims=0)
    if labels != list(range(len(labels))):
        label = body.add("Gather", body.constant(labels, np.int64), label)
    result = _transformed(body, scores)
    return None if result is None else [label, result]


def _array_feature_extractor(body: _Body) -> list[str] | None:
    """x[..., y]; of one dimension [1, len(y)]."""
    chosen = body.add("Reshape", body.inputs[1], body.constant([-1], np.int64))
    result = body.add("Gather", body.inputs[0], chosen, axis=-1)
    return [body.add("Reshape", result, body.constant([1, -1], np.int64)) if body.rank(0) == 1 else result]


def _feature_vectorizer(body: _Body) -> list[str] | None:
    return [body.add("Concat", *map(body.real, range(len(body.inputs))), axis=1)]


def _zip_map(body: _Body) -> list[str] | None:
    """The scores themselves: C has no maps, and the classes are in order."""
    return [body.add("Identity", body.inputs[0])]


_WRITERS: dict[str, Callable[[_Body], list[str] | None]] = {
    "ArrayFeatureExtractor": _array_feature_extractor,
    "Binarizer": _binarizer,
    "FeatureVectorizer": _feature_vectorizer,
    "Imputer": _imputer,
    "LinearClassifier": _linear_classifier,
    "LinearRegressor": _linear_regressor,
    "Normalizer": _normalizer,
    "Scaler": _scaler,
    "ZipMap": _zip_map,
}
"""By operator: appends the body's nodes, and gives its outputs."""
