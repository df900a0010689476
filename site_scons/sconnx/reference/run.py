# SPDX-License-Identifier: Apache-2.0
"""One node of a model that is executed: the values and quantisations of its operands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypedDict, cast

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.model import Model
from sconnx.graph.node import Node
from sconnx.graph.operator import as_2d
from sconnx.reference.binary import Affine
from sconnx.reference.requantize import Requantize, activation_limits

Int8Array = NDArray[np.int8]
Values = dict[int, NDArray[np.generic]]


class Scales(TypedDict):
    input_scale: float
    input_zero_point: int
    output_scale: float
    output_zero_point: int


class Run:
    """One node: its operand values and quantisations by position."""

    def __init__(self, model: Model, node: Node, values: Values) -> None:
        self.params = model.params
        self.rule = model.graph.rule
        self.node = node
        self.values = values
        self.quantizations = {index: model.graph.tensors[index].quantization for index in (*node.reads, *node.outputs)}
        self.dtypes = tuple(np.dtype(model.graph.tensors[tensor].dtype.value) for tensor in node.outputs)

    @property
    def operands(self) -> tuple[NDArray[Any] | None, ...]:
        """The values of all inputs by position; None where one is absent."""
        return tuple(None if tensor is None else self.values[tensor] for tensor in self.node.inputs)

    def int8(self, position: int) -> Int8Array:
        tensor = self.node.inputs[position]
        assert tensor is not None
        return cast(Int8Array, self.values[tensor])

    def image(self, position: int) -> Int8Array:
        """An input or the weights of a two-dimensional operator; those of a one-dimensional one get a height of 1."""
        value = self.int8(position)
        return value if as_2d(self.node.operator) is self.node.operator else np.expand_dims(value, -3)

    @property
    def bias(self) -> NDArray[np.int32] | None:
        tensor = self.node.inputs[2] if len(self.node.inputs) > 2 else None
        return None if tensor is None else cast(NDArray[np.int32], self.values[tensor])

    def affine(self, tensor: int | None) -> Affine:
        assert tensor is not None
        return Affine(float(self.params.scale[tensor][0]), int(self.params.zero_point[tensor][0]))

    def axis(self, tensor: int) -> int | None:
        """The dimension of a tensor that has one scale per index."""
        quantization = self.quantizations[tensor]
        return None if quantization is None else quantization.axis

    @property
    def scales(self) -> Scales:
        x, y = self.affine(self.node.inputs[0]), self.affine(self.node.outputs[0])
        return {
            "input_scale": x.scale,
            "input_zero_point": x.zero_point,
            "output_scale": y.scale,
            "output_zero_point": y.zero_point,
        }

    def weighted(self, derive: Callable[..., Any]) -> dict[str, Any]:
        """The quantisation arguments of the functions with weights."""
        weights = self.node.inputs[1]
        assert weights is not None
        x, y = self.affine(self.node.inputs[0]), self.affine(self.node.outputs[0])
        activation = cast(Any, self.node.operator).activation.value
        return {
            "input_zero_point": x.zero_point,
            "weights_zero_point": self.params.zero_point[weights],
            "requantize": self.requantize(
                derive(self.rule, x.scale, self.params.scale[weights], y.scale, y.zero_point, activation), activation
            ),
        }

    def requantize(self, derived: Requantize, activation: str) -> Requantize:
        """For the dtype of the output: int16 is the clamp of an int16, and sums with an int64 bias, or none, have 48 bits."""
        if self.dtypes[0] != np.int16:
            return derived
        y = self.affine(self.node.outputs[0])
        limits = activation_limits(activation, y.scale, y.zero_point, self.rule, np.int16)
        wide = self.bias is None or self.bias.dtype == np.int64
        return replace(derived, minimum=limits[0], maximum=limits[1], dtype=np.dtype(np.int16), wide=wide)
