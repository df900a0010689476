# SPDX-License-Identifier: Apache-2.0
"""One TFLite operator to an operator of the graph. SAME and VALID padding as TensorFlow defines them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sconnx.frontend.tflite.operand import DataTensor, Operands, Parameter, Unsupported
from sconnx.frontend.tflite.schema import (
    BinaryOptions,
    ConcatenationOptions,
    Conv2DOptions,
    DepthwiseConv2DOptions,
    FullyConnectedOptions,
    Pool2DOptions,
    SoftmaxOptions,
)
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import (
    Activation,
    Add,
    AveragePooling2D,
    Concat,
    Conv2D,
    DepthwiseConv2D,
    Dims,
    FullyConnected,
    MaxPooling2D,
    Mul,
    Operator,
    Pad2D,
    Relu,
    Relu6,
    Requantize,
    Reshape,
    Sigmoid,
    Softmax,
    Split,
    Sub,
    Tanh,
    Transpose,
)

_CLAMPS = {0: Activation.NONE, 1: Activation.RELU, 2: Activation.RELU_N1_TO_1, 3: Activation.RELU6}
_CLAMP_NAMES = {4: "TANH", 5: "SIGN_BIT"}
_SAME, _VALID = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Translation:
    """An operator, its operands, and the dims that the first input must be reshaped to before it.

    When `output.dims` differ from what the operator infers, its result is reshaped to them. Further outputs have the quantisation
    of the first.
    """

    operator: Operator
    inputs: tuple[DataTensor | Parameter | None, ...]
    output: DataTensor
    reshape_input: Dims | None = None
    further_outputs: tuple[DataTensor, ...] = ()

    @property
    def outputs(self) -> tuple[DataTensor, ...]:
        return (self.output, *self.further_outputs)

    def check(self) -> None:
        """Raise Unsupported unless the operator fits its inputs and infers the dims that the file gives."""
        operands = [
            operand.dims if isinstance(operand, DataTensor) else operand.value.shape
            for operand in self.inputs
            if operand is not None
        ]
        try:
            if self.reshape_input is not None:
                operands[0] = Reshape(dims=self.reshape_input).output_dims(operands)
            inferred = self.operator.dims_of_outputs(operands)
        except ValueError as error:
            raise Unsupported(str(error)) from None
        for position, (dims, output) in enumerate(zip(inferred, self.outputs, strict=True)):
            fits = dims == output.dims
            if isinstance(self.operator, FullyConnected):
                fits = math.prod(dims) == math.prod(output.dims)
            elif isinstance(self.operator, Pad2D) and self.reshape_input is not None:
                fits = (dims[0], *dims[2:]) == output.dims
            if not fits:
                stated = list(output.dims)
                raise Unsupported(f"output {position} has the dims {stated}; {list(dims)} follow from the inputs")


def _clamp(number: int) -> Activation:
    if number not in _CLAMPS:
        raise Unsupported(f"fused activation {_CLAMP_NAMES.get(number, number)}")
    return _CLAMPS[number]


def _image(activation: DataTensor) -> DataTensor:
    """The same tensor, known to be NHWC."""
    if len(activation.dims) != 4:
        raise Unsupported(f"input 0 has the dims {list(activation.dims)}; they are not NHWC")
    return activation


def _padding(
    scheme: int,
    image: DataTensor,
    kernel: tuple[int, int],
    strides: tuple[int, int],
    dilations: tuple[int, int],
) -> tuple[int, int, int, int]:
    """(top, left, bottom, right). SAME makes ceil(size / stride) windows and rounds top and left down."""
    for what, pair in (("kernel", kernel), ("stride", strides), ("dilation", dilations)):
        if min(pair) < 1:
            raise Unsupported(f"{what} {pair[0]} by {pair[1]}")
    if scheme == _VALID:
        return 0, 0, 0, 0
    if scheme != _SAME:
        raise Unsupported(f"padding {scheme} is neither SAME nor VALID")
    totals = []
    for size, extent, stride, dilation in zip(image.dims[1:3], kernel, strides, dilations, strict=True):
        reach = (-(-size // stride) - 1) * stride + (extent - 1) * dilation + 1
        totals.append(max(reach - size, 0))
    top, left = totals[0] // 2, totals[1] // 2
    return top, left, totals[0] - top, totals[1] - left


def _conv_2d(node: Operands) -> Translation:
    options = node.options(Conv2DOptions)
    weights = node.weights(1, rank=4, axis=0)
    image, output = _image(node.input(0)), node.output()
    channels, height, width, depth = weights.value.shape
    if image.dims[3] % depth:
        raise Unsupported(f"the weights read {depth} channels, no divisor of the input's {image.dims[3]}")
    operator = Conv2D(
        kernel_dims=(height, width),
        stride_dims=options.strides,
        dilation_dims=options.dilations,
        padding=_padding(options.padding, image, (height, width), options.strides, options.dilations),
        groups=image.dims[3] // depth,
        activation=_clamp(options.activation),
    )
    return Translation(operator, (image, weights, node.bias(2, channels)), output)


def _depthwise_conv_2d(node: Operands) -> Translation:
    options = node.options(DepthwiseConv2DOptions)
    weights = node.weights(1, rank=4, axis=3)
    image, output = _image(node.input(0)), node.output()
    one, height, width, channels = weights.value.shape
    if one != 1 or channels != image.dims[3] * options.depth_multiplier:
        raise Unsupported(
            f"the weights have the dims {[one, height, width, channels]} for {image.dims[3]} channels"
            f" and multiplier {options.depth_multiplier}"
        )
    quantization = weights.quantization
    if quantization is not None and quantization.axis is not None:
        quantization = replace(quantization, axis=2)
    value = weights.value.reshape(height, width, channels)
    weights = replace(weights, value=value, quantization=quantization)
    operator = DepthwiseConv2D(
        kernel_dims=(height, width),
        stride_dims=options.strides,
        dilation_dims=options.dilations,
        padding=_padding(options.padding, image, (height, width), options.strides, options.dilations),
        channel_multiplier=options.depth_multiplier,
        activation=_clamp(options.activation),
    )
    return Translation(operator, (image, weights, node.bias(2, channels)), output)


def _fully_connected(node: Operands) -> Translation:
    options = node.options(FullyConnectedOptions)
    weights = node.weights(1, rank=2, axis=0)
    data, output = node.input(0), node.output()
    if options.weights_format != 0:
        raise Unsupported("the weights are shuffled")
    units, depth = weights.value.shape
    rows, rest = divmod(math.prod(data.dims), depth)
    if rest:
        raise Unsupported(f"the weights read {depth} elements, no divisor of input 0's dims {list(data.dims)}")
    keep = options.keep_num_dims and data.dims[-1] == depth
    return Translation(
        FullyConnected(activation=_clamp(options.activation)),
        (data, weights, node.bias(2, units)),
        output,
        reshape_input=None if keep or data.dims == (rows, depth) else (rows, depth),
    )


def _pool(node: Operands) -> tuple[Pool2DOptions, DataTensor, tuple[int, int, int, int], DataTensor]:
    options = node.options(Pool2DOptions)
    image, output = _image(node.input(0)), node.output()
    _same_quantization(image, output)
    return options, image, _padding(options.padding, image, options.kernel, options.strides, (1, 1)), output


def _average_pool_2d(node: Operands) -> Translation:
    options, image, padding, output = _pool(node)
    operator = AveragePooling2D(
        kernel_dims=options.kernel,
        stride_dims=options.strides,
        padding=padding,
        activation=_clamp(options.activation),
    )
    return Translation(operator, (image,), output)


def _max_pool_2d(node: Operands) -> Translation:
    options, image, padding, output = _pool(node)
    operator = MaxPooling2D(
        kernel_dims=options.kernel,
        stride_dims=options.strides,
        padding=padding,
        activation=_clamp(options.activation),
    )
    return Translation(operator, (image,), output)


def _binary(operator: type[Add | Sub | Mul]) -> Callable[[Operands], Translation]:
    def translate(node: Operands) -> Translation:
        activation = _clamp(node.options(BinaryOptions).activation)
        return Translation(operator(activation=activation), (node.input(0), node.input(1)), node.output())

    return translate


def _pad(node: Operands) -> Translation:
    """A sequence is padded as an image of height 1."""
    data, output = node.input(0), node.output()
    is_sequence = len(data.dims) == 3
    data = data if is_sequence else _image(data)
    _same_quantization(data, output)
    sides = node.pairs(1)
    if len(sides) != len(data.dims) or any((*sides[0], *sides[-1])) or min(min(pair) for pair in sides) < 0:
        listed = [list(pair) for pair in sides]
        raise Unsupported(f"the padding is {listed}; only height and width of NHWC and the length of NLC can be padded")
    (top, bottom), (left, right) = ((0, 0), *sides[1:-1]) if is_sequence else sides[1:-1]
    image = (data.dims[0], 1, *data.dims[1:]) if is_sequence else None
    return Translation(Pad2D(padding=(top, left, bottom, right)), (data,), output, reshape_input=image)


def _pad_v2(node: Operands) -> Translation:
    translation = _pad(node)
    zero_point = int(translation.output.quantization.zero_point[0])
    if node.code(2) != zero_point:
        raise Unsupported(f"the padded value is {node.code(2)}; only the zero point {zero_point} is supported")
    return translation


def _same_quantization(data: DataTensor, output: DataTensor) -> None:
    if not data.quantization.same_as(output.quantization):
        raise Unsupported("the quantisation of its output differs from that of its input")


def _fixed_quantization(output: DataTensor, denominator: int, zero_point: int) -> None:
    """TFLite fixes the output's quantisation of these operators, and the kernels compute no other."""
    if not output.quantization.same_as(QuantValues.of(np.float32(1 / denominator), zero_point)):
        raise Unsupported(f"its output must have scale 1/{denominator} and zero point {zero_point}")


def _softmax(node: Operands) -> Translation:
    beta = node.options(SoftmaxOptions).beta
    data, output = node.input(0), node.output()
    if not (math.isfinite(beta) and beta > 0):
        raise Unsupported(f"beta is {beta}")
    _fixed_quantization(output, 256, -128)
    return Translation(Softmax(beta=beta), (data,), output)


def _logistic(node: Operands) -> Translation:
    data, output = node.input(0), node.output()
    _fixed_quantization(output, 256, -128)
    return Translation(Sigmoid(), (data,), output)


def _tanh(node: Operands) -> Translation:
    data, output = node.input(0), node.output()
    _fixed_quantization(output, 128, 0)
    return Translation(Tanh(), (data,), output)


def _reshape(node: Operands) -> Translation:
    """The new dims are those of the output; the inputs and options that repeat them are not read."""
    data, output = node.input(0), node.output()
    _same_quantization(data, output)
    return Translation(Reshape(dims=output.dims), (data,), output)


def _transpose(node: Operands) -> Translation:
    data, output = node.input(0), node.output()
    _same_quantization(data, output)
    return Translation(Transpose(permutation=node.integers(1)), (data,), output)


def _concatenation(node: Operands) -> Translation:
    options = node.options(ConcatenationOptions)
    activation = _clamp(options.activation)
    if activation is not Activation.NONE:
        raise Unsupported(f"fused activation {activation.name}")
    parts, output = node.inputs(), node.output()
    for position, part in enumerate(parts):
        if not part.quantization.same_as(output.quantization):
            raise Unsupported(f"the quantisation of input {position} differs from that of its output")
    return Translation(Concat(axis=_axis(options.axis, output.dims)), parts, output)


def _split(node: Operands) -> Translation:
    """Into equal parts."""
    data, outputs = node.input(1), node.outputs()
    axis, count = _axis(node.integer(0), data.dims), len(outputs)
    size, rest = divmod(data.dims[axis], count)
    if rest:
        raise Unsupported(f"axis {axis} of dims {list(data.dims)} does not fall into {count} equal parts")
    return _parts(data, outputs, axis, (size,) * count)


def _split_v(node: Operands) -> Translation:
    """Into parts of the sizes that input 1 gives; one of them may be left open by -1."""
    data, outputs, sizes = node.input(0), node.outputs(), list(node.integers(1))
    axis = _axis(node.integer(2), data.dims)
    if sizes.count(-1) == 1:
        sizes[sizes.index(-1)] = data.dims[axis] - sum(sizes) - 1
    if len(sizes) != len(outputs):
        raise Unsupported(f"it has {len(outputs)} outputs and {len(sizes)} sizes")
    return _parts(data, outputs, axis, tuple(sizes))


def _parts(data: DataTensor, outputs: tuple[DataTensor, ...], axis: int, sizes: Dims) -> Translation:
    for output in outputs:
        _same_quantization(data, output)
    return Translation(Split(axis=axis, sizes=sizes), (data,), outputs[0], further_outputs=outputs[1:])


def _axis(axis: int, dims: Dims) -> int:
    """An axis that may count from the end."""
    if not -len(dims) <= axis < len(dims):
        raise Unsupported(f"axis {axis} does not fit the dims {list(dims)}")
    return axis % len(dims)


def _relu(node: Operands) -> Translation:
    return Translation(Relu(), (node.input(0),), node.output())


def _relu6(node: Operands) -> Translation:
    return Translation(Relu6(), (node.input(0),), node.output())


def _quantize(node: Operands) -> Translation:
    return Translation(Requantize(), (node.input(0),), node.output())


TRANSLATORS: dict[str, Callable[[Operands], Translation]] = {
    "ADD": _binary(Add),
    "AVERAGE_POOL_2D": _average_pool_2d,
    "CONCATENATION": _concatenation,
    "CONV_2D": _conv_2d,
    "DEPTHWISE_CONV_2D": _depthwise_conv_2d,
    "EXPAND_DIMS": _reshape,
    "FULLY_CONNECTED": _fully_connected,
    "LOGISTIC": _logistic,
    "MAX_POOL_2D": _max_pool_2d,
    "MUL": _binary(Mul),
    "PAD": _pad,
    "PADV2": _pad_v2,
    "QUANTIZE": _quantize,
    "RELU": _relu,
    "RELU6": _relu6,
    "RESHAPE": _reshape,
    "SOFTMAX": _softmax,
    "SPLIT": _split,
    "SPLIT_V": _split_v,
    "SQUEEZE": _reshape,
    "SUB": _binary(Sub),
    "TANH": _tanh,
    "TRANSPOSE": _transpose,
}

SHAPE_READERS = frozenset({"EXPAND_DIMS", "RESHAPE", "SQUEEZE"})
"""Operators whose first input alone holds data; the others give dims that the output has anyway."""
