# SPDX-License-Identifier: Apache-2.0
"""Graph inputs and outputs: their quantisation and their order of dimensions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

import numpy as np
import onnx

from sconnx.frontend.onnx.load import Source, SourceInput, operator_name, plain_domain
from sconnx.frontend.onnx.operands import UNSIGNED, plain, with_uint8
from sconnx.frontend.onnx.qoperator import operands_of
from sconnx.frontend.onnx.quantization import output_type, type_name
from sconnx.frontend.onnx.scales import quantization_of
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Tracked, Unsupported, Value, View
from sconnx.frontend.onnx.writer import CHANNELS_LAST, DTYPES, Writer, stored_axes
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Requantize, Reshape
from sconnx.graph.tensor import Constant, DType, GraphInput, State

MOVERS = {"Identity", "Dropout", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "MaxPool", "Pad", "Split"}
KEEPS_ORDER = {
    "QuantizeLinear", "DequantizeLinear", "Identity", "Dropout", "Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Sum",
    "Mean", "PRelu", "Concat", "Split", "Slice", "Relu", "Clip", "LeakyRelu", "ThresholdedRelu", "Elu", "Selu", "Celu",
    "Gelu", "HardSigmoid", "HardSwish", "Swish", "Mish", "Sigmoid", "Tanh", "Softplus", "Softsign", "Erf", "Exp", "Log",
    "Sqrt", "Reciprocal", "Abs", "Neg", "Sign", "Floor", "Ceil", "Round", "Sin", "Cos", "Where", "Cast", "QLinearAdd",
    "QLinearMul", "QLinearSigmoid", "QLinearLeakyRelu", "QLinearConcat",
}  # fmt: skip
SPATIAL = {
    "Conv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool", "Pad",
    "BatchNormalization", "InstanceNormalization", "GroupNormalization", "LRN", "Resize", "Upsample", "DepthToSpace",
    "SpaceToDepth", "QLinearConv", "ConvInteger", "QLinearAveragePool", "QLinearGlobalAveragePool",
}  # fmt: skip


def _readers(
    source: Source, name: str, through: Callable[[onnx.NodeProto], bool]
) -> Iterator[tuple[onnx.NodeProto, frozenset[str]]]:
    """The nodes that read a tensor, in running order, and its names up to there.

    Args:
        through: says whose output is followed further.
    """
    followed = {name}
    for node in source.nodes:
        if not followed.isdisjoint(node.input):
            yield node, frozenset(followed)
            if plain_domain(node.domain) in ("", "com.microsoft") and through(node):
                followed.update(node.output if node.op_type == "Split" else node.output[:1])


def _quantizations(
    source: Source, node: onnx.NodeProto, names: Collection[str], data_type: int
) -> list[QuantValues | None]:
    """What a node says of the quantisation of an input that it reads; None for what is no valid one of 8 bits."""
    if operator_name(node) in ("QuantizeLinear", "DequantizeLinear"):
        positions: tuple[int, ...] = (0,)
    else:
        positions = operands_of(operator_name(node), len(node.input))
    places = [position for position in positions if position < len(node.input) and node.input[position] in names]
    return [_quantization(source, node, list(node.input)[place + 1 : place + 3], data_type) for place in places]


def _quantization(source: Source, node: onnx.NodeProto, names: list[str], data_type: int) -> QuantValues | None:
    """Scale and zero point of an activation, by their names."""
    if not names or any(name and name not in source.constants for name in names):
        return None
    constants = [Folded(name, source.constants[name]) if name else None for name in names]
    scale, zero_point = constants[0], constants[1] if len(constants) > 1 else None
    if scale is None:
        return None
    unsigned = data_type == onnx.TensorProto.UINT8
    if node.op_type == "QuantizeLinear":
        dtype = output_type(node, zero_point)
        if dtype not in ("int8", "uint8"):
            return None
        unsigned = dtype == "uint8"
    try:
        return quantization_of(scale, zero_point, None, 1, unsigned=unsigned)
    except Unsupported:
        return None


def input_quantization(source: Source, entry: SourceInput) -> QuantValues | None:
    """The quantisation of a graph input: what the nodes behind it say that quantise it (float32), or read its integers.

    Returns None for a float32 input that is also read otherwise, and for one that is quantised in several ways.
    """
    real = entry.data_type == onnx.TensorProto.FLOAT
    found: list[QuantValues] = []
    for node, names in _readers(source, entry.name, lambda node: node.op_type in MOVERS):
        if (node.op_type == "QuantizeLinear") if real else (node.op_type not in MOVERS):
            for quant in _quantizations(source, node, names, entry.data_type):
                if quant is None:
                    return None
                found.append(quant)
        elif node.op_type not in MOVERS and real:
            return None
    if not found or any(not quant.same_as(found[0]) for quant in found[1:]) or entry.name in source.outputs:
        return None
    return found[0]


def _source_axes(source: Source, entry: SourceInput) -> tuple[int, ...]:
    """Channels last when the first operator that depends on the order of dimensions is spatial, else ()."""
    channels_last = CHANNELS_LAST.get(len(entry.dims), ())
    for node, _ in _readers(source, entry.name, lambda node: node.op_type in KEEPS_ORDER):
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


def add_input(writer: Writer, source: Source, entry: SourceInput) -> Value:
    """Declare a graph input: of int8 where its readers quantise it, else of its own type.

    Raises:
        Unsupported: an element type that the IR has not.
    """
    name = type_name(entry.data_type)
    if name not in DTYPES:
        advice = "; export it with float32 inputs" if name.startswith(("float", "bfloat")) else ""
        raise Unsupported(f"it is {name}; only {', '.join(sorted(DTYPES))} are supported{advice}")
    real, dtype = name == "float32", DType(name)
    quant = input_quantization(source, entry) if dtype in (DType.FLOAT32, DType.INT8, DType.UINT8) else None
    source_axes = _source_axes(source, entry)
    axes = source_axes or tuple(range(len(entry.dims)))
    dims = tuple(entry.dims[axis] for axis in axes)
    order = tuple(axis for axis in axes if entry.dims[axis] > 1)
    if quant is None or dtype is not DType.UINT8:
        stored = DType.INT8 if quant is not None else dtype
        return Tracked(
            View(writer.builder.add_input(entry.name, stored, dims, quant, source_axes), entry.dims, order), real
        )
    shifted = QuantValues(quant.scale, quant.zero_point + np.int32(UNSIGNED))
    port = writer.builder.add_input(entry.name, DType.UINT8, dims, shifted, source_axes)
    return Tracked(View(_as_int8(writer, port, quant), entry.dims, order), real=False, unsigned=True)


def _as_int8(writer: Writer, port: int, quant: QuantValues) -> int:
    """A uint8 input as int8, elements and zero point 128 smaller."""
    name = writer.builder.tensors[port].name
    return writer.builder.add_node(
        Requantize(), (port,), name=name, source_index=0, output_name=f"{name}/int8", quantization=quant
    )


def add_output(writer: Writer, name: str, value: Value, taken: set[int]) -> int:
    """The IR tensor of a graph output, under the name ONNX gives it.

    Args:
        taken: outputs declared before.
    """
    view, tensors = _output_view(writer, name, value), writer.builder.tensors
    axes = stored_axes(view, tensors[view.tensor].dims)
    tensor = view.tensor
    if axes is None and list(view.order) == sorted(view.order):
        axes = tuple(range(len(view.dims)))
        tensor = writer.in_order(view)
    elif axes is None:
        tensor, axes = writer.layout(view)
    if tensor in taken or isinstance(tensors[tensor], GraphInput | State):
        tensor = _copy(writer, tensor, name)
    source_axes = () if axes == tuple(range(len(axes))) else axes
    tensors[tensor] = replace(tensors[tensor], name=name, source_axes=source_axes)
    return tensor


def _output_view(writer: Writer, name: str, value: Value) -> View:
    """The tensor of an output: an int8 one also where ONNX dequantises it."""
    if isinstance(value, Folded):
        return writer.constant(name, value.value, value.quantization) if _is_kept(value) else plain(writer, value)
    if isinstance(value, Pending):
        return value.emit(value.natural, Bounds())
    return with_uint8(writer, value.view) if value.unsigned else value.view


def _is_kept(value: Folded) -> bool:
    """Whether a constant output is quantised as outputs are."""
    return value.quantization is not None and value.quantization.axis is None and value.value.dtype == np.int8


def _copy(writer: Writer, tensor: int, name: str) -> int:
    """The same elements in a tensor of their own: an output may be neither an input nor another output."""
    if isinstance(writer.builder.tensors[tensor], Constant):
        return writer.builder.add_constant(
            name, writer.builder.values[tensor], writer.builder.quantizations.get(tensor)
        )
    return writer.builder.add_node(
        Reshape(dims=writer.builder.tensors[tensor].dims),
        (tensor,),
        name=name,
        source_index=writer.current,
        output_name=name,
        dtype=writer.builder.tensors[tensor].dtype,
        quantization=writer.builder.quantizations.get(tensor),
    )
