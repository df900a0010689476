# SPDX-License-Identifier: Apache-2.0
"""One-dimensional operators as two-dimensional ones."""

from __future__ import annotations

from dataclasses import fields

from sconnx.graph.operator.base import Operator
from sconnx.graph.operator.convolution import (
    Conv1D,
    Conv2D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    TransposedConv1D,
    TransposedConv2D,
)
from sconnx.graph.operator.pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D

_OF_IMAGES: dict[type[Operator], type[Operator]] = {
    Conv1D: Conv2D,
    DepthwiseConv1D: DepthwiseConv2D,
    TransposedConv1D: TransposedConv2D,
    AveragePooling1D: AveragePooling2D,
    MaxPooling1D: MaxPooling2D,
}


def as_2d(operator: Operator) -> Operator:
    """A one-dimensional operator as the two-dimensional one on images of height 1; any other operator unchanged.

    The elements of inputs, weights and output are the same, in the same order.
    """
    cls = _OF_IMAGES.get(type(operator))
    if cls is None:
        return operator
    attributes = {field.name: getattr(operator, field.name) for field in fields(operator)}
    for name, value in attributes.items():
        if name.endswith("_dims"):
            attributes[name] = (1, *value)
        elif name == "output_padding":
            attributes[name] = (0, *value)
    before, after = attributes["padding"]
    return cls(**{**attributes, "padding": (0, before, 0, after)})
