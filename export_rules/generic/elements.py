# SPDX-License-Identifier: Apache-2.0
"""Which dtypes the kernels of plain tensors take, and what they call them."""

from __future__ import annotations

from sconnx.export.node import ExportNode, Operand
from sconnx.export.spec import IOSpec
from sconnx.graph.tensor import DType

F32 = IOSpec(DType.FLOAT32)
BOOL = IOSpec(DType.BOOL, quantized=False)

PLAIN = IOSpec(quantized=False)
"""Elements that stand for themselves, of any dtype."""

INDICES = (DType.INT8, DType.UINT8, DType.INT16, DType.UINT16, DType.INT32, DType.UINT32, DType.INT64)
INTEGERS = (*INDICES, DType.UINT64)
"""Those that kernels of plain integers compute with; of uint64, bits and what is modulo 2^64, or what goes by the order."""

NUMBERS = {
    DType.BOOL: 0,
    DType.INT8: 1,
    DType.UINT8: 2,
    DType.INT16: 3,
    DType.UINT16: 4,
    DType.INT32: 5,
    DType.UINT32: 6,
    DType.INT64: 7,
    DType.UINT64: 8,
    DType.FLOAT32: 9,
}
"""The `sx_dtype` of sx_integers.h."""


def number(operand: Operand) -> int:
    """The `sx_dtype` of an operand whose elements have an order."""
    return NUMBERS[operand.tensor.dtype]


def modular_number(operand: Operand) -> int:
    """The `sx_dtype` of an operand of which bits are computed, or sums and products modulo 2^64."""
    return NUMBERS[DType.INT64 if operand.tensor.dtype is DType.UINT64 else operand.tensor.dtype]


def needs_integers(node: ExportNode, *, also_uint64: bool) -> str | None:
    """A reason when the inputs are not of one dtype of integers."""
    dtypes = {operand.tensor.dtype for operand in node.inputs if operand}
    if len(dtypes) == 1 and dtypes.issubset(INTEGERS if also_uint64 else INDICES):
        return None
    return f"of {' and '.join(sorted(dtype.value for dtype in dtypes))} there is no kernel"


def element_bytes(operand: Operand) -> int:
    return operand.tensor.dtype.size_bytes
