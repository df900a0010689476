# SPDX-License-Identifier: Apache-2.0
"""What every operator is: a frozen dataclass with typed attributes that infers the dims of its outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

Dims = tuple[int, ...]


class Activation(Enum):
    """Clamp fused to the end of an operator."""

    NONE = "none"
    RELU = "relu"
    RELU6 = "relu6"
    RELU_N1_TO_1 = "relu_n1_to_1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Base of all operators; a subclass is registered under its class name, unless it stands for operators of other names."""

    types: ClassVar[dict[str, type[Operator]]] = {}
    stands_for_others: ClassVar[bool] = False

    def __init_subclass__(cls, *, stands_for_others: bool = False, **kwargs: object) -> None:
        super(Operator, cls).__init_subclass__(**kwargs)
        # A dataclass with slots is made anew from the class's members, without the arguments of its class statement.
        if stands_for_others or "stands_for_others" in vars(cls):
            cls.stands_for_others = True
            return
        known = Operator.types.get(cls.__name__)
        if known is not None and known.__module__ + known.__qualname__ != cls.__module__ + cls.__qualname__:
            raise TypeError(f"operator {cls.__name__} is defined twice: in {known.__module__} and {cls.__module__}")
        Operator.types[cls.__name__] = cls

    @property
    def type_name(self) -> str:
        """The operator's name, `Conv2D`."""
        return type(self).__name__

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        """Dims of the output from the dims of the inputs. Raises ValueError when they do not fit the operator."""
        return inputs[0]

    def dims_of_outputs(self, inputs: Sequence[Dims]) -> tuple[Dims, ...]:
        """Dims of all outputs; most operators have one."""
        return (self.output_dims(inputs),)

    def macs(self, inputs: Sequence[Dims], output: Dims) -> int:
        """Multiply-accumulates of one run."""
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpaqueOperator(Operator, stands_for_others=True):
    """An operator that the running step does not know: it was defined in a user's folder, which this step does not load.

    Steps behind `lower` need no more than its name.
    """

    name: str
    attributes: tuple[tuple[str, object], ...]

    @property
    def type_name(self) -> str:
        return self.name


def window_count(size: int, kernel: int, stride: int, dilation: int, before: int, after: int) -> int:
    """How many windows fit along one dimension: floor((size + pads - ((kernel - 1) * dilation + 1)) / stride) + 1."""
    return (size + before + after - ((kernel - 1) * dilation + 1)) // stride + 1


def window_dims(dims: Dims, kernel: Dims, stride: Dims, dilation: Dims, padding: Dims) -> Dims:
    """(batch, positions along each spatial dimension) after sliding a window over NDHWC, NHWC or NLC dims.

    Args:
        padding: before each spatial dimension, then after each.
    """
    rank = len(kernel)
    if len(dims) != rank + 2:
        raise ValueError(f"input dims {dims} are not {CHANNELS_LAST[rank]}")
    axes = zip(dims[1:-1], kernel, stride, dilation, padding[:rank], padding[rank:], strict=True)
    counts = tuple(window_count(*axis) for axis in axes)
    if min(counts) < 1:
        raise ValueError(f"kernel {kernel} does not fit input dims {dims} with padding {padding}")
    return (dims[0], *counts)


CHANNELS_LAST = {1: "NLC", 2: "NHWC", 3: "NDHWC"}
"""The order of dimensions by the number of spatial ones."""


def axis_of(axis: int, dims: Dims) -> int:
    """A valid axis of dims. Raises ValueError when there is no such dimension."""
    if not 0 <= axis < len(dims):
        raise ValueError(f"axis {axis} does not fit dims {dims}")
    return axis


def without(dims: Dims, axis: int) -> Dims:
    """All dims but one."""
    return (*dims[:axis], *dims[axis + 1 :])


def broadcast_dims(inputs: Sequence[Dims]) -> Dims:
    """Dims of an element-wise operator: aligned at the last dimension, those of 1 and missing ones repeat (numpy's rule)."""
    rank = max(map(len, inputs))
    result = [1] * rank
    for dims in inputs:
        for axis, dim in enumerate(dims, start=rank - len(dims)):
            if dim != 1 and result[axis] not in (1, dim):
                raise ValueError(f"dims {' and '.join(map(str, inputs))} do not broadcast")
            result[axis] = max(result[axis], dim)
    return tuple(result)
