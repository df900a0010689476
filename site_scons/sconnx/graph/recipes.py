# SPDX-License-Identifier: Apache-2.0
"""The MetaOperators that sconnx knows by name. A lib registers any of them, or defines its own."""

from __future__ import annotations

from sconnx.graph.recipe import Pattern, Recipe


def _gate(name: str, activation: str) -> tuple[Pattern, ...]:
    """activation(W x + R h): the gate of a recurrent cell, each product a FullyConnected with an optional bias."""
    return (
        Pattern(f"{name}_x", "FullyConnected", ("x", f"{name}_w", f"{name}_wb?")),
        Pattern(f"{name}_h", "FullyConnected", ("h", f"{name}_r", f"{name}_rb?")),
        Pattern(f"{name}_sum", "Add", (f"{name}_x", f"{name}_h")),
        Pattern(name, activation, (f"{name}_sum",)),
    )


PADDED_CONV2D = Recipe(
    "PaddedConv2D", (Pattern("pad", "Pad2D", ("x",)), Pattern("conv", "Conv2D", ("pad", "weights", "bias?")))
)

PADDED_MAX_POOLING2D = Recipe(
    "PaddedMaxPooling2D", (Pattern("pad", "Pad2D", ("x",)), Pattern("pool", "MaxPooling2D", ("pad",)))
)

CONV_RELU = Recipe(
    "ConvRelu", (Pattern("conv", "Conv2D", ("x", "weights", "bias?")), Pattern("relu", "Relu", ("conv",)))
)

CONV_ADD = Recipe(
    "ConvAdd", (Pattern("conv", "Conv2D", ("x", "weights", "bias?")), Pattern("add", "Add", ("conv", "skip")))
)

LSTM = Recipe(
    "LSTM",
    (
        *_gate("input", "Sigmoid"),
        *_gate("forget", "Sigmoid"),
        *_gate("cell", "Tanh"),
        *_gate("output", "Sigmoid"),
        Pattern("kept", "Mul", ("forget", "c")),
        Pattern("added", "Mul", ("input", "cell")),
        Pattern("c_next", "Add", ("kept", "added")),
        Pattern("squashed", "Tanh", ("c_next",)),
        Pattern("h_next", "Mul", ("output", "squashed")),
    ),
    outputs=("h_next", "c_next"),
)
"""One step of a long short-term memory: inputs x, h, c and the gates' weights; outputs the next h and c."""

GRU = Recipe(
    "GRU",
    (
        *_gate("update", "Sigmoid"),
        *_gate("reset", "Sigmoid"),
        Pattern("hidden_x", "FullyConnected", ("x", "hidden_w", "hidden_wb?")),
        Pattern("hidden_h", "FullyConnected", ("h", "hidden_r", "hidden_rb?")),
        Pattern("gated", "Mul", ("reset", "hidden_h")),
        Pattern("hidden_sum", "Add", ("hidden_x", "gated")),
        Pattern("hidden", "Tanh", ("hidden_sum",)),
        Pattern("difference", "Sub", ("h", "hidden")),
        Pattern("kept", "Mul", ("update", "difference")),
        Pattern("h_next", "Add", ("hidden", "kept")),
    ),
)
"""One step of a gated recurrent unit, h_next = hidden + update * (h - hidden)."""

RECIPES = {recipe.name: recipe for recipe in (PADDED_CONV2D, PADDED_MAX_POOLING2D, CONV_RELU, CONV_ADD, LSTM, GRU)}
