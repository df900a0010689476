# SPDX-License-Identifier: Apache-2.0
"""What an operator of the file becomes, and the registry of the functions that say so."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.tflite.operand import DataTensor, Unsupported
from sconnx.frontend.tflite.operands import Operands
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Clip, Dims, Operator, Relu, Relu6, Reshape

_CLAMPS = {0: Activation.NONE, 1: Activation.RELU, 2: Activation.RELU_N1_TO_1, 3: Activation.RELU6}
_CLAMP_NAMES = {4: "TANH", 5: "SIGN_BIT"}
_CLAMP_OPERATORS: dict[Activation, Operator] = {
    Activation.RELU: Relu(),
    Activation.RELU6: Relu6(),
    Activation.RELU_N1_TO_1: Clip(low=-1.0, high=1.0),
}


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One node."""

    operator: Operator
    inputs: tuple[DataTensor | None, ...]
    outputs: tuple[DataTensor, ...]


@dataclass(slots=True)
class Translation:
    """The nodes that one operator of the file becomes, each checked as it is added.

    Args:
        constants: values of outputs that are known without computing.
        reads: outputs that are what a variable is at this place.
        updates: variables, and what they become at this place.
    """

    steps: list[Step] = field(default_factory=list)
    constants: list[tuple[DataTensor, NDArray[Any]]] = field(default_factory=list)
    reads: list[tuple[DataTensor, DataTensor]] = field(default_factory=list)
    updates: list[tuple[DataTensor, DataTensor]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """That of the first output that is in the file."""
        return next(output.name for step in self.steps for output in step.outputs if output.index is not None)

    def between(self, operator: Operator, *inputs: DataTensor | None, like: DataTensor, name: str = "") -> DataTensor:
        """Add a node whose output only further nodes read; it has the type and quantisation of another tensor."""
        (output,) = self.several(operator, *inputs, like=like, name=name)
        return output

    def several(
        self, operator: Operator, *inputs: DataTensor | None, like: DataTensor, name: str = ""
    ) -> tuple[DataTensor, ...]:
        """As `between`, of an operator with several outputs."""
        outputs = tuple(
            replace(like, index=None, name=name or like.name, dims=dims, value=None)
            for dims in _inferred(operator, inputs)
        )
        self.steps.append(Step(operator, inputs, outputs))
        return outputs

    def into(self, operator: Operator, *inputs: DataTensor | None, outputs: tuple[DataTensor, ...]) -> Translation:
        """Add the node that computes outputs of the file. Raises Unsupported unless their dims follow from the inputs."""
        for position, (dims, output) in enumerate(zip(_inferred(operator, inputs), outputs, strict=True)):
            if dims != output.dims:
                stated = list(output.dims)
                raise Unsupported(f"output {position} has the dims {stated}; {list(dims)} follow from the inputs")
        self.steps.append(Step(operator, inputs, outputs))
        return self

    def into_reshaped(self, operator: Operator, *inputs: DataTensor | None, output: DataTensor) -> Translation:
        """As `into`, where the output may state other dims of as many elements."""
        (dims,) = _inferred(operator, inputs)
        if dims == output.dims or math.prod(dims) != math.prod(output.dims):
            return self.into(operator, *inputs, outputs=(output,))
        computed = self.between(operator, *inputs, like=output)
        return self.into(Reshape(dims=output.dims), computed, outputs=(output,))

    def clamped(
        self, operator: Operator, *inputs: DataTensor | None, output: DataTensor, activation: Activation
    ) -> Translation:
        """As `into`, with a clamp behind an operator that has none of its own."""
        if activation is Activation.NONE:
            return self.into(operator, *inputs, outputs=(output,))
        result = self.between(operator, *inputs, like=output)
        return self.into(_CLAMP_OPERATORS[activation], result, outputs=(output,))


def _inferred(operator: Operator, inputs: tuple[DataTensor | None, ...]) -> tuple[Dims, ...]:
    try:
        return operator.dims_of_outputs([operand.dims for operand in inputs if operand is not None])
    except ValueError as error:
        raise Unsupported(str(error)) from None


def one(operator: Operator, *inputs: DataTensor | None, output: DataTensor) -> Translation:
    """An operator that becomes one node with one output."""
    return Translation().into(operator, *inputs, outputs=(output,))


def known(output: DataTensor, value: NDArray[Any]) -> Translation:
    """An output that is a constant. Its dims are those of the file, which may fix a dimension that the file leaves open."""
    if value.size != math.prod(output.dims):
        raise Unsupported(f"output 0 has the dims {list(output.dims)}; {list(value.shape)} follow from the inputs")
    return Translation(constants=[(output, value.astype(output.dtype.value).reshape(output.dims))])


Translator = Callable[[Operands], Translation]


@dataclass(frozen=True, slots=True)
class Entry:
    """How an operator is translated.

    Args:
        reads: positions of the inputs that hold data; the others give what the output's dims say anyway. None: all.
    """

    translate: Translator
    reads: tuple[int, ...] | None


TRANSLATORS: dict[str, Entry] = {}
"""By the operator's name in the schema."""

FunctionT = TypeVar("FunctionT", bound=Translator)


def translates(*names: str, reads: tuple[int, ...] | None = None) -> Callable[[FunctionT], FunctionT]:
    """Register the translation of operators."""

    def register(function: FunctionT) -> FunctionT:
        TRANSLATORS.update({name: Entry(function, reads) for name in names})
        return function

    return register


def clamp(number: int) -> Activation:
    """The clamp that is fused to an operator, by its number in the schema."""
    if number not in _CLAMPS:
        raise Unsupported(f"fused activation {_CLAMP_NAMES.get(number, number)}")
    return _CLAMPS[number]


def axis_of(axis: int, dims: Dims) -> int:
    """An axis that may count from the end."""
    if not -len(dims) <= axis < len(dims):
        raise Unsupported(f"axis {axis} does not fit the dims {list(dims)}")
    return axis % len(dims)


def same_type(*tensors: DataTensor) -> None:
    """Raise Unsupported unless all have one element type."""
    kinds = sorted({tensor.dtype.value for tensor in tensors})
    if len(kinds) > 1:
        raise Unsupported(f"its inputs and outputs are {' and '.join(kinds)}; they must be of one type")


def same_quantization(data: DataTensor, output: DataTensor) -> None:
    """Raise Unsupported unless elements of one can be elements of the other."""
    same_type(data, output)
    if not data.same_quantization(output):
        raise Unsupported("the quantisation of its output differs from that of its input")


def fixed_quantization(output: DataTensor, tolerance: float = 0.0, **by_type: tuple[int, int]) -> None:
    """TFLite fixes the output's quantisation of some operators, and the kernels compute no other.

    Args:
        tolerance: how much of the scale may be missing or too much, for some converters write 1/65535.
        by_type: denominator of the scale 1/denominator, and zero point, by element type.
    """
    if output.quantization is None:
        return
    if output.dtype.value not in by_type:
        raise Unsupported(f"its output is quantised {output.dtype.value}; {' and '.join(by_type)} are supported")
    denominator, zero_point = by_type[output.dtype.value]
    scale = output.quantization.scale
    near = np.abs(scale.astype(np.float64) * denominator - 1) <= tolerance
    exact = np.float32(1 / denominator)
    if not replace(output.quantization, scale=np.where(near, exact, scale)).same_as(QuantValues.of(exact, zero_point)):
        raise Unsupported(f"its output must have scale 1/{denominator} and zero point {zero_point}")
