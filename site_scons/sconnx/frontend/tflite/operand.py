# SPDX-License-Identifier: Apache-2.0
"""The tensors of a file, checked: element types, dims, scales and zero points, constant values.

What the model says and sconnx cannot do raises `Unsupported`; what contradicts itself raises `Malformed`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.tflite import schema
from sconnx.frontend.tflite.flatbuffer import Malformed
from sconnx.frontend.tflite.names import TYPE_NAMES, operator_name, printable, type_name
from sconnx.graph.model import QuantValues
from sconnx.graph.tensor import DType

FULL_INTEGER = "convert the model with full integer quantisation, with int8 inputs and outputs"

_DTYPES = {TYPE_NAMES.index(dtype.value): dtype for dtype in DType}
_FLOAT16, _INT4 = TYPE_NAMES.index("float16"), TYPE_NAMES.index("int4")
WIDENED = {_FLOAT16: DType.FLOAT32, _INT4: DType.INT8}
"""What constants of types that sconnx does not compute with are read as, by their number: the same numbers."""
_POINTS = {DType.INT8: (-128, 127), DType.UINT8: (0, 255)}
"""The zero points that a type may have; other integers are symmetric."""
_QUANTIZED = (DType.INT8, DType.UINT8, DType.INT16, DType.INT32, DType.INT64)
_MAX_RANK = 8


class Unsupported(Exception):
    """Why a node cannot be imported, and what helps."""

    def __init__(self, reason: str, help: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.help = help


@dataclass(frozen=True, slots=True, eq=False)
class DataTensor:
    """A tensor of the file. `value` only when constant.

    Args:
        index: its number in the file; None for one between the nodes that an operator becomes, and for variables.
        quantization: None when its elements stand for themselves.
    """

    index: int | None
    name: str
    dtype: DType
    dims: tuple[int, ...]
    quantization: QuantValues | None = None
    value: NDArray[Any] | None = None

    def same_quantization(self, other: DataTensor) -> bool:
        mine, theirs = self.quantization, other.quantization
        return mine is theirs if mine is None or theirs is None else mine.same_as(theirs)


@dataclass(slots=True)
class Source:
    """The graph to import.

    Args:
        known: values of tensors that follow from constants alone, by number.
        handles: names of variables by the numbers of the tensors that refer to them.
        variables: those met so far by name; `value` is what they are before the first run, None for the number 0.
        initial: what another graph of the file assigns to variables, by name.
    """

    model: schema.Model
    graph: schema.SubGraph
    known: dict[int, NDArray[Any]] = field(default_factory=dict)
    handles: dict[int, str] = field(default_factory=dict)
    variables: dict[str, DataTensor] = field(default_factory=dict)
    initial: dict[str, NDArray[Any]] = field(default_factory=dict)

    def tensor(self, index: int) -> schema.Tensor:
        if not 0 <= index < len(self.graph.tensors):
            raise Malformed(f"tensor {index} does not exist")
        return self.graph.tensors[index]

    def operator_name(self, operator: schema.Operator) -> str:
        """`CONV_2D`, or `CUSTOM 'code'`."""
        code = self.model.code_of(operator)
        return operator_name(code.builtin, code.custom)

    def read(
        self, index: int, label: str, rank: int | None = None, axis: int | None = None, any_zero_point: bool = False
    ) -> DataTensor:
        """A tensor, checked.

        Args:
            label: what messages call it, "input 0".
            rank: the only number of dimensions that is supported; None is any.
            axis: the dimension that may have one scale per index.
            any_zero_point: whether that of a large integer may be another one than 0.
        """
        tensor = self.tensor(index)
        dtype = _dtype(tensor, label, self._is_stored(tensor))
        dims = _dims(tensor, label)
        if rank is not None and len(dims) != rank:
            raise Unsupported(f"{label} has the dims {list(dims)}; {rank} dimensions are supported")
        info = np.iinfo(dtype.value) if dtype in _QUANTIZED else None
        points = _POINTS.get(dtype, (0, 0)) if info is None or not any_zero_point else (int(info.min), int(info.max))
        quantization = None if info is None else _quantization(tensor, label, points, dims, axis)
        if quantization is None and dtype is DType.INT8:
            raise Unsupported(f"{label} {printable(tensor.name)} is int8 without quantisation", FULL_INTEGER)
        value = self.known.get(index)
        value = self._stored(tensor, dtype, dims) if value is None else value
        return DataTensor(index, tensor.name, dtype, dims, quantization, value)

    def _is_stored(self, tensor: schema.Tensor) -> bool:
        """Whether a tensor has a value in the file (buffer 0 is empty by definition)."""
        buffers = self.model.buffers
        return 0 < tensor.buffer < len(buffers) and buffers[tensor.buffer].size > 0

    def _stored(self, tensor: schema.Tensor, dtype: DType, dims: tuple[int, ...]) -> NDArray[Any] | None:
        """The constant, as a view of the file; None when it has none."""
        if tensor.buffer >= len(self.model.buffers):
            raise Malformed(f"buffer {tensor.buffer} does not exist")
        if not self._is_stored(tensor):
            return None
        data = self.model.buffers[tensor.buffer]
        stored, count = np.dtype("<f2" if tensor.type == _FLOAT16 else dtype.value).newbyteorder("<"), math.prod(dims)
        if data.size != ((count + 1) // 2 if tensor.type == _INT4 else count * stored.itemsize):
            contents = f"{type_name(tensor.type)} of dims {list(dims)}"
            raise Malformed(f"buffer {tensor.buffer} has {data.size} bytes, which are no {contents}")
        if tensor.type == _INT4:
            return _unpacked(data)[:count].reshape(dims)
        return data.view(stored).reshape(dims).astype(dtype.value, copy=False)


def _dtype(tensor: schema.Tensor, label: str, is_stored: bool) -> DType:
    """The element type. Constants of float16 are read as float32, those of int4 as int8."""
    if tensor.type in WIDENED and is_stored:
        return WIDENED[tensor.type]
    if tensor.type not in _DTYPES:
        known = ", ".join(dtype.value for dtype in DType)
        raise Unsupported(f"{label} {printable(tensor.name)} is {type_name(tensor.type)}; sconnx imports {known}")
    return _DTYPES[tensor.type]


def _unpacked(data: NDArray[np.uint8]) -> NDArray[np.int8]:
    """The int4 elements of bytes, which have two each, the one of the lower half first."""
    return np.stack([data << 4, data], axis=-1).reshape(-1).view(np.int8) >> 4


def _dims(tensor: schema.Tensor, label: str) -> tuple[int, ...]:
    """The dims, with a leading dimension that is only known at run time set to 1."""
    if any(dim < 0 for dim in (*tensor.shape[1:], *tensor.shape_signature[1:])):
        stated = list(tensor.shape_signature or tensor.shape)[:_MAX_RANK]
        reason = f"{label} {printable(tensor.name)} has the dynamic dims {stated}"
        raise Unsupported(reason, "convert the model with fixed dims")
    if len(tensor.shape) > _MAX_RANK:
        raise Unsupported(f"{label} has {len(tensor.shape)} dimensions; {_MAX_RANK} are supported")
    dims = (1, *tensor.shape[1:]) if tensor.shape[:1] == (-1,) else tensor.shape
    if any(dim < 1 for dim in dims):
        raise Unsupported(f"{label} has the dims {list(dims)}; every dimension must be at least 1")
    return dims


def _quantization(
    tensor: schema.Tensor, label: str, limits: tuple[int, int], dims: tuple[int, ...], axis: int | None
) -> QuantValues | None:
    """Scales and zero points within limits: one, or one per index of dimension `axis`. None when the tensor has none."""
    stored = tensor.quantization
    if stored is None or (stored.scale.size == 0 and stored.details_type == 0):
        return None
    count = stored.scale.size
    if stored.details_type != 0 or count == 0:
        raise Unsupported(f"{label} is quantised by another scheme than scales and zero points")
    # In some files one-dimensional tensors carry the quantized dimension of the weights: meaningless there.
    per_axis = axis is not None and count == dims[axis] and (len(dims) == 1 or stored.axis == axis)
    if count > 1 and not per_axis:
        raise Unsupported(f"{label} has {count} scales along dimension {stored.axis}")
    if not (np.isfinite(stored.scale).all() and (stored.scale > 0).all()):
        raise Unsupported(f"{label} has a scale that is not a positive number")
    points = stored.zero_point if stored.zero_point.size else np.zeros(1, np.int64)
    if points.size not in (1, count):
        raise Unsupported(f"{label} has {points.size} zero points and {count} scales")
    low, high = limits
    if points.min() < low or points.max() > high:
        raise Unsupported(f"{label} has a zero point outside of {low} to {high}")
    return QuantValues.of(stored.scale, points, axis)
