# SPDX-License-Identifier: Apache-2.0
"""More operators between DequantizeLinear and QuantizeLinear, one a case, with the IR operators they must become."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qdq_cases import Case, finish, image, row
from qdq_model import UINT8, QdqModel

CASES: dict[str, Case] = {}


def case(*operators: str, opset: int = 20) -> Callable[[Callable[[QdqModel], None]], Callable[[QdqModel], None]]:
    def register(fill: Callable[[QdqModel], None]) -> Callable[[QdqModel], None]:
        CASES[fill.__name__] = Case(fill, operators, opset)
        return fill

    return register


def of_elements(operator: str, ir: str, **attributes: Any) -> None:
    """A function of each element of a row."""

    def fill(m: QdqModel) -> None:
        finish(m, m.node(operator, row(m), **attributes), 0.03, -5)

    CASES[operator.lower()] = Case(fill, (ir,), 20)


def of_pairs(operator: str, ir: str) -> None:
    """A function of a row and of each row of a matrix."""

    def fill(m: QdqModel) -> None:
        x, b = m.qdq(m.input("x", [1, 12]), 0.05, -4), m.qdq(m.input("b", [3, 12]), 0.04, -7)
        finish(m, m.node(operator, x, b), 0.06, -5)

    CASES[f"{operator.lower()}_that_broadcasts"] = Case(fill, (ir,), 20)


def along_axes(operator: str, ir: str, axes: list[int], **attributes: Any) -> None:
    def fill(m: QdqModel) -> None:
        finish(m, m.node(operator, image(m), axes=axes, **attributes), 0.06, -5)

    CASES[f"{operator.lower()}_of_axes_{'_'.join(map(str, axes))}"] = Case(fill, (ir,), 17)


for _operator in (
    "Abs", "Celu", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Mish", "Neg", "Round", "Selu", "Sign",
    "Sin", "Softplus", "Softsign", "Sqrt", "ThresholdedRelu",
):  # fmt: skip
    of_elements(_operator, _operator)
of_elements("LeakyRelu", "LeakyRelu", alpha=0.2)
for _operator, _ir in (("Add", "Add"), ("Sub", "Sub"), ("Mul", "Mul"), ("Min", "Minimum"), ("Max", "Maximum")):
    of_pairs(_operator, _ir)
for _operator in ("ReduceMax", "ReduceMin"):
    along_axes(_operator, _operator, [1])
    along_axes(_operator, _operator, [3], keepdims=0)
along_axes("ReduceMean", "ReduceMean", [3], keepdims=0)


@case("TransposedConv2D")
def transposed_convolution(m: QdqModel) -> None:
    y = m.node("ConvTranspose", image(m), m.weights(3, 4, 3, 2, axis=1), m.bias(4), strides=[2, 1], pads=[1, 0, 0, 1])
    finish(m, y, 0.13)


@case("TransposedConv2D")
def transposed_convolution_in_groups(m: QdqModel) -> None:
    y = m.node(
        "ConvTranspose", image(m, 4), m.weights(4, 2, 3, 3, axis=None), group=2, output_padding=[0, 1], strides=[1, 2]
    )
    finish(m, y, 0.13)


@case("MatMul")
def matrices(m: QdqModel) -> None:
    a, b = m.qdq(m.input("a", [2, 3, 4]), 0.03, 5), m.qdq(m.input("b", [2, 4, 5]), 0.04, -7)
    finish(m, m.node("MatMul", a, b), 0.11)


@case("MatMul")
def a_matrix_that_is_transposed(m: QdqModel) -> None:
    b = m.node("Transpose", m.qdq(m.input("b", [5, 4]), 0.04, -7), perm=[1, 0])
    finish(m, m.node("MatMul", m.qdq(m.input("a", [3, 4]), 0.03, 5), b), 0.11)


@case("PRelu")
def slopes_of_channels(m: QdqModel) -> None:
    finish(m, m.node("PRelu", image(m), m.dq(m.constant([[[10]], [[-20]], [[30]]], np.int8), 0.01)), 0.06)


@case("Resize")
def nearest_pixels(m: QdqModel) -> None:
    scales, how = m.constant([1, 1, 2, 2], np.float32), {"coordinate_transformation_mode": "asymmetric"}
    finish(m, m.node("Resize", image(m), "", scales, mode="nearest", nearest_mode="floor", **how), 0.05, 3)


@case("Dequantize", "Resize", "Quantize")
def between_pixels(m: QdqModel) -> None:
    """To three times the size: int8 weights of ten bits, as TFLite has them, would be up to 6 off."""
    scales = m.constant([1, 1, 3, 3], np.float32)
    finish(m, m.node("Resize", image(m), "", scales, mode="linear"), 0.05, 3)


@case("Pad")
def edges_repeated(m: QdqModel) -> None:
    finish(m, m.node("Pad", image(m), m.constant([0, 0, 1, 0, 0, 0, 0, 2], np.int64), mode="edge"), 0.05, 3)


@case("Slice", "Gather")
def some_elements(m: QdqModel) -> None:
    y = m.node("Slice", image(m), *(m.constant([n], np.int64) for n in (1, 7, 2)))
    finish(m, m.node("Gather", y, m.constant([2, 0, 1], np.int64), axis=3), 0.05, 3)


@case("BroadcastTo", "Tile")
def repetitions(m: QdqModel) -> None:
    y = m.node("Expand", m.qdq(m.input("x", [1, 12]), 0.05, -4), m.constant([3, 12], np.int64))
    finish(m, m.node("Tile", y, m.constant([1, 2], np.int64)), 0.05, -4)


@case("Transpose", "Reshape", "Transpose", "Reshape")
def depth_to_space(m: QdqModel) -> None:
    finish(m, m.node("DepthToSpace", image(m, 8), blocksize=2), 0.05, 3)


@case("Conv2D", "Clip")
def a_clamp_of_any_range(m: QdqModel) -> None:
    y = m.node("Conv", image(m), m.weights(4, 3, 1, 1))
    finish(m, m.node("Clip", y, m.constant(-0.5, np.float32), m.constant(2.3, np.float32)), 0.06)


@case("Sigmoid", "Clip")
def a_clamp_behind_a_function(m: QdqModel) -> None:
    y = m.node("Sigmoid", row(m))
    finish(m, m.node("Clip", y, m.constant(0.3, np.float32), m.constant(0.7, np.float32)), 0.004, -128)


@case("Conv2D", "Clip", "Conv2D")
def integers_of_four_bits(m: QdqModel) -> None:
    """QCDQ, as Brevitas writes it: a Clip of the integers."""
    x = m.q(m.node("Conv", image(m), m.weights(4, 3, 1, 1)), 0.3)
    x = m.node("Clip", x, m.constant(-8, np.int8), m.constant(7, np.int8))
    finish(m, m.node("Conv", m.dq(x, 0.3), m.weights(2, 4, 1, 1)), 0.4)


@case("MaxPooling2D")
def global_maximum(m: QdqModel) -> None:
    finish(m, m.node("GlobalMaxPool", image(m)), 0.05, 3)


def to_another_scale(
    name: str, operators: tuple[str, ...], node: str, *constants: ArrayLike, **attributes: Any
) -> None:
    """What moves elements keeps their quantisation; that of the output differs."""

    def fill(m: QdqModel) -> None:
        x = image(m)
        finish(m, m.node(node, x, *(m.constant(value) for value in constants), **attributes), 0.083, -11)

    CASES[f"{name}_to_another_scale"] = Case(fill, operators, 17)


def integers(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


_SIDES = integers(0, 0, 1, 0, 0, 0, 0, 2)
to_another_scale("slice", ("Slice", "Requantize"), "Slice", integers(1), integers(7), integers(2))
to_another_scale("gather", ("Gather", "Requantize"), "Gather", integers(2, 0, 1), axis=1)
to_another_scale("tile", ("Tile", "Requantize"), "Tile", integers(1, 1, 2, 1))
to_another_scale("transpose", ("Requantize",), "Transpose", perm=[0, 2, 3, 1])
to_another_scale("maximum", ("MaxPooling2D", "Requantize"), "MaxPool", kernel_shape=[2, 2])
to_another_scale("pad", ("Pad", "Requantize"), "Pad", _SIDES, np.float32(0.3))
to_another_scale("pad_with_what_int8_lacks", ("Dequantize", "Pad", "Quantize"), "Pad", _SIDES, np.float32(0.32))
to_another_scale("pad_below_what_int8_has", ("Dequantize", "Pad", "Quantize"), "Pad", _SIDES, np.float32(-100))


@case("Conv2D", "DepthwiseConv2D", "AveragePooling2D", "MaxPooling2D", "AveragePooling2D")
def images_of_a_batch(m: QdqModel) -> None:
    x = m.qdq(m.input("x", [2, 3, 7, 6]), 0.05, 3)
    x = m.qdq(m.node("Conv", x, m.weights(4, 3, 3, 2), strides=[2, 1], pads=[1, 0, 0, 1]), 0.12, -9)
    x = m.qdq(m.node("Conv", x, m.weights(4, 1, 1, 2), group=4), 0.3)
    x = m.qdq(m.node("AveragePool", x, kernel_shape=[3, 1], pads=[1, 0, 1, 0]), 0.17, 7)
    x = m.qdq(m.node("MaxPool", x, kernel_shape=[1, 3]), 0.17, 7)
    finish(m, m.node("GlobalAveragePool", x), 0.1, -2)


@case("Dequantize", "LayerNormalization", "Quantize")
def what_int8_does_not_have(m: QdqModel) -> None:
    factors = [m.constant(m.random.normal(0, 1, 12), np.float32) for _ in range(2)]
    finish(m, m.node("LayerNormalization", row(m), *factors), 0.05, 3)


@case("Requantize", "FullyConnected")
def an_input_of_uint8(m: QdqModel) -> None:
    x = m.node("DequantizeLinear", m.input("x", [1, 12], UINT8), *unsigned(m, 0.05, 131))
    finish(m, m.node("MatMul", x, m.weights(12, 5, axis=1)), 0.2)


@case("FullyConnected", "Requantize")
def an_output_of_uint8(m: QdqModel) -> None:
    y = m.node("MatMul", row(m), m.weights(12, 5, axis=1))
    m.output(m.node("QuantizeLinear", y, *unsigned(m, 0.2, 7)), UINT8)


def unsigned(m: QdqModel, scale: float, zero: int) -> tuple[str, str]:
    return m.constant(scale, np.float32), m.constant(zero, np.uint8)
