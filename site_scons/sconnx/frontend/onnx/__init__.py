# SPDX-License-Identifier: Apache-2.0
"""ONNX front end: int8 QDQ models (QuantizeLinear / DequantizeLinear around each operator) to the IR."""
