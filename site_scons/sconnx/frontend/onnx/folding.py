# SPDX-License-Identifier: Apache-2.0
"""Nodes whose inputs are all known are computed at import, with onnx.reference."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray

from sconnx.frontend.onnx.values import Folded, Unsupported

KEEPS_QUANTIZATION = {
    "QuantizeLinear", "DequantizeLinear", "Identity", "Dropout", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze",
    "Concat", "Split",
}  # fmt: skip
"""Operators whose translation takes constants that are quantised."""
RANDOM = {
    "Bernoulli",
    "Multinomial",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
}
CONTROL = {"If", "Loop", "Scan", "SequenceMap"}
MOST_ELEMENTS = 2**28
"""Of a constant that is computed; a larger one would be in the firmware's flash, or is an error."""


def is_foldable(node: onnx.NodeProto, inputs: Sequence[object]) -> bool:
    """Whether a node of the default domain is computed at import: all inputs are known, and so is what it does."""
    present = [value for value in inputs if value is not None]
    constants = [value for value in present if isinstance(value, Folded)]
    if not present or len(constants) != len(present) or node.op_type in RANDOM | CONTROL:
        return False
    if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
        return False
    return node.op_type not in KEEPS_QUANTIZATION or all(constant.quantization is None for constant in constants)


def fold(node: onnx.NodeProto, opsets: Mapping[str, int], inputs: Sequence[Folded | None]) -> tuple[Folded, ...]:
    """The outputs of a node as constants.

    Raises:
        Unsupported: onnx.reference cannot compute it.
    """
    from onnx.reference import ReferenceEvaluator

    arrays = {
        name: value.real() if value.quantization is not None else value.value
        for name, value in zip(node.input, inputs, strict=False)
        if value is not None
    }
    _check_size(node, [None if value is None else value.value for value in inputs])
    graph = onnx.helper.make_graph(
        [node],
        "folded",
        [
            onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
            for name, value in arrays.items()
        ],
        [onnx.ValueInfoProto(name=name) for name in node.output if name],
    )
    imports = [onnx.helper.make_opsetid(domain, version) for domain, version in opsets.items()]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            results = ReferenceEvaluator(onnx.helper.make_model(graph, opset_imports=imports)).run(None, arrays)
    except Exception as error:  # whatever someone else's implementation of a damaged node raises
        raise Unsupported(f"its value cannot be computed at build time: {type(error).__name__}") from None
    named = iter(results)
    return tuple(_constant(name, next(named)) if name else Folded(name, np.zeros(0)) for name in node.output)


def _constant(name: str, result: object) -> Folded:
    if not isinstance(result, np.ndarray | np.generic) or np.asarray(result).dtype.kind in "OUS":
        raise Unsupported("its value is no tensor of numbers")
    return Folded(name, np.asarray(result))


def _check_size(node: onnx.NodeProto, inputs: Sequence[NDArray[np.generic] | None]) -> None:
    """Refuse what would fill the memory of this computer."""
    first = inputs[0] if inputs else None
    second = inputs[1] if len(inputs) > 1 else None
    count = 0.0
    if node.op_type == "ConstantOfShape" and first is not None:
        count = math.prod(float(dim) for dim in first.reshape(-1))
    elif node.op_type in ("Expand", "Tile", "Pad", "Resize", "Upsample") and first is not None and second is not None:
        factors = [max(1.0, abs(float(item))) for item in second.reshape(-1)[:64] if np.isfinite(float(item))]
        count = first.size * math.prod(factors) if node.op_type != "Expand" else math.prod(factors)
    elif node.op_type == "Range" and all(value is not None and value.size == 1 for value in inputs[:3]):
        start, limit, delta = (float(np.asarray(value).reshape(-1)[0]) for value in inputs[:3] if value is not None)
        count = abs((limit - start) / delta) if delta else math.inf
    if not count <= MOST_ELEMENTS:
        raise Unsupported(f"its value has more than {MOST_ELEMENTS} elements")
