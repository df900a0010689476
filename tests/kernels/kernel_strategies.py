# SPDX-License-Identifier: Apache-2.0
"""Random windows, quantisation values and tensors for hypothesis."""

from __future__ import annotations

from dataclasses import dataclass

import kernel_structures
import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from sconnx.reference.requantize import Requantize
from sconnx.reference.rule import Rule
from sconnx.reference.window import output_size

zero_points = st.one_of(st.sampled_from((-128, 127, 0)), st.integers(-128, 127))
rules = st.sampled_from(list(Rule))
seeds = st.integers(0, 2**32 - 1)


@dataclass(frozen=True, slots=True)
class Axis:
    """A window along the height or the width."""

    size: int
    kernel: int
    stride: int
    dilation: int
    before: int
    after: int

    @property
    def output(self) -> int:
        """Number of window positions."""
        return output_size(self.size, self.kernel, self.stride, self.dilation, self.before, self.after)


@st.composite
def axes(draw: st.DrawFn, dilated: bool = True, only_padding: bool = True) -> Axis:
    """An axis. only_padding: windows of nothing but padding may occur."""
    kernel = draw(st.integers(1, 5))
    stride = draw(st.integers(1, 4))
    dilation = draw(st.integers(1, 3)) if dilated else 1
    span = (kernel - 1) * dilation + 1
    most = span + 1 if only_padding else kernel - 1
    size = draw(st.integers(1, 9))
    before, after = draw(st.integers(0, most)), draw(st.integers(0, most))
    shortage = max(span - size - before - after, 0)
    if only_padding:
        return Axis(size, kernel, stride, dilation, before, after + shortage)
    return Axis(size + shortage, kernel, stride, dilation, before, after)


@st.composite
def limits(draw: st.DrawFn) -> tuple[int, int]:
    """Clamp limits, mostly those of the type."""
    if draw(st.booleans()):
        return -128, 127
    low, high = sorted((draw(st.integers(-128, 127)), draw(st.integers(-128, 127))))
    return low, high


@st.composite
def requantizes(draw: st.DrawFn, channels: int, largest: int) -> Requantize:
    """Requantisation of accumulators up to about `largest`: to int8, or to wildly more or less."""
    rule = draw(rules)
    rng = np.random.default_rng(draw(seeds))
    count = channels if draw(st.booleans()) else 1
    exponent = draw(st.one_of(st.just(8 - largest.bit_length()), st.integers(-31, 8)))
    low, high = draw(limits())
    if rule is Rule.TFLITE:
        multiplier = rng.integers(1 << 30, 1 << 31, count).astype(np.int32)
        shift = np.clip(exponent + rng.integers(-1, 3, count), -31, 30).astype(np.int8)
    else:
        real = rng.uniform(0.5, 2.0, count) * 2.0**exponent
        multiplier, shift = real.astype(np.float32).view(np.int32), np.zeros(0, np.int8)
    return Requantize(rule, multiplier, shift, draw(zero_points), low, high)


def requantize_structure(requantize: Requantize) -> kernel_structures.Requantize:
    """The C structure of a requantisation."""
    return kernel_structures.Requantize(
        multiplier=requantize.multiplier,
        shift=requantize.shift if requantize.rule is Rule.TFLITE else None,
        step=int(requantize.multiplier.size > 1),
        zero_point=requantize.zero_point,
        minimum=requantize.minimum,
        maximum=requantize.maximum,
    )


def replay_image(rows: Axis, in_row_bytes: int, out_row_bytes: int) -> kernel_structures.ReplayImage:
    """What the driver of row kernels needs to know of an image."""
    return kernel_structures.ReplayImage(
        in_height=rows.size,
        in_row_bytes=in_row_bytes,
        out_height=rows.output,
        out_row_bytes=out_row_bytes,
        stride_height=rows.stride,
        dilation_height=rows.dilation,
        pad_top=rows.before,
    )


def int8_tensor(rng: np.random.Generator, *shape: int) -> NDArray[np.int8]:
    """Values from the whole range, or (one time in four) only from its two ends."""
    if rng.integers(4) == 0:
        return rng.choice(np.array([-128, 127], np.int8), shape)
    return rng.integers(-128, 128, shape).astype(np.int8)


def int32_bias(rng: np.random.Generator, channels: int, largest: int) -> NDArray[np.int32] | None:
    """Biases up to `largest`, or none."""
    if rng.integers(3) == 0:
        return None
    return rng.integers(-largest, largest + 1, channels).astype(np.int32)
