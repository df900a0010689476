# SPDX-License-Identifier: Apache-2.0
"""SVDF and LSTM by the TFLite rule.

Formulas: tflite-micro, `micro/kernels/svdf_common.cc`, `micro/kernels/lstm_eval.h`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sconnx.reference.binary import Affine
from sconnx.reference.fixed_point import (
    Int64Array,
    multiply_by_quantized_multiplier,
    multiply_wide,
    quantize_multiplier,
    quantize_wide_multiplier,
)
from sconnx.reference.rule import ScaleError
from sconnx.reference.sigmoid16 import sigmoid16, tanh16

Array = NDArray[Any]
Factor = tuple[int, int]
"""Q31 multiplier and shift."""
GATES = 4
"""Input, output, forget and cell, in this order."""


def clamped(values: Int64Array, dtype: np.dtype[Any]) -> Int64Array:
    """Within the range of an integer type."""
    limits = np.iinfo(dtype)
    return np.clip(values, int(limits.min), int(limits.max))


@dataclass(frozen=True, slots=True)
class FixedPointSVDF:
    """state = clamp(M_feature(w (x - z_x)) + z_state), y = clamp(M_time(bias + t (state - z_state)) + z_y), M rounded twice.

    The activation is that of the output's range: tflite-micro has no other.

    Attributes:
        feature: float32(s_x * s_w / s_state).
        time: float32(s_state * s_t / s_y).
    """

    feature: Factor
    time: Factor
    input_zero_point: int
    state_zero_point: int
    zero_point: int

    def __call__(
        self, x: Array, features: Array, time: Array, bias: Array | None, state: Array, rank: int
    ) -> tuple[Array, Array]:
        """y [N,F/rank] and the next state [N,F*M] of x [N,I], features [F,I], time [F,M], state [N,F*M]."""
        filters, memory = time.shape
        products = (x.astype(np.int64) - self.input_zero_point) @ features.astype(np.int64).T
        latest = clamped(multiply_by_quantized_multiplier(products, *self.feature), state.dtype)
        kept = state.astype(np.int64).reshape(len(x), filters, memory)
        wrapped = (latest + self.state_zero_point).astype(state.dtype).astype(np.int64)
        following = np.concatenate([kept[..., 1:], wrapped[..., np.newaxis]], axis=-1)
        sums = ((following - self.state_zero_point) * time).sum(axis=-1).reshape(len(x), filters // rank, rank)
        totals = sums.sum(axis=-1) + (0 if bias is None else bias.astype(np.int64))
        # Sums of int16 products are int32, which wrap.
        scaled = multiply_by_quantized_multiplier(totals.astype(np.int32), *self.time) + self.zero_point
        return clamped(scaled, x.dtype).astype(x.dtype), following.reshape(state.shape).astype(state.dtype)


def fixed_point_svdf(x: Affine, features: float, time: float, state: Affine, y: Affine) -> FixedPointSVDF:
    """Derive the factors from the scales."""
    s_x, s_w, s_t, s_state, s_y = map(np.float32, (x.scale, features, time, state.scale, y.scale))
    return FixedPointSVDF(
        quantize_multiplier(float(s_x * s_w / s_state)),
        quantize_multiplier(float(s_state * s_t / s_y)),
        x.zero_point,
        state.zero_point,
        y.zero_point,
    )


@dataclass(frozen=True, slots=True)
class FixedPointLSTM:
    """One step: gates are sigmoids, the last a tanh, of the saturated sum of two products in Q3.12; they and the cell are int16.

    cell = clip(M_forget(f * cell) + M_input(i * c)), h = clamp(M_hidden(tanh(cell) * o) + z_h), all sums saturated.

    Attributes:
        inputs, recurrent: factors of the gates' products: float32(s_x * s_w) / 2^-12.
        forget, input, hidden: 2^-15, 2^-30 / s_cell, 2^-30 / s_h.
        cell_input: multiplier and right shift of the cell as an input of a tanh.
        cell_clip: largest magnitude of the cell; 0: no limit.
    """

    inputs: tuple[Factor, ...]
    recurrent: tuple[Factor, ...]
    forget: Factor
    input: Factor
    hidden: Factor
    cell_input: tuple[int, int]
    cell_clip: int
    input_zero_point: int
    hidden_zero_point: int

    def step(self, x: Array, w: Array, r: Array, bias: Array, h: Array, c: Array) -> tuple[Array, Array]:
        """The next h [N,H] and c [N,H] of x [N,I], w [4*H,I], r [4*H,H], bias [8*H], h and c."""
        products = (x.astype(np.int64) - self.input_zero_point) @ w.astype(np.int64).T + bias[: len(w)]
        recurrent = (h.astype(np.int64) - self.hidden_zero_point) @ r.astype(np.int64).T + bias[len(w) :]
        int16 = np.dtype(np.int16)
        multiply = multiply_wide if x.dtype == int16 else multiply_by_quantized_multiplier
        gates = []
        for own, again, by_input, by_state in zip(
            np.split(products, GATES, axis=1),
            np.split(recurrent, GATES, axis=1),
            self.inputs,
            self.recurrent,
            strict=True,
        ):
            first = clamped(multiply(own, *by_input), int16)
            gates.append(clamped(first + clamped(multiply(again, *by_state), int16), int16))
        i, o, f = (sigmoid16(gate, 3, 0) for gate in gates[:3])
        new = tanh16(gates[3], 3, 0)
        kept = clamped(multiply_by_quantized_multiplier(f * c.astype(np.int64), *self.forget), int16)
        added = clamped(multiply_by_quantized_multiplier(i * new, *self.input), int16)
        cell = clamped(kept + added, int16)
        if self.cell_clip:
            cell = np.clip(cell, -self.cell_clip, self.cell_clip)
        product = tanh16(cell, *self.cell_input) * o
        hidden = multiply_by_quantized_multiplier(product, *self.hidden) + self.hidden_zero_point
        return clamped(hidden, h.dtype).astype(h.dtype), cell.astype(np.int16)


def fixed_point_lstm(
    x: Affine,
    w_scales: ArrayLike,
    r_scales: ArrayLike,
    hidden: Affine,
    cell_scale: float,
    cell_clip: float,
    *,
    wide: bool = False,
) -> FixedPointLSTM:
    """Derive the factors.

    Args:
        w_scales, r_scales: one for each of 4*H rows, of which those of a gate are equal.
        cell_clip: a real number; 0: no limit.
        wide: whether inputs are int16, whose sums of products have 48 bits.

    Raises:
        ScaleError: the cell's scale is no power of two or very large or small, or a factor is beyond what a multiplier holds.
    """
    power = round(math.log2(cell_scale))
    shift = 15 + power - 3
    if 2.0**power != cell_scale or not -31 <= shift <= 14:
        raise ScaleError(f"the scale {cell_scale} of the cell state is no power of two from 2^-43 to 4")

    def factors(scale: float, scales: ArrayLike) -> tuple[Factor, ...]:
        all_scales = np.asarray(scales, np.float32)
        per_gate = (
            np.broadcast_to(all_scales, (GATES,)) if all_scales.size == 1 else all_scales.reshape(GATES, -1)[:, 0]
        )
        quantized = quantize_wide_multiplier if wide else quantize_multiplier
        return tuple(quantized(float(np.float32(scale) * each) / 2.0**-12) for each in per_gate)

    return FixedPointLSTM(
        inputs=factors(x.scale, w_scales),
        recurrent=factors(hidden.scale, r_scales),
        forget=quantize_multiplier(2.0**-15),
        input=quantize_multiplier(2.0**-30 / cell_scale),
        hidden=quantize_multiplier(2.0**-30 / float(np.float32(hidden.scale))),
        cell_input=(3 << shift, 0) if shift >= 0 else (3, -shift),
        cell_clip=int(min(float(np.float32(cell_clip)) / cell_scale, 32767.0)),
        input_zero_point=x.zero_point,
        hidden_zero_point=hidden.zero_point,
    )
