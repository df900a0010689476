# SPDX-License-Identifier: Apache-2.0
"""Softmax over the last dimension; images one row a call.

Exponentials are a table made at build time, 4 bytes for each of up to 256 differences; for few values it takes less to make them
when they are wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray

from export_rules.generic import S8, S16, generic
from export_rules.generic.quantized import affine, float_bits, scale, zero_point
from export_rules.generic.rows import element_by_element, elements_a_call
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Access, Elementwise, Whole, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Softmax
from sconnx.graph.params import Params
from sconnx.reference.exponential import input_scaling
from sconnx.reference.rule import Rule
from sconnx.reference.softmax import DIFFERENCE_BITS, FixedPointSoftmax, FloatSoftmax, softmax
from sconnx.reference.softmax16 import EXPONENTIALS, RECIPROCALS, softmax16

LARGEST_DEPTH = 4095
LARGEST_SHORT_DEPTH = 65536
"""Exponentials in Q15 whose sum fits int32."""

LEAST = {FixedPointSoftmax: 1 << 11, FloatSoftmax: 1}
"""The least entries that are not as good as 0: see kernels/generic/sx_softmax_s8.h. Bits of floats are in the order of these."""


MOST_COMPUTED = 64
"""Elements of a call whose exponentials are computed, which takes some hundred instructions twice for each."""

POWERS = 16
"""The exponential of 16 i + j is the product of those of 16 i and of j."""


def stored_exponentials(softmax_: FixedPointSoftmax | FloatSoftmax) -> NDArray[np.int32]:
    """The table up to its last entry that counts."""
    table = softmax_.exponentials
    return table[: np.flatnonzero(table >= LEAST[type(softmax_)])[-1] + 1]


def exponential_fields(
    softmax_: FixedPointSoftmax | FloatSoftmax, *, factor: float, is_computed: bool
) -> dict[str, CValue]:
    """The fields of `sx_softmax_s8` with exponentials.

    Args:
        factor: real value of the difference 1.
        is_computed: not read from a table, unless computing them would give others.
    """
    table = stored_exponentials(softmax_)
    none = table[:0]
    fields: dict[str, CValue] = {
        "exp_table": Array(table),
        "powers": Array(none),
        "corrections": Array(none),
        "multiplier": 0,
        "shift": 0,
        "entries": table.size,
    }
    if not is_computed:
        return fields
    if isinstance(softmax_, FixedPointSoftmax):
        multiplier, shift, _ = input_scaling(factor, DIFFERENCE_BITS)
        return fields | {"exp_table": Array(none), "multiplier": multiplier, "shift": shift} if shift >= 0 else fields
    powers, corrections = _products(table)
    if np.any(corrections != corrections.astype(np.int8)):
        return fields
    return fields | {
        "exp_table": Array(none),
        "powers": Array(powers),
        "corrections": Array(corrections.astype(np.int8)),
    }


def _products(table: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Powers [16, 2], and what the bits of their products lack.

    Of a product that is not normal they lack all, because some cores take it for 0.
    """
    filled = np.pad(table, (0, POWERS * POWERS - table.size))
    powers = np.stack([filled[::POWERS], filled[:POWERS]], axis=1)
    high, low = np.divmod(np.arange(table.size), POWERS)
    products = (powers[high, 0].view(np.float32) * powers[low, 1].view(np.float32)).view(np.int32)
    normal = products >= np.float32(np.finfo(np.float32).tiny).view(np.int32)
    return powers, table - np.where(normal, products, 0).astype(np.int64)


@generic.register("Softmax", ImplSpec(inputs=(S8,), outputs=(S8,)))
class SoftmaxRows(Implementation):
    header = "sx_softmax_s8.h"
    params_type = "sx_softmax_s8"

    def reject(self, node: ExportNode) -> str | None:
        depth = node.output.dims[-1]
        return f"{depth} classes, the limit is {LARGEST_DEPTH}" if depth > LARGEST_DEPTH else None

    def kernel(self, node: ExportNode) -> str:
        return f"sx_softmax{'_few' if self.is_computed(node) else ''}_s8_{node.rule.value}"

    def access(self, node: ExportNode) -> Access:
        return element_by_element(node)

    def elements(self, node: ExportNode) -> int:
        """Of a call."""
        return elements_a_call(node)

    def is_computed(self, node: ExportNode) -> bool:
        """Whether exponentials are, not read from a table."""
        return self.elements(node) <= MOST_COMPUTED

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        input_scale, beta = scale(params, node.input(0)), cast(Softmax, node.operator).beta
        output_scale, output_zero_point = scale(params, node.output), zero_point(params, node.output)
        derived = softmax(
            node.rule,
            input_scale=input_scale,
            output_scale=output_scale,
            output_zero_point=output_zero_point,
            beta=beta,
            dtype=np.dtype(node.output.tensor.dtype.value),
        )
        depth = node.output.dims[-1]
        return {
            **exponential_fields(
                derived,
                factor=float(np.float32(beta)) * float(np.float32(input_scale)),
                is_computed=self.is_computed(node),
            ),
            "rows": self.elements(node) // depth,
            "depth": depth,
            "output_scale": float_bits(output_scale),
            "zero_point": max(output_zero_point, -128),
        }


@generic.register("Softmax", ImplSpec(inputs=(S8,), outputs=(S16,)))
class SoftmaxToShorts(SoftmaxRows):
    """With a table, all rows a call: an output of larger elements does not take the place of the input."""

    def reject(self, node: ExportNode) -> str | None:
        return super().reject(node) if node.rule is Rule.TFLITE else "only by the rule of TFLite"

    def kernel(self, node: ExportNode) -> str:
        return "sx_softmax_s8_s16_tflite"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def is_computed(self, node: ExportNode) -> bool:
        return False

    def elements(self, node: ExportNode) -> int:
        return node.output.size


@generic.register("Softmax", ImplSpec(inputs=(S16,), outputs=(S16,)))
class SoftmaxRowsS16(Implementation):
    header = "sx_softmax_s16.h"
    params_type = "sx_softmax_s16"

    def reject(self, node: ExportNode) -> str | None:
        if node.rule is not Rule.TFLITE:
            return "only by the rule of TFLite"
        depth = node.output.dims[-1]
        return f"{depth} classes, the limit is {LARGEST_SHORT_DEPTH}" if depth > LARGEST_SHORT_DEPTH else None

    def kernel(self, node: ExportNode) -> str:
        return "sx_softmax_s16_tflite"

    def access(self, node: ExportNode) -> Window | Elementwise:
        return element_by_element(node)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        beta = cast(Softmax, node.operator).beta
        derived = softmax16(affine(params, node.input(0)), affine(params, node.output), beta)
        depth = node.output.dims[-1]
        return {
            "exponentials": Array(EXPONENTIALS),
            "reciprocals": Array(RECIPROCALS),
            "multiplier": derived.multiplier,
            "shift": derived.shift,
            "rows": elements_a_call(node) // depth,
            "depth": depth,
        }
