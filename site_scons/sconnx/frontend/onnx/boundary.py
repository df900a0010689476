# SPDX-License-Identifier: Apache-2.0
"""Graph inputs and outputs: their quantisation and their order of dimensions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import onnx

from sconnx.frontend.onnx.load import Source, SourceInput, plain_domain
from sconnx.frontend.onnx.quantization import quantization_of, refuse_type, type_name
from sconnx.frontend.onnx.values import Bounds, FloatInput, Folded, Pending, Tracked, Unsupported, Value, View
from sconnx.frontend.onnx.writer import CHANNELS_LAST, Writer, stored_axes
from sconnx.graph.model import ModelBuilder, QuantValues
from sconnx.graph.operator import Reshape
from sconnx.graph.tensor import Computed, DType

MOVERS = {"Identity", "Dropout", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "MaxPool", "Pad", "Split"}
KEEPS_ORDER = {
    "QuantizeLinear", "DequantizeLinear", "Identity", "Dropout", "Relu", "Clip", "Sigmoid", "Tanh", "Add", "Sub", "Mul",
    "Concat", "Split"
}  # fmt: skip
SPATIAL = {"Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "Pad"}


def _readers(source: Source, name: str, through: Callable[[onnx.NodeProto], bool]) -> Iterator[onnx.NodeProto]:
    """The nodes that read a tensor, in running order; `through` says whose output is followed further."""
    followed = {name}
    for node in source.nodes:
        if not followed.isdisjoint(node.input):
            yield node
            if plain_domain(node.domain) == "" and through(node):
                followed.update(node.output if node.op_type == "Split" else node.output[:1])


def _quantization(source: Source, node: onnx.NodeProto) -> QuantValues | None:
    """What a QuantizeLinear or DequantizeLinear of an activation says, or None when it is not a valid one."""
    names = list(node.input)[1:]
    if not names or any(name and name not in source.constants for name in names):
        return None
    constants = [Folded(name, source.constants[name]) if name else None for name in names]
    scale, zero_point = constants[0], constants[1] if len(constants) > 1 else None
    if scale is None:
        return None
    try:
        return quantization_of(scale, zero_point, None, 1)
    except Unsupported:
        return None


def _input_quantization(source: Source, entry: SourceInput) -> QuantValues | None:
    """The quantisation of a graph input: what the Q (float32) or DQ (int8) nodes behind it say.

    Returns None for a float32 input that is also read without QuantizeLinear.

    Raises:
        Unsupported: the nodes behind it disagree, or there is none behind an int8 input.
    """
    ends = "QuantizeLinear" if entry.data_type == onnx.TensorProto.FLOAT else "DequantizeLinear"
    found: list[QuantValues] = []
    for node in _readers(source, entry.name, lambda node: node.op_type in MOVERS):
        if node.op_type == ends:
            quant = _quantization(source, node)
            if quant is not None:
                found.append(quant)
        elif node.op_type not in MOVERS and ends == "QuantizeLinear":
            return None
    if any(not quant.same_as(found[0]) for quant in found[1:]):
        raise Unsupported(f"several {ends} nodes read it with different scales or zero points")
    if not found and ends == "DequantizeLinear":
        raise Unsupported("no DequantizeLinear says what its integers stand for")
    return found[0] if found else None


def _source_axes(source: Source, entry: SourceInput) -> tuple[int, ...]:
    """Channels last when the first operator that depends on the order of dimensions is spatial, else ()."""
    channels_last = CHANNELS_LAST.get(len(entry.dims), ())
    for node in _readers(source, entry.name, lambda node: node.op_type in KEEPS_ORDER):
        if node.op_type in SPATIAL or _is_spatial_mean(source, node, len(entry.dims)):
            return channels_last
        if node.op_type not in KEEPS_ORDER:
            return ()
    return ()


def _is_spatial_mean(source: Source, node: onnx.NodeProto, count: int) -> bool:
    """A ReduceMean over all of `count` dimensions but the first two; its axes are an attribute or, since opset 18, an input."""
    if node.op_type != "ReduceMean":
        return False
    axes = [axis for attribute in node.attribute if attribute.name == "axes" for axis in attribute.ints]
    given = source.constants.get(node.input[1]) if len(node.input) > 1 else None
    if given is not None and given.dtype.kind == "i":
        axes = [int(axis) for axis in given.reshape(-1)]
    return count > 2 and sorted(axis % count for axis in axes) == list(range(2, count))


def add_input(builder: ModelBuilder, source: Source, entry: SourceInput) -> Value:
    """Declare a graph input.

    Raises:
        Unsupported: another element type than int8 or float32, or no single quantisation.
    """
    real = entry.data_type == onnx.TensorProto.FLOAT
    if not real:
        refuse_type("it", type_name(entry.data_type))
    quant = _input_quantization(source, entry)
    if quant is None:
        return FloatInput(entry.name, entry.dims)
    source_axes = _source_axes(source, entry)
    axes = source_axes or tuple(range(len(entry.dims)))
    dims = tuple(entry.dims[axis] for axis in axes)
    tensor = builder.add_input(entry.name, DType.INT8, dims, quant, source_axes)
    return Tracked(View(tensor, entry.dims, tuple(axis for axis in axes if entry.dims[axis] > 1)), real)


def add_output(writer: Writer, name: str, value: Value, taken: set[int]) -> int:
    """The IR tensor of a graph output, under the name ONNX gives it.

    Args:
        taken: outputs declared before.

    Raises:
        Unsupported: it is not quantised.
    """
    if isinstance(value, Pending) and value.natural is not None:
        value = Tracked(value.emit(value.natural, Bounds()), real=True)
    if isinstance(value, Folded):
        return _constant_output(writer, name, value)
    if not isinstance(value, Tracked):
        raise Unsupported("it is float32 and not quantised; the operator that makes it needs a QuantizeLinear after it")
    view, tensors = value.view, writer.builder.tensors
    axes = stored_axes(view, tensors[view.tensor].dims)
    tensor = view.tensor
    if axes is None:
        axes = tuple(range(len(view.dims)))
        tensor = writer.in_order(view)
    if tensor in taken or not isinstance(tensors[tensor], Computed):
        tensor = _copy(writer, tensor, name)
    source_axes = () if axes == tuple(range(len(axes))) else axes
    tensors[tensor] = replace(tensors[tensor], name=name, source_axes=source_axes)
    return tensor


def _constant_output(writer: Writer, name: str, value: Folded) -> int:
    """A tensor whose value is known at build time."""
    quant = value.quantization
    if quant is None or quant.axis is not None or value.value.dtype != np.int8:
        raise Unsupported("it is a constant that is not int8, quantised per tensor")
    return writer.builder.add_constant(name, value.value, quant)


def _copy(writer: Writer, tensor: int, name: str) -> int:
    """The same elements in a tensor of their own: an output may be neither an input nor another output."""
    return writer.builder.add_node(
        Reshape(dims=writer.builder.tensors[tensor].dims),
        (tensor,),
        name=name,
        source_index=writer.current,
        output_name=name,
        quantization=writer.builder.quantizations[tensor],
    )
