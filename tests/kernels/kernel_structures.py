# SPDX-License-Identifier: Apache-2.0
"""The parameter structures of the kernels for ctypes. A pointer field takes a numpy array and keeps it."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np


class Structure(ctypes.Structure):
    """A structure that is filled by keyword; every field must be given."""

    def __init__(self, **values: Any) -> None:
        names = [field[0] for field in self._fields_]
        assert sorted(values) == sorted(names), f"fields are {names}"
        self._alive = list(values.values())
        converted = {}
        for name, value in values.items():
            if isinstance(value, np.ndarray):
                assert value.flags.c_contiguous
                value = value.ctypes.data
            converted[name] = value
        super().__init__(**converted)


def _fields(pointers: str, integers: str, halves: str = "", bytes_: str = "") -> list[tuple[str, Any]]:
    """Names of fields in order: of addresses, int32, int16 and int8."""
    types = {ctypes.c_void_p: pointers, ctypes.c_int32: integers, ctypes.c_int16: halves, ctypes.c_int8: bytes_}
    return [(name, c_type) for c_type, names in types.items() for name in names.split()]


class Requantize(Structure):
    """sx_requantize_s8"""

    _fields_ = _fields("multiplier shift", "step zero_point minimum maximum")


class RequantizeDsp(Structure):
    """sx_requantize_s8_dsp"""

    _fields_ = _fields("multiplier shift", "", bytes_="step zero_point minimum maximum short_shifts narrow")


def _weighted(integers: str) -> list[tuple[str, Any]]:
    return [*_fields("weights bias", ""), ("requantize", Requantize), *_fields("", integers)]


def _packed(*fields: tuple[str, Any], pointers: str = "") -> list[tuple[str, Any]]:
    return [*_fields(f"weights bias {pointers}", ""), ("requantize", RequantizeDsp), *fields]


class Conv2D(Structure):
    """sx_conv2d_s8"""

    _fields_ = _weighted(
        "input_zero_point weights_zero_point in_width in_channels out_width out_channels kernel_height"
        " kernel_width stride_width dilation_width pad_left groups"
    )


class Conv2DPacked(Structure):
    """sx_conv2d_packed_s8"""

    _fields_ = _packed(
        *_fields(
            "",
            "row_bytes",
            "out_width step_bytes pad_bytes kernel_height runs run_bytes run_step_bytes out_channels groups exception_count",
            "input_zero_point block whole_fours",
        ),
        pointers="exceptions",
    )


class FullyConnectedPacked(Structure):
    """sx_fully_connected_packed_s8"""

    _fields_ = _packed(*_fields("", "batch in_features out_features"))


class DepthwiseConv2D(Structure):
    """sx_depthwise_conv2d_s8"""

    _fields_ = _weighted(
        "input_zero_point weights_zero_point in_width in_channels out_width channel_multiplier kernel_height"
        " kernel_width stride_width dilation_width pad_left"
    )


class DepthwiseConv2DDsp(Structure):
    """sx_depthwise_conv2d_s8_dsp"""

    _fields_ = [
        *_fields("weights bias passes", ""),
        ("requantize", RequantizeDsp),
        *_fields(
            "",
            "form input_zero_point in_width in_channels out_width channel_multiplier stride_width pad_left block"
            " pass_count words",
        ),
    ]


class DepthwiseConv2D3x3Dsp(Structure):
    """sx_depthwise_conv2d_3x3_s8_dsp"""

    _fields_ = _fields(
        "weights multiplier",
        "",
        "in_width channels out_width pad_left",
        "form input_zero_point stride_width block zero_point minimum maximum",
    )


class FullyConnected(Structure):
    """sx_fully_connected_s8"""

    _fields_ = _weighted("input_zero_point weights_zero_point batch in_features out_features")


class RequantizeMve(Structure):
    """sx_requantize_s8_mve"""

    _fields_ = _fields("multiplier shift_right shift_left", "step zero_point minimum maximum")


def _weighted_mve(integers: str) -> list[tuple[str, Any]]:
    return [*_fields("weights bias", ""), ("requantize", RequantizeMve), *_fields("", integers)]


class Conv2DMve(Structure):
    """sx_conv2d_s8_mve"""

    _fields_ = _weighted_mve(
        "input_zero_point weights_zero_point in_width in_channels out_width out_channels kernel_height"
        " kernel_width stride_width dilation_width pad_left groups pixels_at_a_time"
    )


class PointwiseMve(Structure):
    """sx_pointwise_s8_mve"""

    _fields_ = _weighted_mve("weights_zero_point pixels pixel_step in_channels out_channels")


class DepthwiseConv2DMve(Structure):
    """sx_depthwise_conv2d_s8_mve"""

    _fields_ = _weighted_mve(
        "input_zero_point in_width channels out_width kernel_height kernel_width stride_width dilation_width"
        " pad_left block_width"
    )


class AveragePooling2D(Structure):
    """sx_average_pooling2d_s8"""

    _fields_ = _fields(
        "factor",
        "factor_step input_zero_point zero_point minimum maximum in_width channels out_width kernel_height"
        " kernel_width stride_width pad_left",
    )


class MaxPooling2D(Structure):
    """sx_max_pooling2d_s8"""

    _fields_ = _fields(
        "",
        "minimum maximum in_width channels out_width kernel_height kernel_width stride_width dilation_width pad_left",
    )


class Add(Structure):
    """sx_add_s8, and sx_sub_s8 and sx_mul_s8, which are the same"""

    _fields_ = [
        *_fields(
            "",
            "a_multiplier a_shift a_zero_point b_multiplier b_shift b_zero_point out_multiplier out_shift"
            " out_zero_point minimum maximum size",
        ),
        *_fields("table", "is_fixed first offset x_weight y_weight"),
    ]


class Pad2D(Structure):
    """sx_pad2d_s8"""

    _fields_ = _fields("", "left_bytes row_bytes right_bytes value")


class Concat(Structure):
    """sx_concat_s8"""

    _fields_ = _fields("part_bytes", "parts runs")


class Split(Structure):
    """sx_split_s8"""

    _fields_ = _fields("part_bytes", "parts runs run_bytes")


class Softmax(Structure):
    """sx_softmax_s8"""

    _fields_ = _fields(
        "exp_table powers corrections", "multiplier output_scale rows", "depth entries", "shift zero_point"
    )


class Lookup(Structure):
    """sx_lookup_s8"""

    _fields_ = _fields("table", "size")


class Transpose(Structure):
    """sx_transpose_s8"""

    _fields_ = [("dims", ctypes.c_int32 * 4), ("strides", ctypes.c_int32 * 4)]


class ReplayImage(Structure):
    """replay_image of replay.c"""

    _fields_ = _fields("", "in_height in_row_bytes out_height out_row_bytes stride_height dilation_height pad_top")


PARAMETERS: Sequence[type[Structure]] = (
    Conv2D,
    DepthwiseConv2D,
    FullyConnected,
    AveragePooling2D,
    MaxPooling2D,
    Add,
    Softmax,
    Lookup,
    Transpose,
    Pad2D,
    Concat,
    Split,
    Conv2DPacked,
    FullyConnectedPacked,
    Conv2DMve,
    PointwiseMve,
    DepthwiseConv2DMve,
)
"""In the order of parameter_sizes in replay.c."""
