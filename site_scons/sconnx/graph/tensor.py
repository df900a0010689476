# SPDX-License-Identifier: Apache-2.0
"""Tensors: what a node reads and writes.

A constant, a graph input, a state and a computed tensor are different classes. None of them holds values: those live in
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
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    BOOL = "bool"

    @property
    def size_bytes(self) -> int:
        return _SIZE_BYTES[self]


_SIZE_BYTES = {
    DType.INT8: 1,
    DType.UINT8: 1,
    DType.INT16: 2,
    DType.UINT16: 2,
    DType.INT32: 4,
    DType.UINT32: 4,
    DType.INT64: 8,
    DType.UINT64: 8,
    DType.FLOAT32: 4,
    DType.BOOL: 1,
}


class DataFormat(Enum):
    """The order of the dimensions of an image, or of a sequence; NONE is any other tensor."""

    NHWC = "NHWC"
    NCHW = "NCHW"
    NLC = "NLC"
    NCL = "NCL"
    NONE = ""

    @classmethod
    def default(cls, rank: int) -> DataFormat:
        """The format that tensors of a rank have unless they say otherwise."""
        return {4: cls.NHWC, 3: cls.NLC}.get(rank, cls.NONE)

    def permutation_to(self, other: DataFormat) -> tuple[int, ...] | None:
        """For a transpose from this format to another one of the same letters; None when there is no such transpose."""
        if sorted(self.value) != sorted(other.value):
            return None
        return tuple(self.value.index(letter) for letter in other.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantization:
    """How the integers of a tensor stand for real numbers: real = scale * (q - zero_point).

    The scales and zero points themselves are values (`Params`); what is kept here are the facts that choose code.

    Args:
        axis: the dimension that has one scale per index, or None for one scale for the whole tensor.
        symmetric: whether every zero point is 0.
        kept: whether a computed tensor has the scale and zero point of its node's first input.
    """

    axis: int | None
    symmetric: bool
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """One operand; dims in elements.

    Args:
        name: the name in the source model, for people; it may be anything and is never used as an identifier.
        source_axes: for a graph input or output whose source model orders the dimensions otherwise: dimension i here
            is dimension source_axes[i] there. Empty when the orders agree.
        data_format: the order of the dimensions; by default NHWC for four of them, NLC for three.
        values_of: the tensor whose scale and zero point this one has; None: its own. Lowering sets it for tensors that it adds.
    """

    name: str
    dtype: DType
    dims: tuple[int, ...]
    quantization: Quantization | None = None
    source_axes: tuple[int, ...] = ()
    data_format: DataFormat | None = None
    values_of: int | None = None

    def __post_init__(self) -> None:
        if self.data_format is None:
            object.__setattr__(self, "data_format", DataFormat.default(len(self.dims)))
        elif len(self.data_format.value) not in (0, len(self.dims)):
            raise ValueError(f"tensor {self.name!r} has {len(self.dims)} dims, its format is {self.data_format.value}")
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

    def _extent(self, letter: str, otherwise: int) -> int:
        position = self.data_format.value.find(letter) if self.data_format else -1
        return self.dims[position] if position >= 0 else otherwise

    @property
    def batch(self) -> int:
        return self.dims[0] if self.dims else 1

    @property
    def channels(self) -> int:
        """Channels of an image or sequence; of other tensors the last dimension."""
        return self._extent("C", self.dims[-1] if len(self.dims) > 1 else 1)

    @property
    def height(self) -> int:
        return self._extent("H", 1)

    @property
    def width(self) -> int:
        """Width of an image, length of a sequence; 1 for other tensors."""
        return self._extent("W", self._extent("L", 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant(Tensor):
    """Known at build time: weights, biases; its value is in `Params`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphInput(Tensor):
    """Written by the application before each run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed(Tensor):
    """Written by exactly one node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State(Tensor):
    """Keeps its content from one run to the next, which begins with what `Graph.states` says.

    Args:
        starts_at_zero: before the first run all its bytes are 0; otherwise its value is in `Params`.
    """

    starts_at_zero: bool = True


TENSOR_KINDS: dict[str, type[Tensor]] = {
    "constant": Constant,
    "input": GraphInput,
    "computed": Computed,
    "state": State,
}
