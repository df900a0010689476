# SPDX-License-Identifier: Apache-2.0
"""Which dtypes the kernels of plain tensors take, and what they call them."""

from __future__ import annotations

from sconnx.export.node import Operand
from sconnx.export.spec import IOSpec
from sconnx.graph.tensor import DType

F32 = IOSpec(DType.FLOAT32)
BOOL = IOSpec(DType.BOOL, quantized=False)

INTEGERS = (DType.INT8, DType.UINT8, DType.INT16, DType.INT32, DType.INT64)
"""Those that kernels of plain integers compute with."""

NUMBERS = {
    DType.BOOL: 0,
    DType.INT8: 1,
    DType.UINT8: 2,
    DType.INT16: 3,
    DType.INT32: 5,
    DType.INT64: 7,
    DType.FLOAT32: 8,
}
"""The `sx_dtype` of sx_integers.h."""


def plain(dtype: DType) -> IOSpec:
    """Elements that stand for themselves."""
    return IOSpec(dtype, quantized=False)


def number(operand: Operand) -> int:
    """The `sx_dtype` of an operand."""
    return NUMBERS[operand.tensor.dtype]


def element_bytes(operand: Operand) -> int:
    return operand.tensor.dtype.size_bytes
