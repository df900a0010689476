# SPDX-License-Identifier: Apache-2.0
"""Outputs that become inputs of the next run: hidden states of recurrent layers, caches of streaming convolutions."""

from __future__ import annotations

from collections.abc import Mapping

from sconnx.errors import SconnxError, raise_all
from sconnx.frontend.onnx.boundary import input_quantization
from sconnx.frontend.onnx.load import Source, SourceInput
from sconnx.frontend.onnx.operands import plain
from sconnx.frontend.onnx.printable import printable
from sconnx.frontend.onnx.quantization import type_name
from sconnx.frontend.onnx.values import Bounds, Pending, Tracked, Unsupported, Value, View
from sconnx.frontend.onnx.writer import DTYPES, Writer, wide_axes
from sconnx.graph.operator import Reshape
from sconnx.graph.tensor import Computed, DType, GraphInput
from sconnx.project.nearest import nearest


def check_carry(source: Source, carry: Mapping[str, str]) -> None:
    """Raise SconnxError E702 when the names are not those of outputs and inputs, or an input is meant twice."""
    errors = []
    inputs = [entry.name for entry in source.inputs]
    for output, following in carry.items():
        for name, known, what in ((output, source.outputs, "output"), (following, inputs, "input")):
            if name not in known:
                hint = nearest(name, tuple(known))
                errors.append(
                    SconnxError("E702", f"carry: there is no {what} {printable(name)}", where=source.file, help=hint)
                )
    if len(set(carry.values())) < len(carry):
        errors.append(SconnxError("E702", "carry: two outputs become one input", where=source.file))
    if source.outputs and set(source.outputs) <= set(carry):
        errors.append(SconnxError("E702", "carry: no output is left for the application", where=source.file))
    raise_all(errors)


def add_state(writer: Writer, source: Source, entry: SourceInput) -> tuple[Value, int]:
    """A graph input that the model keeps itself, in ONNX's order of dimensions; it begins with 0."""
    name = type_name(entry.data_type)
    if name not in DTYPES:
        raise Unsupported(f"it is {name}; only {', '.join(sorted(DTYPES))} are supported")
    quant = input_quantization(source, entry) if name in ("float32", "int8") else None
    state = writer.builder.add_state(entry.name, DType.INT8 if quant else DType(name), entry.dims, quant)
    return Tracked(View(state, entry.dims, wide_axes(entry.dims)), real=name == "float32"), state


def update_state(writer: Writer, value: Value, state: int) -> None:
    """Let an output be the content of a state in the next run.

    Raises:
        Unsupported: it is of other dims or of another element type.
    """
    builder = writer.builder
    tensor, quant = builder.tensors[state], builder.quantizations.get(state)
    if value.dims != tensor.dims:
        raise Unsupported(f"it has dims {value.dims}, the input that it becomes {tensor.dims}")
    if quant is None:
        view = plain(writer, value)
    elif isinstance(value, Pending):
        view = value.emit(quant, Bounds())
    elif isinstance(value, Tracked) and writer.is_quantized(value.view):
        view = value.view
    else:
        view = writer.quantized(plain(writer, value), quant, writer.current)
    if writer.dtype(view) is not tensor.dtype or (quant and not quant.same_as(writer.quantization(view))):
        raise Unsupported(f"it is not {tensor.dtype.value} like the input that it becomes, or quantised otherwise")
    following = writer.in_order(view)
    if not isinstance(builder.tensors[following], Computed | GraphInput):
        following = writer.mover(Reshape(dims=tensor.dims), (following,), writer.current)
    builder.update_state(state, following)
