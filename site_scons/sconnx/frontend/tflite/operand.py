# SPDX-License-Identifier: Apache-2.0
"""The operands of a node, checked: int8 activations, constant weights, biases and indices.

What the model says and sconnx cannot do raises `Unsupported`; what contradicts itself raises `Malformed`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.tflite import schema
from sconnx.frontend.tflite.flatbuffer import Malformed
from sconnx.frontend.tflite.names import TYPE_NAMES, printable, type_name
from sconnx.graph.model import QuantValues

FULL_INTEGER = "convert the model with full integer quantisation, with int8 inputs and outputs"

_FLOAT32, _INT32, _INT64, _INT8 = (TYPE_NAMES.index(name) for name in ("float32", "int32", "int64", "int8"))
_STORED = {_INT8: "<i1", _INT32: "<i4", _INT64: "<i8"}
_MAX_RANK = 8

OptionsT = TypeVar("OptionsT", bound=schema.Options)


class Unsupported(Exception):
    """Why a node cannot be imported, and what helps."""

    def __init__(self, reason: str, help: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.help = help


@dataclass(frozen=True, slots=True, eq=False)
class DataTensor:
    """An int8 tensor with one scale. `index` is its number in the file; `value` only when constant."""

    index: int
    name: str
    dims: tuple[int, ...]
    quantization: QuantValues
    value: NDArray[np.int8] | None


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """Constant weights (int8) or a bias (int32). `index` is its number in the file."""

    index: int
    name: str
    value: NDArray[Any]
    quantization: QuantValues | None


def tensor_at(graph: schema.SubGraph, index: int) -> schema.Tensor:
    if not 0 <= index < len(graph.tensors):
        raise Malformed(f"tensor {index} does not exist")
    return graph.tensors[index]


def read_data_tensor(model: schema.Model, graph: schema.SubGraph, index: int, label: str) -> DataTensor:
    """An int8 tensor; `label` is what messages call it, "input 0"."""
    tensor = tensor_at(graph, index)
    if tensor.type != _INT8:
        raise Unsupported(f"{label} is {type_name(tensor.type)}; sconnx imports int8 models", FULL_INTEGER)
    if tensor.is_variable:
        raise Unsupported(f"{label} {printable(tensor.name)} is a variable")
    if any(dim < 0 for dim in (*tensor.shape[1:], *tensor.shape_signature[1:])):
        dims = list(tensor.shape_signature or tensor.shape)[:_MAX_RANK]
        reason = f"{label} {printable(tensor.name)} has the dynamic dims {dims}"
        raise Unsupported(reason, "convert the model with fixed dims")
    return _int8_tensor(model, tensor, index, label)


def _int8_tensor(model: schema.Model, tensor: schema.Tensor, index: int, label: str) -> DataTensor:
    dims = _dims(tensor, label)
    if not dims:
        raise Unsupported(f"{label} {printable(tensor.name)} is a scalar")
    quantization = _quantization(tensor, label, dims, None)
    if quantization is None:
        raise Unsupported(f"{label} {printable(tensor.name)} is int8 without quantisation", FULL_INTEGER)
    return DataTensor(index, tensor.name, dims, quantization, _value(model, tensor, dims))


def _dims(tensor: schema.Tensor, label: str) -> tuple[int, ...]:
    """The dims, with a leading dimension that is only known at run time set to 1."""
    if len(tensor.shape) > _MAX_RANK:
        raise Unsupported(f"{label} has {len(tensor.shape)} dimensions; {_MAX_RANK} are supported")
    dims = (1, *tensor.shape[1:]) if tensor.shape[:1] == (-1,) else tensor.shape
    if any(dim < 1 for dim in dims):
        raise Unsupported(f"{label} has the dims {list(dims)}; every dimension must be at least 1")
    return dims


def _value(model: schema.Model, tensor: schema.Tensor, dims: tuple[int, ...]) -> NDArray[Any] | None:
    """The constant, as a view of the file; None when it has no buffer (buffer 0 is empty by definition)."""
    if tensor.buffer == 0:
        return None
    if tensor.buffer >= len(model.buffers):
        raise Malformed(f"buffer {tensor.buffer} does not exist")
    data = model.buffers[tensor.buffer]
    if data.size == 0:
        return None
    dtype = np.dtype(_STORED[tensor.type])
    if data.size != math.prod(dims) * dtype.itemsize:
        contents = f"{dtype.name} of dims {list(dims)}"
        raise Malformed(f"buffer {tensor.buffer} has {data.size} bytes, which are no {contents}")
    return data.view(dtype).reshape(dims).astype(dtype.newbyteorder("="), copy=False)


def _quantization(tensor: schema.Tensor, label: str, dims: tuple[int, ...], axis: int | None) -> QuantValues | None:
    """Scales and zero points: one, or one per index of dimension `axis`. None when the tensor has none."""
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
    low, high = (-128, 127) if tensor.type == _INT8 else (0, 0)
    if points.min() < low or points.max() > high:
        raise Unsupported(f"{label} has a zero point outside of {low} to {high}")
    return QuantValues.of(stored.scale, points, axis)


class Operands:
    """The inputs, the outputs and the options of one node."""

    def __init__(self, model: schema.Model, graph: schema.SubGraph, operator: schema.Operator) -> None:
        self.model = model
        self.graph = graph
        self.operator = operator

    def options(self, kind: type[OptionsT]) -> OptionsT:
        if not isinstance(self.operator.options, kind):
            raise Unsupported(f"it has no {kind.__name__}")
        return self.operator.options

    def input(self, position: int) -> DataTensor:
        return read_data_tensor(self.model, self.graph, self._index(position), f"input {position}")

    def inputs(self) -> tuple[DataTensor, ...]:
        """All inputs, at least one."""
        return tuple(self.input(position) for position in range(max(len(self.operator.inputs), 1)))

    def output(self) -> DataTensor:
        """The only output."""
        if len(self.operator.outputs) != 1:
            raise Unsupported(f"it has {len(self.operator.outputs)} outputs")
        return self.outputs()[0]

    def outputs(self) -> tuple[DataTensor, ...]:
        """All outputs, at least one."""
        if not self.operator.outputs:
            raise Unsupported("it has 0 outputs")
        outputs = tuple(
            read_data_tensor(self.model, self.graph, index, f"output {position}")
            for position, index in enumerate(self.operator.outputs)
        )
        for output in outputs:
            if output.value is not None:
                raise Malformed(f"tensor {output.index} is constant and computed")
        return outputs

    def weights(self, position: int, rank: int, axis: int) -> Parameter:
        """int8 constants of `rank` dimensions; `axis` is the output channel. Checks input 0 first."""
        tensor = self._constant(position, "the weight tensor")
        activations = type_name(tensor_at(self.graph, self._index(0)).type)
        if activations == "float32" and tensor.type not in (_FLOAT32, TYPE_NAMES.index("float16")):
            reason = f"hybrid: float activations with {type_name(tensor.type)} weights"
            raise Unsupported(reason, FULL_INTEGER)
        self.input(0)
        if tensor.type != _INT8:
            reason = f"the weight tensor is {type_name(tensor.type)}; sconnx imports int8 models"
            raise Unsupported(reason, FULL_INTEGER)
        weights = self._parameter(position, tensor, "the weight tensor", rank, axis)
        if weights.quantization is None:
            reason = f"the weight tensor {printable(tensor.name)} is int8 without quantisation"
            raise Unsupported(reason, FULL_INTEGER)
        return weights

    def bias(self, position: int, count: int) -> Parameter | None:
        """`count` int32 constants, or None when the node has no bias."""
        if position >= len(self.operator.inputs) or self.operator.inputs[position] == -1:
            return None
        tensor = self._constant(position, "the bias")
        if tensor.type != _INT32:
            raise Unsupported(f"the bias is {type_name(tensor.type)}; sconnx imports int32")
        bias = self._parameter(position, tensor, "the bias", 1, 0)
        if bias.value.size != count:
            raise Unsupported(f"the bias has {bias.value.size} elements for {count} channels")
        return bias

    def integers(self, position: int) -> tuple[int, ...]:
        """A constant vector of int32."""
        return tuple(self._integers(position, 1, (_INT32,)).tolist())

    def pairs(self, position: int) -> tuple[tuple[int, int], ...]:
        """A constant matrix of two columns, int32 or int64."""
        value = self._integers(position, 2, (_INT32, _INT64))
        if value.shape[1] != 2:
            raise Unsupported(f"input {position} has the dims {list(value.shape)}; two columns are supported")
        return tuple((first, second) for first, second in value.tolist())

    def integer(self, position: int) -> int:
        """A constant int32 with a single element."""
        return self._single(position, _INT32)

    def code(self, position: int) -> int:
        """A constant int8 with a single element."""
        return self._single(position, _INT8)

    def _single(self, position: int, element_type: int) -> int:
        value = self._integers(position, None, (element_type,))
        if value.size != 1:
            raise Unsupported(f"input {position} has {value.size} elements; one is supported")
        return int(value.reshape(())[()])

    def _integers(self, position: int, rank: int | None, types: tuple[int, ...]) -> NDArray[Any]:
        """A constant of one of the element types; `rank` None is any."""
        label = f"input {position}"
        tensor = self._constant(position, label)
        if tensor.type not in types:
            known = " and ".join(type_name(known) for known in types)
            raise Unsupported(f"{label} is {type_name(tensor.type)}; sconnx imports {known}")
        return self._parameter(position, tensor, label, len(tensor.shape) if rank is None else rank, None).value

    def _index(self, position: int) -> int:
        if position >= len(self.operator.inputs) or self.operator.inputs[position] == -1:
            raise Unsupported(f"it has no input {position}")
        return self.operator.inputs[position]

    def _constant(self, position: int, label: str) -> schema.Tensor:
        tensor = tensor_at(self.graph, self._index(position))
        if tensor.is_variable:
            raise Unsupported(f"{label} {printable(tensor.name)} is a variable")
        if tensor.is_sparse:
            raise Unsupported(f"{label} {printable(tensor.name)} is sparse")
        return tensor

    def _parameter(self, position: int, tensor: schema.Tensor, label: str, rank: int, axis: int | None) -> Parameter:
        dims = _dims(tensor, label)
        if len(dims) != rank:
            raise Unsupported(f"{label} has the dims {list(dims)}; {rank} dimensions are supported")
        value = _value(self.model, tensor, dims)
        if value is None:
            raise Unsupported(f"{label} {printable(tensor.name)} is not constant")
        return Parameter(self._index(position), tensor.name, value, _quantization(tensor, label, dims, axis))
