# SPDX-License-Identifier: Apache-2.0
"""Which inputs of which operators are parameters: constants of the model, which onnx's tests give at run time.

A firmware has weights in flash and shapes in its code. What is frozen is an initializer with the value of the test.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

Array = NDArray[np.generic]

_WEIGHTS = {
    "CausalConvWithState": (1, 2),
    "Conv": (1, 2),
    "ConvInteger": (1, 2, 3),
    "ConvTranspose": (1, 2),
    "DeformConv": (1, 3),
    "GRU": (1, 2, 3),
    "Gemm": (1, 2),
    "LSTM": (1, 2, 3, 7),
    "MatMulInteger": (1, 2, 3),
    "PRelu": (1,),
    "QLinearConv": (1, 2, 3, 4, 5, 6, 7, 8),
    "QLinearMatMul": (1, 2, 3, 4, 5, 6, 7),
    "RNN": (1, 2, 3),
}
_NORMALIZATION = {
    "BatchNormalization": (1, 2, 3, 4),
    "GroupNormalization": (1, 2),
    "InstanceNormalization": (1, 2),
    "LayerNormalization": (1, 2),
    "RMSNormalization": (1,),
}
_STATES = {"GRU": (4, 5), "LSTM": (4, 5, 6), "RNN": (4, 5), "ReverseSequence": (1,)}
"""Lengths of sequences, and initial states."""
_QUANTIZATION = {"DequantizeLinear": (1, 2), "QuantizeLinear": (1, 2)}
_SHAPES = {
    "AffineGrid": (1,),
    "BlackmanWindow": (0,),
    "CenterCropPad": (1,),
    "Clip": (1, 2),
    "Col2Im": (1, 2),
    "ConstantOfShape": (0,),
    "CumProd": (1,),
    "CumSum": (1,),
    "DFT": (1, 2),
    "Dropout": (1, 2),
    "Expand": (1,),
    "HammingWindow": (0,),
    "HannWindow": (0,),
    "MaxUnpool": (2,),
    "MelWeightMatrix": (0, 1, 2, 3, 4),
    "OneHot": (1, 2),
    "Pad": (1, 2, 3),
    "Range": (0, 1, 2),
    "Reshape": (1,),
    "Resize": (1, 2, 3),
    "STFT": (1, 2, 3),
    "Slice": (1, 2, 3, 4),
    "Split": (1,),
    "SplitToSequence": (1,),
    "Squeeze": (1,),
    "Tile": (1,),
    "TopK": (1,),
    "Trilu": (1,),
    "Unsqueeze": (1,),
    "Upsample": (1,),
    **dict.fromkeys(
        ("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin"), (1,)
    ),
    **dict.fromkeys(("ReduceProd", "ReduceSum", "ReduceSumSquare"), (1,)),
}
"""Shapes, axes, pads, scales, counts, limits."""
_CONDITIONS = {"If": (0,)}


def _joined() -> dict[str, tuple[int, ...]]:
    joined: dict[str, tuple[int, ...]] = {}
    for table in (_WEIGHTS, _NORMALIZATION, _STATES, _QUANTIZATION, _SHAPES, _CONDITIONS):
        for operator, positions in table.items():
            joined[operator] = tuple(sorted({*joined.get(operator, ()), *positions}))
    return dict(sorted(joined.items()))


PARAMETERS = MappingProxyType(_joined())
"""Positions of the inputs that are parameters, by operator of the default domain."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A model whose parameters are initializers.

    Args:
        names: of the inputs that were frozen, in order.
        kept: positions of the inputs that are left.
    """

    model: onnx.ModelProto
    names: tuple[str, ...]
    kept: tuple[int, ...]


def parameters(model: onnx.ModelProto) -> set[str]:
    """The graph inputs that some node reads as a parameter."""
    return {
        node.input[position]
        for node in model.graph.node
        if node.domain in ("", "ai.onnx")
        for position in PARAMETERS.get(node.op_type, ())
        if position < len(node.input) and node.input[position]
    } & {entry.name for entry in model.graph.input}


def freeze(model: onnx.ModelProto, inputs: Sequence[Array], also: Collection[str] = ()) -> Frozen:
    """Make initializers of the graph inputs that are parameters, and of those named in `also`.

    Args:
        inputs: the values of all graph inputs that are no initializers yet, in order.
    """
    wanted = parameters(model) | set(also)
    frozen = onnx.ModelProto()
    frozen.CopyFrom(model)
    graph = frozen.graph
    given = {tensor.name for tensor in graph.initializer}
    entries = [entry for entry in graph.input if entry.name not in given]
    kept = tuple(position for position, entry in enumerate(entries) if entry.name not in wanted)
    names = tuple(entry.name for entry in entries if entry.name in wanted)
    for entry, value in zip(entries, inputs, strict=False):
        if entry.name in wanted:
            graph.initializer.append(numpy_helper.from_array(np.asarray(value), entry.name))
    remaining = [entry for entry in graph.input if entry.name not in wanted]
    del graph.input[:]
    graph.input.extend(remaining)
    return Frozen(frozen, names, kept)
