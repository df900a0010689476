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
OTHERWISE = "docs/add-an-operator.md tells how to add one"


def advice_on(domain: str) -> str:
    """For an operator of a domain."""
    return next((text for begin, text in DOMAINS.items() if domain.startswith(begin)), OTHERWISE)
