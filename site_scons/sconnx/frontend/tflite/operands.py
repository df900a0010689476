# SPDX-License-Identifier: Apache-2.0
"""The inputs, the outputs and the options of one node, as translations ask for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.tflite import schema
from sconnx.frontend.tflite.flatbuffer import Malformed
from sconnx.frontend.tflite.names import TYPE_NAMES, printable, type_name
from sconnx.frontend.tflite.operand import FULL_INTEGER, WIDENED, DataTensor, Source, Unsupported
from sconnx.frontend.tflite.options import Options
from sconnx.graph.tensor import DType

NOT_HYBRID = "convert the model with full integer quantisation (a representative dataset), or without quantisation"

_INT32, _INT64 = TYPE_NAMES.index("int32"), TYPE_NAMES.index("int64")
_WEIGHTS = {DType.INT8: DType.INT8, DType.INT16: DType.INT8, DType.FLOAT32: DType.FLOAT32}
_BIASES = {
    DType.INT8: (DType.INT32,),
    DType.INT16: (DType.INT64, DType.INT32),
    DType.FLOAT32: (DType.FLOAT32,),
}

OptionsT = TypeVar("OptionsT", bound=Options)


class Operands:
    """One node of the file."""

    def __init__(self, source: Source, operator: schema.Operator) -> None:
        self.source = source
        self.operator = operator

    def options(self, kind: type[OptionsT]) -> OptionsT:
        if not isinstance(self.operator.options, kind):
            raise Unsupported(f"it has no {kind.__name__}")
        return self.operator.options

    def has(self, position: int) -> bool:
        """Whether an input is present."""
        return position < len(self.operator.inputs) and self.operator.inputs[position] != -1

    def index(self, position: int) -> int:
        """The number of an input in the file."""
        if not self.has(position):
            raise Unsupported(f"it has no input {position}")
        return self.operator.inputs[position]

    def input(self, position: int, *, any_zero_point: bool = False) -> DataTensor:
        self._no_variable(self.index(position), f"input {position}")
        return self.source.read(self.index(position), f"input {position}", any_zero_point=any_zero_point)

    def _no_variable(self, index: int, label: str) -> None:
        tensor = self.source.tensor(index)
        if tensor.is_variable:
            raise Unsupported(f"{label} {printable(tensor.name)} is a variable")

    def inputs(self) -> tuple[DataTensor, ...]:
        """All inputs, at least one."""
        return tuple(self.input(position) for position in range(max(len(self.operator.inputs), 1)))

    def output(self, *, any_zero_point: bool = False) -> DataTensor:
        """The only output."""
        if len(self.operator.outputs) != 1:
            raise Unsupported(f"it has {len(self.operator.outputs)} outputs")
        return self.outputs(any_zero_point)[0]

    def outputs(self, any_zero_point: bool = False) -> tuple[DataTensor, ...]:
        """All outputs, at least one."""
        if not self.operator.outputs:
            raise Unsupported("it has 0 outputs")
        for position, index in enumerate(self.operator.outputs):
            self._no_variable(index, f"output {position}")
        outputs = tuple(
            self.source.read(index, f"output {position}", any_zero_point=any_zero_point)
            for position, index in enumerate(self.operator.outputs)
        )
        for output in outputs:
            if output.value is not None:
                raise Malformed(f"tensor {output.index} is constant and computed")
        return outputs

    def state(self, position: int) -> DataTensor:
        """An input that keeps its value between runs: the variable that it is."""
        index, label = self.index(position), f"input {position}"
        tensor = self.source.tensor(index)
        if not tensor.is_variable:
            raise Unsupported(f"{label} {printable(tensor.name)} is no variable")
        data = self.source.read(index, label)
        return self.source.variables.setdefault(f"{index}", replace(data, index=None))

    def weights(self, position: int, data: DataTensor, rank: int, axis: int | None) -> DataTensor:
        """Constants of `rank` dimensions that are multiplied by `data`: int8 or int4 for int8 and int16, or float32.

        Args:
            axis: the output channel, which may have its own scale.
        """
        label = "the weight tensor"
        tensor = self._constant(position, label)
        if data.dtype not in _WEIGHTS:
            known = ", ".join(dtype.value for dtype in _WEIGHTS)
            raise Unsupported(
                f"{printable(data.name)}, to be multiplied by weights, is {data.dtype.value}, not {known}"
            )
        wanted = _WEIGHTS[data.dtype].value
        stored = type_name(tensor.type)
        if _read_as(tensor) != wanted:
            if data.dtype is DType.FLOAT32:
                raise Unsupported(f"hybrid: float activations with {stored} weights", NOT_HYBRID)
            raise Unsupported(
                f"{label} is {stored}; for {data.dtype.value} activations it must be {wanted}", FULL_INTEGER
            )
        return self._value(position, label, rank, axis)

    def bias(self, position: int, data: DataTensor, count: int) -> DataTensor | None:
        """`count` constants, int32 for int8 data, int64 or int32 for int16, or float32; None when the node has no bias."""
        if not self.has(position):
            return None
        tensor = self._constant(position, "the bias")
        known = tuple(dtype.value for dtype in _BIASES[data.dtype])
        stored = type_name(tensor.type)
        if _read_as(tensor) not in known:
            raise Unsupported(
                f"the bias is {stored}; for {data.dtype.value} activations it must be {' or '.join(known)}"
            )
        bias = self._value(position, "the bias", 1, 0)
        if bias.dims != (count,):
            raise Unsupported(f"the bias has {bias.dims[0]} elements for {count} channels")
        return bias

    def constant(self, position: int, label: str, rank: int) -> DataTensor:
        """Constants of `rank` dimensions."""
        return self._value(position, label, rank, None)

    def integers(self, position: int) -> tuple[int, ...]:
        """A constant vector of int32 or int64, or a single one of them."""
        value = self._integers(position, None)
        if value.ndim > 1:
            raise Unsupported(f"input {position} has the dims {list(value.shape)}; 1 dimensions are supported")
        return tuple(value.reshape(-1).tolist())

    def pairs(self, position: int) -> tuple[tuple[int, int], ...]:
        """A constant matrix of two columns, int32 or int64."""
        value = self._integers(position, 2)
        if value.shape[1] != 2:
            raise Unsupported(f"input {position} has the dims {list(value.shape)}; two columns are supported")
        return tuple((first, second) for first, second in value.tolist())

    def integer(self, position: int) -> int:
        """A constant int32 or int64 with a single element."""
        return int(_single(position, self._integers(position, None)))

    def number(self, position: int, like: DataTensor) -> float:
        """A constant with a single element of the type and quantisation of another tensor: the number it stands for."""
        data = self._value(position, f"input {position}", None, None)
        if data.dtype is not like.dtype:
            raise Unsupported(f"input {position} is {data.dtype.value}; its data is {like.dtype.value}")
        assert data.value is not None
        code = _single(position, data.value)
        if like.quantization is None:
            return float(code)
        return float(like.quantization.scale[0]) * (float(code) - float(like.quantization.zero_point[0]))

    def _integers(self, position: int, rank: int | None) -> NDArray[Any]:
        label = f"input {position}"
        tensor = self._constant(position, label)
        if tensor.type not in (_INT32, _INT64):
            raise Unsupported(f"{label} is {type_name(tensor.type)}; sconnx imports int32 and int64")
        value = self._value(position, label, rank, None).value
        assert value is not None
        return value

    def _constant(self, position: int, label: str) -> schema.Tensor:
        self._no_variable(self.index(position), label)
        tensor = self.source.tensor(self.index(position))
        if tensor.is_sparse:
            raise Unsupported(f"{label} {printable(tensor.name)} is sparse")
        return tensor

    def _value(self, position: int, label: str, rank: int | None, axis: int | None) -> DataTensor:
        self._constant(position, label)
        data = self.source.read(self.index(position), label, rank, axis)
        if data.value is None:
            raise Unsupported(f"{label} {printable(data.name)} is not constant")
        return data


def _read_as(tensor: schema.Tensor) -> str:
    """The name of a constant's type in sconnx."""
    widened = WIDENED.get(tensor.type)
    return type_name(tensor.type) if widened is None else widened.value


def _single(position: int, value: NDArray[Any]) -> Any:
    if value.size != 1:
        raise Unsupported(f"input {position} has {value.size} elements; one is supported")
    return value.reshape(())[()]


def constant_like(data: DataTensor, value: NDArray[Any], quantization_axis: int | None = None) -> DataTensor:
    """A constant of the file under other dims."""
    quantization = data.quantization
    if quantization is not None and quantization.axis is not None:
        quantization = replace(quantization, axis=quantization_axis)
    return replace(data, value=np.asarray(value), dims=value.shape, quantization=quantization)
