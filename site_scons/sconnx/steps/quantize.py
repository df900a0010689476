# SPDX-License-Identifier: Apache-2.0
"""quantize: a float .onnx model and samples -> the int8 model, and the error of each of its tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sconnx.errors import SconnxError
from sconnx.frontend.onnx.load import read_proto
from sconnx.frontend.read import is_tflite
from sconnx.graph.json_form import to_bytes
from sconnx.quantize.quantizer import graph_inputs, quantize, tensor_errors
from sconnx.quantize.samples import read_samples

SCHEMA = "sconnx.quantization/1"


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    path, calibration = inputs
    if is_tflite(path):
        what, hint = "quantize= takes .onnx models", "quantise with the TFLite converter"
        raise SconnxError("E609", what, where=path.name, help=hint)
    model = read_proto(path)
    if any(node.op_type in ("QuantizeLinear", "DequantizeLinear") for node in model.graph.node):
        raise SconnxError("E609", "the model is quantised already", where=path.name, help="leave quantize= out")
    samples = read_samples(calibration, graph_inputs(model))
    try:
        quantized = quantize(model, samples)
        errors = tensor_errors(model, quantized, samples)
    except SconnxError as error:
        raise SconnxError(error.code, error.what, where=path.name, why=error.why, help=error.help) from None
    document = {
        "schema": SCHEMA,
        "model": path.name,
        "samples": len(samples),
        "tensors": [asdict(error) for error in errors],
    }
    return quantized.SerializeToString(deterministic=True), to_bytes(document)
