# SPDX-License-Identifier: Apache-2.0
"""One ONNX node being translated: typed access to attributes and inputs. Misfits raise `Unsupported`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import onnx

from sconnx.frontend.onnx.operands import is_quantized, plain, quantized, real, type_of
from sconnx.frontend.onnx.printable import printable
from sconnx.frontend.onnx.values import Folded, Pending, Tracked, Unsupported, Value, View
from sconnx.frontend.onnx.writer import DTYPES, Writer
from sconnx.graph.operator import Dims
from sconnx.graph.tensor import DType

INT = onnx.AttributeProto.INT
INTS = onnx.AttributeProto.INTS
FLOAT = onnx.AttributeProto.FLOAT
FLOATS = onnx.AttributeProto.FLOATS
STRING = onnx.AttributeProto.STRING
STRINGS = onnx.AttributeProto.STRINGS


@dataclass(frozen=True, slots=True)
class Call:
    """A node and the values of its inputs; None is an input that is absent.

    Args:
        node: outputs behind the first have no name where nothing reads them.
        index: position of the node in the model.
        opset: version of the node's operator set.
    """

    node: onnx.NodeProto
    index: int
    opset: int
    inputs: Sequence[Value | None]
    writer: Writer

    def _attribute(self, name: str, kind: int) -> onnx.AttributeProto | None:
        for attribute in self.node.attribute:
            if attribute.name == name:
                if attribute.type != kind:
                    raise Unsupported(f"attribute {printable(name)} is not of the type that ONNX defines")
                found: onnx.AttributeProto = attribute
                return found
        return None

    def integer(self, name: str, default: int) -> int:
        found = self._attribute(name, INT)
        return default if found is None else found.i

    def integers(self, name: str) -> tuple[int, ...] | None:
        found = self._attribute(name, INTS)
        return None if found is None else tuple(found.ints)

    def real_number(self, name: str, default: float) -> float:
        found = self._attribute(name, FLOAT)
        return default if found is None else found.f

    def reals(self, name: str) -> tuple[float, ...] | None:
        found = self._attribute(name, FLOATS)
        return None if found is None else tuple(found.floats)

    def strings(self, name: str) -> tuple[str, ...] | None:
        found = self._attribute(name, STRINGS)
        return None if found is None else tuple(item.decode(errors="replace") for item in found.strings)

    def string(self, name: str, default: str) -> str:
        found = self._attribute(name, STRING)
        return default if found is None else found.s.decode(errors="replace")

    def name(self, position: int) -> str:
        return printable(self.node.input[position])

    def optional(self, position: int) -> Value | None:
        return self.inputs[position] if position < len(self.inputs) else None

    def value(self, position: int) -> Value:
        value = self.optional(position)
        if value is None:
            raise Unsupported(f"input {position} is missing")
        return value

    def only_output(self) -> None:
        """Refuse a model that reads a further output (the mask of Dropout, the indices of MaxPool)."""
        if any(self.node.output[1:]):
            name = printable(next(name for name in self.node.output[1:] if name))
            raise Unsupported(f"its output {name} is read; only its first one is supported")

    def constant(self, position: int, what: str) -> Folded:
        """An input that must be known at build time."""
        value = self.value(position)
        if not isinstance(value, Folded):
            raise Unsupported(f"{what} {self.name(position)} must be constant, known at build time")
        return value

    def constant_integers(self, position: int, what: str) -> tuple[int, ...] | None:
        """A constant list of integers, or None when the input is absent."""
        if self.optional(position) is None:
            return None
        value = self.constant(position, what).value
        if value.dtype.kind not in "iu" or value.ndim > 1:
            raise Unsupported(f"{what} {self.name(position)} is no list of integers")
        return tuple(int(item) for item in np.atleast_1d(value))

    def is_quantized(self, position: int) -> bool:
        """Whether an input is an int8 tensor that ONNX sees as float32."""
        return is_quantized(self.writer, self.value(position))

    def is_real(self, position: int) -> bool:
        """Whether an input is float32 as ONNX sees it."""
        value = self.value(position)
        return value.is_real if isinstance(value, Folded) else isinstance(value, Pending) or value.real

    def quantized(self, position: int) -> View:
        """The int8 tensor of an input for which `is_quantized` holds."""
        return quantized(self.writer, self.value(position))

    def real(self, position: int) -> View:
        """An input as float32: dequantised where it is quantised, constant where it is known."""
        return self.named(real, self.value(position))

    def plain(self, position: int) -> View:
        """An input as it is, float32 or of another element type."""
        return self.named(plain, self.value(position))

    def as_value(self, view: View) -> Tracked:
        """A tensor of float32, or of a type that stands for itself."""
        return Tracked(view, real=self.writer.dtype(view) is DType.FLOAT32)

    def dtype(self, value: Value) -> DType:
        """The element type of a value as ONNX sees it. Raises Unsupported for one that the IR has not."""
        name = type_of(self.writer, value)
        if name not in DTYPES:
            raise Unsupported(f"elements of type {name} are not supported at run time")
        return DType(name)

    def real_of(self, value: Value) -> View:
        """A value as a float32 tensor."""
        return self.named(real, value)

    def plain_of(self, value: Value) -> View:
        """A value as a tensor of the elements that ONNX sees."""
        return self.named(plain, value)

    def empty(self, value: Value, dims: Dims) -> Folded:
        """Nothing, of the type of a value."""
        return Folded(self.node.output[0], np.zeros(dims, type_of(self.writer, value)))

    def named(self, read: Callable[[Writer, Value], View], value: Value) -> View:
        """Read a value; when that fails and it is an input, say which."""
        try:
            return read(self.writer, value)
        except Unsupported as error:
            position = next((at for at, other in enumerate(self.inputs) if other is value), None)
            if error.node is not None or position is None:
                raise
            raise Unsupported(f"input {self.name(position)}: {error}") from None


Translation = Callable[[Call], Value | tuple[Value, ...]]
"""Gives the output of a node, or all its outputs."""
OPERATORS: dict[str, Translation] = {}


def _is_ours(function: Translation) -> bool:
    return function.__module__.startswith("sconnx.")


def translates(*names: str) -> Callable[[Translation], Translation]:
    """Register the translation of ONNX operators: `Conv`, or `com.example.Squash` for one of another domain.

    A user's own comes before that of sconnx, whichever is loaded first.
    """

    def register(function: Translation) -> Translation:
        for name in names:
            known = OPERATORS.get(name)
            if known is None or not _is_ours(function) or _is_ours(known):
                OPERATORS[name] = function
        return function

    return register


def tracked(view: View) -> Tracked:
    """The float32 value that a quantised tensor stands for."""
    return Tracked(view, real=True)
