# SPDX-License-Identifier: Apache-2.0
"""What to do about operators that have no translation."""

from __future__ import annotations

DOMAINS = {
    "qonnx": "convert the model from QONNX to QDQ: qonnx-convert --output-style qcdq",
    "onnx.brevitas": "export it from Brevitas with export_onnx_qcdq",
    "com.microsoft": "save it before ONNX Runtime optimises its graph (graph_optimization_level=ORT_DISABLE_ALL)",
    "ai.onnx.ml": "of scikit-learn linear models, scaling and neural networks are supported, with integers as labels; "
    "trees and support vectors become C with emlearn or m2cgen",
    "aten": "export it from PyTorch with operators of ONNX only",
    "org.pytorch.aten": "export it from PyTorch with operators of ONNX only",
}
"""By the begin of the operator's domain."""
OPERATORS = {
    "DynamicQuantizeLSTM": "quantise it by samples: onnxruntime's quantize_static instead of quantize_dynamic, "
    "or quantize= with the float32 model",
}
"""Before what is said of the domain."""
OTHERWISE = "docs/add-an-operator.md tells how to add one"


def advice_on(domain: str, operator: str) -> str:
    """For an operator of a domain."""
    if operator in OPERATORS:
        return OPERATORS[operator]
    return next((text for begin, text in DOMAINS.items() if domain.startswith(begin)), OTHERWISE)
