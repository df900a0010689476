# SPDX-License-Identifier: Apache-2.0
"""What the importer knows about an ONNX tensor while it walks the graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Dims


class Unsupported(Exception):
    """A node cannot be translated; the message is the reason that the user reads.

    Args:
        node: index of the node at fault when it is not the one being translated.
    """

    def __init__(self, reason: str, node: int | None = None) -> None:
        super().__init__(reason)
        self.node = node


@dataclass(frozen=True, slots=True)
class View:
    """An IR tensor as ONNX sees it: other order of dimensions, other dimensions of size 1.

    Args:
        tensor: IR tensor index.
        dims: as ONNX has them.
        order: the ONNX axes that are longer than 1, in the order in which the IR tensor stores them.
        mover: the node that last changed the view; it names what has to be inserted later.
    """

    tensor: int
    dims: Dims
    order: tuple[int, ...]
    mover: int | None = None


@dataclass(frozen=True, slots=True)
class Tracked:
    """An IR tensor.

    Args:
        real: whether ONNX sees float32: a float32 tensor, or a quantised one behind DequantizeLinear. Else its own elements.
        unsigned: of a quantised int8 tensor that is not `real`, whether ONNX has uint8 in its place, which are 128 larger.
    """

    view: View
    real: bool
    unsigned: bool = False

    @property
    def dims(self) -> Dims:
        return self.view.dims


@dataclass(frozen=True, slots=True)
class Bounds:
    """Clamp to low..high, in real numbers; None is no limit."""

    low: float | None = None
    high: float | None = None

    def then(self, outer: Bounds) -> Bounds:
        """This clamp followed by another one."""

        def limit(value: float | None) -> float | None:
            if value is None:
                return None
            value = value if outer.low is None else max(value, outer.low)
            return value if outer.high is None else min(value, outer.high)

        low, high = limit(self.low), limit(self.high)
        return Bounds(outer.low if low is None else low, outer.high if high is None else high)


@dataclass(frozen=True, slots=True, eq=False)
class Channelwise:
    """x * factor + offset in real numbers, float64 (channels,) each; `name` is that of the offset."""

    name: str
    factor: NDArray[np.float64]
    offset: NDArray[np.float64]


Emit = Callable[[QuantValues | None, Bounds], View]
"""Appends what a result waits for: with int8 output of a quantisation, clamped; or with float32 output for None."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A float32 result that becomes an IR node once it is read: by QuantizeLinear, or as it is.

    Args:
        dims: as ONNX has them.
        natural: the quantisation in which the result is exact without a QuantizeLinear, if there is one.
        add_bias: the same with a constant added to it, where the operator has room for a bias.
        scale_channels: the same with its channels scaled and shifted, where the operator has weights for that.
    """

    dims: Dims
    emit: Emit
    natural: QuantValues | None = None
    add_bias: Callable[[Folded], Pending | None] | None = None
    scale_channels: Callable[[Channelwise], Pending] | None = None


@dataclass(frozen=True, slots=True)
class Folded:
    """A constant; with `quantization` it is seen as float32 through DequantizeLinear."""

    name: str
    value: NDArray[np.generic]
    quantization: QuantValues | None = None

    @property
    def dims(self) -> Dims:
        return self.value.shape

    @property
    def is_real(self) -> bool:
        """Whether ONNX sees floating-point numbers."""
        return self.quantization is not None or "float" in self.value.dtype.name

    def real(self) -> NDArray[np.float32]:
        """The float32 values."""
        if self.quantization is None:
            return self.value.astype(np.float32)
        quant = self.quantization
        shape = [1] * self.value.ndim
        if quant.axis is not None:
            shape[quant.axis] = -1
        elif self.value.ndim == 0:
            shape = []
        shifted = self.value.astype(np.int64) - quant.zero_point.reshape(shape)
        product: NDArray[np.float32] = shifted.astype(np.float32) * quant.scale.reshape(shape)
        return product


Value = Tracked | Pending | Folded
