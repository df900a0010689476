# SPDX-License-Identifier: Apache-2.0
"""Resize and Upsample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.computed import Read, computed
from sconnx.frontend.onnx.movers import through
from sconnx.frontend.onnx.values import Unsupported, Value, View
from sconnx.frontend.onnx.writer import axes_from, order_of
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Coordinates, Dims, Interpolation, Nearest, Resize
from sconnx.graph.tensor import DType

T = TypeVar("T")
MODES = {mode.value: mode for mode in Interpolation}
PLACES = {place.value: place for place in Coordinates}
ROUNDINGS = {rounding.value: rounding for rounding in Nearest}


@translates("Upsample")
def upsample(call: Call) -> Value:
    """Until opset 9; scales are an attribute until opset 8, then an input."""
    value = call.value(0)
    scales = call.reals("scales") if call.opset < 9 else _scales(call, 1)
    return _old(call, value, scales)


def _old(call: Call, value: Value, scales: tuple[float, ...] | None) -> Value:
    """As before opset 11: places are i / scale, rounded down."""
    if scales is None or len(scales) != len(value.dims):
        raise Unsupported(f"scales {list(scales or ())} do not fit dims {value.dims}")
    mode = call.string("mode", "nearest")
    operator = Resize(
        dims=_dims(value.dims, scales),
        scales=scales,
        interpolation=_one_of(MODES, "mode", mode),
        coordinates=Coordinates.ASYMMETRIC,
        nearest=Nearest.FLOOR,
    )
    return _resized(call, value, operator)


@translates("Resize")
def resize(call: Call) -> Value:
    value = call.value(0)
    if call.opset < 11:
        return _old(call, value, _scales(call, 1))
    count = len(value.dims)
    axes = axes_from(count, call.integers("axes") or tuple(range(count)))
    given, sizes = _scales(call, 2), call.constant_integers(3, "sizes")
    if (given or sizes) is None or len(given or sizes or ()) != len(axes):
        raise Unsupported(f"neither scales nor sizes fit the {len(axes)} dimensions that are resized")
    scales, dims = [1.0] * count, list(value.dims)
    if given:
        for axis, scale in zip(axes, given, strict=True):
            scales[axis], dims[axis] = scale, math.floor(value.dims[axis] * scale)
    elif sizes:
        factors = _factors(call, [value.dims[axis] for axis in axes], sizes)
        keeps = call.string("keep_aspect_ratio_policy", "stretch") != "stretch"
        for axis, factor, size in zip(axes, factors, sizes, strict=True):
            scales[axis] = factor
            dims[axis] = math.floor(factor * value.dims[axis] + 0.5) if keeps else size
    mode = _one_of(MODES, "mode", call.string("mode", "nearest"))
    operator = Resize(
        dims=tuple(dims),
        scales=tuple(scales),
        interpolation=mode,
        coordinates=_one_of(
            PLACES, "coordinate_transformation_mode", call.string("coordinate_transformation_mode", "half_pixel")
        ),
        nearest=_one_of(ROUNDINGS, "nearest_mode", call.string("nearest_mode", "round_prefer_floor")),
        crop=_crop(call, count, axes),
        extrapolation=call.real_number("extrapolation_value", 0.0),
        cubic=call.real_number("cubic_coeff_a", -0.75),
        exclude_outside=bool(call.integer("exclude_outside", 0)),
        antialias=bool(call.integer("antialias", 0)),
    )
    return _resized(call, value, operator)


def _one_of(known: dict[str, T], what: str, name: str) -> T:
    if name not in known:
        raise Unsupported(f"{what} is {name!r}, none of {', '.join(map(repr, known))}")
    return known[name]


def _scales(call: Call, position: int) -> tuple[float, ...] | None:
    """A constant list of numbers; None when it is absent or empty."""
    if call.optional(position) is None:
        return None
    values = call.constant(position, "scales").real().reshape(-1)
    if values.size and not (np.all(np.isfinite(values)) and np.all(values > 0)):
        raise Unsupported(f"scales {values.tolist()} are not all above 0")
    return tuple(float(scale) for scale in values) or None


def _dims(dims: Dims, scales: Sequence[float]) -> Dims:
    return tuple(math.floor(dim * scale) for dim, scale in zip(dims, scales, strict=True))


def _factors(call: Call, dims: Sequence[int], sizes: Sequence[int]) -> list[float]:
    """Output by input size; one for all where the aspect ratio is kept."""
    factors = [size / dim for size, dim in zip(sizes, dims, strict=True)]
    policy = call.string("keep_aspect_ratio_policy", "stretch")
    if policy == "stretch":
        return factors
    if policy not in ("not_larger", "not_smaller"):
        raise Unsupported(f"keep_aspect_ratio_policy is {policy!r}")
    return [min(factors) if policy == "not_larger" else max(factors)] * len(factors)


def _crop(call: Call, count: int, axes: Sequence[int]) -> tuple[tuple[float, float], ...]:
    """The part of each dimension that is resized, from 0 to 1; only `tf_crop_and_resize` has one."""
    if call.string("coordinate_transformation_mode", "half_pixel") != Coordinates.CROP.value:
        return ()
    given = call.constant(1, "roi").real().reshape(-1)
    if given.size != 2 * len(axes):
        raise Unsupported(f"roi {given.tolist()} does not fit {len(axes)} dimensions")
    crop = [(0.0, 1.0)] * count
    for place, axis in enumerate(axes):
        crop[axis] = (float(given[place]), float(given[place + len(axes)]))
    return tuple(crop)


def _resized(call: Call, value: Value, operator: Resize) -> Value:
    """In the stored order of dimensions. The nearest element keeps its quantisation, others are computed."""
    if operator.dims == value.dims and not operator.crop and all(scale == 1 for scale in operator.scales):
        return value

    def stored(view: View, quant: QuantValues | None) -> View:
        tensor, axes = call.writer.layout(view)
        own = _in_order(operator, axes)
        output = call.writer.node(own, (tensor,), quant, call.index, call.writer.dtype(view))
        return View(output, operator.dims, order_of(axes, operator.dims))

    def build(read: Read, quant: QuantValues | None, _: Activation) -> View:
        if quant is not None:
            raise Unsupported("ONNX interpolates float32, int8 has no arithmetic for it")
        return stored(read(0), None)

    if operator.interpolation is Interpolation.NEAREST and not operator.crop:
        return through(
            call, value, operator.dims, lambda view: stored(view, call.writer.builder.quantizations.get(view.tensor))
        )
    if call.dtype(value) is not DType.FLOAT32:
        return call.as_value(stored(call.plain(0), None))
    return computed(call, operator.dims, build, operands=(value,))


def _in_order(operator: Resize, axes: Sequence[int]) -> Resize:
    """With the dimensions in another order."""
    return replace(
        operator,
        dims=tuple(operator.dims[axis] for axis in axes),
        scales=tuple(operator.scales[axis] for axis in axes),
        crop=tuple(operator.crop[axis] for axis in axes) if operator.crop else (),
    )
