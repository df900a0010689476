# SPDX-License-Identifier: Apache-2.0
"""Post-training quantisation of float ONNX models, by ONNX Runtime's quantizer."""
