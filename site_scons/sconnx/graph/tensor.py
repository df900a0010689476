# SPDX-License-Identifier: Apache-2.0
"""Tensors: what a node reads and writes.

A constant, a graph input and a computed tensor are different classes. None of them holds values: those live in
`Params`, so that two models of the same structure have equal graphs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum


class DType(Enum):
    """Element types; the value is the name numpy and the JSON files use."""

    INT8 = "int8"
    UINT8 = "uint8"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    FLOAT32 = "float32"
    BOOL = "bool"

    @property
    def size_bytes(self) -> int:
        return _SIZE_BYTES[self]


_SIZE_BYTES = {
    DType.INT8: 1,
    DType.UINT8: 1,
    DType.INT16: 2,
    DType.INT32: 4,
    DType.INT64: 8,
    DType.FLOAT32: 4,
    DType.BOOL: 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantization:
    """How the integers of a tensor stand for real numbers: real = scale * (q - zero_point).

    The scales and zero points themselves are values (`Params`); what is kept here are the facts that choose code.

    Args:
        axis: the dimension that has one scale per index, or None for one scale for the whole tensor.
        symmetric: whether every zero point is 0.
    """

    axis: int | None
    symmetric: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """One operand; dims in elements, NHWC when there are four of them.

    Args:
        name: the name in the source model, for people; it may be anything and is never used as an identifier.
        source_axes: for a graph input or output whose source model orders the dimensions otherwise: dimension i here
            is dimension source_axes[i] there. Empty when the orders agree.
    """

    name: str
    dtype: DType
    dims: tuple[int, ...]
    quantization: Quantization | None = None
    source_axes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if any(dim < 1 for dim in self.dims):
            raise ValueError(f"tensor {self.name!r} has dims {self.dims}; every dimension must be at least 1")
        if self.source_axes and sorted(self.source_axes) != list(range(len(self.dims))):
            raise ValueError(f"tensor {self.name!r}: source_axes {self.source_axes} is no permutation")

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.dims)

    @property
    def size_bytes(self) -> int:
        return self.size * self.dtype.size_bytes

    @property
    def batch(self) -> int:
        return self.dims[0] if self.dims else 1

    @property
    def channels(self) -> int:
        return self.dims[-1] if len(self.dims) > 1 else 1

    @property
    def height(self) -> int:
        return self.dims[1] if len(self.dims) == 4 else 1

    @property
    def width(self) -> int:
        return self.dims[-2] if len(self.dims) >= 3 else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant(Tensor):
    """Known at build time: weights, biases; its value is in `Params`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphInput(Tensor):
    """Written by the application before each run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed(Tensor):
    """Written by exactly one node."""


TENSOR_KINDS: dict[str, type[Tensor]] = {"constant": Constant, "input": GraphInput, "computed": Computed}
