# SPDX-License-Identifier: Apache-2.0
"""Quantize and Dequantize: float32 to integers that stand for it and back; images one row a call."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from export_rules.generic import F32, S8, S32, generic
from export_rules.generic.rows import element_by_element, elements_a_call
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Elementwise, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode, Operand
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType

U8, S16 = IOSpec(DType.UINT8), IOSpec(DType.INT16)
SUFFIXES = {DType.INT8: "s8", DType.UINT8: "u8", DType.INT16: "s16", DType.INT32: "s32"}


class _Conversion(Implementation):
    """One side is float32, the other has scales and zero points."""

    header = "sx_quantize_f32.h"
    params_type = "sx_quantize_f32"

    def side(self, node: ExportNode) -> Operand:
        """The operand whose integers stand for real numbers."""
        raise NotImplementedError

    def reject(self, node: ExportNode) -> str | None:
        return None if self.side(node).quantization is not None else "its integers have no scale and zero point"

    def access(self, node: ExportNode) -> Window | Elementwise:
        """A row has all scales of its last dimension; those of another one change from row to row."""
        axis = _axis(self.side(node))
        return element_by_element(node) if axis is None or axis == len(node.output.dims) - 1 else Elementwise()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        side = self.side(node)
        scales, zero_points = params.scale[side.values], params.zero_point[side.values]
        size = elements_a_call(node) if isinstance(self.access(node), Window) else node.output.size
        axis = _axis(side)
        return {
            "scales": Array(scales.astype(np.float32)),
            "zero_points": Array(zero_points.astype(np.int32)),
            "size": size,
            "channels": 1 if axis is None else side.dims[axis],
            "inner": size if axis is None else math.prod(side.dims[axis + 1 :]),
        }


def _axis(operand: Operand) -> int | None:
    """The dimension with a scale per index."""
    return None if operand.quantization is None else operand.quantization.axis


@generic.register("Quantize", ImplSpec(inputs=(F32,), outputs=(S8,)))
@generic.register("Quantize", ImplSpec(inputs=(F32,), outputs=(U8,)))
@generic.register("Quantize", ImplSpec(inputs=(F32,), outputs=(S16,)))
class QuantizeFloats(_Conversion):
    def side(self, node: ExportNode) -> Operand:
        return node.output

    def kernel(self, node: ExportNode) -> str:
        return f"sx_quantize_f32_{SUFFIXES[node.output.tensor.dtype]}_{node.rule.value}"


@generic.register("Dequantize", ImplSpec(inputs=(S8,), outputs=(F32,)))
@generic.register("Dequantize", ImplSpec(inputs=(U8,), outputs=(F32,)))
@generic.register("Dequantize", ImplSpec(inputs=(S16,), outputs=(F32,)))
@generic.register("Dequantize", ImplSpec(inputs=(S32,), outputs=(F32,)))
class DequantizeIntegers(_Conversion):
    def side(self, node: ExportNode) -> Operand:
        return node.input(0)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_dequantize_f32_{SUFFIXES[node.input(0).tensor.dtype]}"
