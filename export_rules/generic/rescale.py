# SPDX-License-Identifier: Apache-2.0
"""Changes of quantisation between integers of more than 8 bits, and int16 functions of one tensor."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from export_rules.generic import S8, S16, generic
from export_rules.generic.quantized import affine, scale
from export_rules.generic.recurrent import sigmoid_fields
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Elementwise, Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType
from sconnx.reference.reciprocal_root import reciprocal_square_root
from sconnx.reference.rescale import RESCALED, rescale
from sconnx.reference.rule import Rule
from sconnx.reference.sigmoid16 import scaled_input, tanh_input

TYPES = {DType.INT8: 0, DType.INT16: 1, DType.INT32: 2}
"""SX_RESCALE_S8 and so on, of sx_rescale.h."""

S32 = IOSpec(DType.INT32, quantized=True)


class RescaleElements(Implementation):
    header = "sx_rescale.h"
    params_type = "sx_rescale"

    def reject(self, node: ExportNode) -> str | None:
        has_both = node.type == "Requantize" and node.output.tensor.dtype is not DType.INT32
        return None if node.rule is Rule.TFLITE or has_both else "only by the rule of TFLite"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_rescale_{node.rule.value}"

    def access(self, node: ExportNode) -> Elementwise | Whole:
        sizes = {operand.tensor.dtype.size_bytes for operand in (node.input(0), node.output)}
        return Elementwise() if len(sizes) == 1 else Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        x, y, target = affine(params, node.input(0)), affine(params, node.output), node.output.tensor.dtype
        function = rescale(node.operator, node.rule, x, y, np.dtype(target.value))
        return {
            "multiplier": function.positive[0],
            "shift": function.positive[1],
            "negative_multiplier": function.negative[0],
            "negative_shift": function.negative[1],
            "sign": function.sign,
            "folded": int(function.folded),
            "input_zero_point": function.input_zero_point,
            "zero_point": function.zero_point,
            "minimum": function.minimum,
            "maximum": function.maximum,
            "from": TYPES[node.input(0).tensor.dtype],
            "to": TYPES[target],
            "size": node.output.size,
        }


for source, target in ((S8, S16), (S8, S32), (S16, S8), (S16, S32), (S32, S8), (S32, S16)):
    generic.register("Requantize", ImplSpec(inputs=(source,), outputs=(target,)))(RescaleElements)
for operator in RESCALED:
    generic.register(operator.__name__, ImplSpec(inputs=(S16,), outputs=(S16,)))(RescaleElements)


@generic.register("Sigmoid", ImplSpec(inputs=(S16,), outputs=(S16,)))
@generic.register("Tanh", ImplSpec(inputs=(S16,), outputs=(S16,)))
class CurveElements(Implementation):
    header = "sx_curve_s16.h"
    params_type = "sx_curve_s16"

    def reject(self, node: ExportNode) -> str | None:
        return None if node.rule is Rule.TFLITE else "only by the rule of TFLite"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_{node.type.lower()}_s16_tflite"

    def access(self, node: ExportNode) -> Elementwise:
        return Elementwise()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        input_of = scaled_input if node.type == "Sigmoid" else tanh_input
        return {"curve": sigmoid_fields(*input_of(scale(params, node.input(0)))), "size": node.output.size}


@generic.register("Rsqrt", ImplSpec(inputs=(S16,), outputs=(S16,)))
class RsqrtElements(Implementation):
    header = "sx_rsqrt_s16.h"
    params_type = "sx_rsqrt_s16"

    def reject(self, node: ExportNode) -> str | None:
        return None if node.rule is Rule.TFLITE else "only by the rule of TFLite"

    def kernel(self, node: ExportNode) -> str:
        return "sx_rsqrt_s16_tflite"

    def access(self, node: ExportNode) -> Elementwise:
        return Elementwise()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        root = reciprocal_square_root(affine(params, node.input(0)), affine(params, node.output))
        return {"multiplier": root.multiplier, "shift": root.shift, "size": node.output.size}
