# SPDX-License-Identifier: Apache-2.0
"""The cases of every operator that tflite-micro computes on quantised tensors: `cases("ADD", "int8")`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from tests.operators import elementwise_cases as elementwise
from tests.operators import movement_cases as movement
from tests.operators import plain_cases as plain
from tests.operators import recurrent_cases as recurrent
from tests.operators import reduction_cases as reduction
from tests.operators import weights_cases as weights
from tests.operators.case import Case

Family = Callable[[np.random.Generator, str, str], Iterator[Case]]

INT8, BOTH = ("int8",), ("int8", "int16")
INT4 = ("int4",)
"""Of weights; data is int8."""

_FAMILIES: tuple[tuple[Family, tuple[str, ...], str], ...] = (
    (elementwise.unary, BOTH, "ABS RSQRT RELU RELU6 LEAKY_RELU LOGISTIC TANH"),
    (elementwise.unary, INT8, "ELU HARD_SWISH"),
    (elementwise.binary, BOTH, "ADD SUB MUL MINIMUM MAXIMUM SQUARED_DIFFERENCE"),
    (elementwise.binary, INT8, "DIV EQUAL NOT_EQUAL GREATER GREATER_EQUAL LESS LESS_EQUAL"),
    (elementwise.prelu, INT8, "PRELU"),
    (elementwise.select, BOTH, "SELECT_V2"),
    (elementwise.add_n, INT8, "ADD_N"),
    (elementwise.requantize, ("int8", "uint8", "int16", "int32", "float32"), "QUANTIZE"),
    (elementwise.dequantize, ("int8", "uint8", "int16"), "DEQUANTIZE"),
    (weights.convolution, BOTH, "CONV_2D DEPTHWISE_CONV_2D"),
    (weights.transposed_convolution, BOTH, "TRANSPOSE_CONV"),
    (weights.fully_connected, BOTH, "FULLY_CONNECTED"),
    (weights.with_int4(weights.fully_connected), INT4, "FULLY_CONNECTED"),
    (weights.with_int4(weights.convolution), INT4, "CONV_2D DEPTHWISE_CONV_2D"),
    (weights.batch_matmul, BOTH, "BATCH_MATMUL"),
    (weights.pooling, BOTH, "AVERAGE_POOL_2D MAX_POOL_2D"),
    (movement.pad, BOTH, "PAD PADV2"),
    (movement.mirror_pad, INT8, "MIRROR_PAD"),
    (movement.concatenation, BOTH, "CONCATENATION"),
    (movement.pack, BOTH, "PACK"),
    (movement.unpack, BOTH, "UNPACK"),
    (movement.split, BOTH, "SPLIT SPLIT_V"),
    (movement.slice_, BOTH, "SLICE"),
    (movement.strided_slice, BOTH, "STRIDED_SLICE"),
    (movement.gather, INT8, "GATHER"),
    (movement.gather_nd, INT8, "GATHER_ND"),
    (movement.resize, INT8, "RESIZE_BILINEAR"),
    (movement.resize, BOTH, "RESIZE_NEAREST_NEIGHBOR"),
    (movement.transpose, BOTH, "TRANSPOSE"),
    (movement.reshape, BOTH, "RESHAPE SQUEEZE EXPAND_DIMS"),
    (movement.depth_and_space, INT8, "SPACE_TO_DEPTH DEPTH_TO_SPACE"),
    (movement.batch_and_space, INT8, "SPACE_TO_BATCH_ND BATCH_TO_SPACE_ND"),
    (movement.broadcast_to, BOTH, "BROADCAST_TO"),
    (movement.zeros_like, INT8, "ZEROS_LIKE"),
    (movement.reverse, BOTH, "REVERSE_V2"),
    (reduction.reduction, BOTH, "MEAN SUM"),
    (reduction.reduction, INT8, "REDUCE_MAX REDUCE_MIN"),
    (reduction.search, INT8, "ARG_MAX ARG_MIN"),
    (reduction.cumulative_sum, INT8, "CUMSUM"),
    (reduction.softmax, BOTH, "SOFTMAX"),
    (reduction.log_softmax, INT8, "LOG_SOFTMAX"),
    (reduction.l2_normalization, INT8, "L2_NORMALIZATION"),
    (recurrent.svdf, INT8, "SVDF"),
    (recurrent.lstm, BOTH, "UNIDIRECTIONAL_SEQUENCE_LSTM"),
)

FLOAT32 = ("float32",)
_NOT_IN_FLOAT32 = {elementwise.requantize, elementwise.dequantize}

_PLAIN: tuple[tuple[Family, tuple[str, ...], str], ...] = (
    *(
        (plain.in_float32(family), FLOAT32, operators)
        for family, dtypes, operators in _FAMILIES
        if family not in _NOT_IN_FLOAT32 and dtypes != INT4
    ),
    (plain.unary, FLOAT32, "NEG SQRT EXP LOG SIN COS SQUARE CEIL FLOOR ROUND"),
    (plain.binary, FLOAT32, "FLOOR_DIV FLOOR_MOD"),
    (plain.in_float32(weights.pooling), FLOAT32, "L2_POOL_2D"),
    (plain.logical, ("bool",), "LOGICAL_AND LOGICAL_OR LOGICAL_NOT"),
    (plain.integers, ("int32",), "ADD SUB MUL DIV EQUAL NOT_EQUAL GREATER GREATER_EQUAL LESS LESS_EQUAL"),
    (plain.casts, ("int32", "float32"), "CAST"),
)

Key = tuple[str, str]
"""Operator, and the element type of its data."""


def _by_key(families: tuple[tuple[Family, tuple[str, ...], str], ...]) -> dict[Key, Family]:
    return {
        (operator, dtype): family
        for family, dtypes, operators in families
        for operator in operators.split()
        for dtype in dtypes
    }


QUANTIZED: dict[Key, Family] = _by_key(_FAMILIES)
"""What makes the cases of operators on quantised tensors."""

PLAIN: dict[Key, Family] = _by_key(_PLAIN)
"""What makes the cases of operators on tensors that stand for themselves."""


def cases(operator: str, dtype: str, seed: int = 1) -> list[Case]:
    """All cases of an operator; the same in every process."""
    rng = np.random.default_rng([seed, *operator.encode(), *dtype.encode()])
    family = QUANTIZED[operator, dtype] if (operator, dtype) in QUANTIZED else PLAIN[operator, dtype]
    return list(family(rng, operator, dtype))
