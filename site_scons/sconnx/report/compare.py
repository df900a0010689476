# SPDX-License-Identifier: Apache-2.0
"""Verification: every layer against the reference, every output against golden vectors, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from sconnx.codegen.names import c_comment
from sconnx.emulate.firmware import Firmware, Observation
from sconnx.emulate.layers import Layer
from sconnx.emulate.vectors import Vector, to_source
from sconnx.errors import SconnxError
from sconnx.graph.graph import Graph
from sconnx.graph.model import Model
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule

_EXCEPTIONS = {Rule.ONNX: "every layer equals the reference; where rule onnx may differ by 1: ARCHITECTURE.md, Numbers"}


def _first_difference(want: NDArray[np.generic], have: NDArray[np.generic]) -> str:
    """`12 of 640 values differ, first at [0, 3]: -5 instead of -4`."""
    wrong = np.argwhere(want != have)
    at = tuple(int(i) for i in wrong[0])
    return f"{len(wrong)} of {want.size} values differ, first at {list(at)}: {have[at]} instead of {want[at]}"


def compare_layers(
    graph: Graph, k: int, layers: Mapping[int, Layer], expected: Mapping[int, NDArray[np.generic]]
) -> None:
    """Raise SconnxError E510 for the first node whose output is not the reference's.

    Args:
        graph: the lowered graph, whose nodes ran.
        layers: what was observed of the tensors that they wrote.
        expected: values of the imported graph's tensors; a tensor that only an adapter knows has none.
    """
    written = [(index, node, tensor) for index, node in enumerate(graph.nodes) for tensor in node.outputs]
    for index, node, tensor in written:
        want, have = expected.get(tensor), layers.get(tensor)
        if want is not None and have is not None and have.differs(want).any():
            raise SconnxError(
                "E510",
                f"layer {index} '{c_comment(node.name)}' ({node.type}) is the first that diverges from the reference",
                where=graph.name,
                why=f"vector {k}: {_first_difference(np.where(have.differs(want), want, have.values), have.values)}",
                help="the layers before it are exact: look at this layer's kernel",
            )


def verify(
    firmware: Firmware, model: Model, vectors: Sequence[Vector], observation: Observation, source: str
) -> dict[str, object]:
    """The verdict as JSON data.

    Args:
        source: where the vectors come from, for messages.

    Raises:
        SconnxError: E510 names the first diverging layer; E511 an output that differs from its golden vector.
    """
    golden = 0
    for k, vector in enumerate(vectors):
        expected: dict[int, NDArray[np.generic]] = dict(model.params.value)
        expected.update(zip(model.graph.inputs, vector.inputs, strict=True))
        expected.update(execute(model, vector.inputs))
        if observation.layers:
            compare_layers(firmware.graph, k, observation.layers[k], expected)
        for position, port in enumerate(firmware.interface.outputs):
            have = observation.outputs[k][position]
            want = expected[port.tensor]
            if not np.array_equal(want, have):
                raise _output_error(model, k, port.name, "the reference", _first_difference(want, have))
            if vector.expected:
                given = vector.expected[position]
                shown = to_source(port, have, given.dtype).reshape(given.shape)
                if not np.array_equal(given, shown):
                    difference = _first_difference(given, shown) + _steps(given, shown, port.scale)
                    raise _output_error(model, k, port.name, source, difference, _EXCEPTIONS.get(model.graph.rule, ""))
                golden += 1
    return {
        "schema": "sconnx.verify/1",
        "model": model.graph.name,
        "rule": model.graph.rule.value,
        "board": firmware.board.name,
        "vectors": len(vectors),
        "golden_outputs": golden,
        "layers": len(observation.layers[0]) if observation.layers else 0,
        "audit": asdict(observation.audit) if observation.audit else None,
        "exact": True,
    }


def _steps(want: NDArray[np.generic], have: NDArray[np.generic], scale: float) -> str:
    """How far apart dequantised values are, which alone say little."""
    if want.dtype != np.float32:
        return ""
    distance = np.abs(want.astype(np.float64) - have.astype(np.float64)).max() / scale
    return f"; at most {distance:.3g} steps of the scale"


def _output_error(model: Model, k: int, name: str, against: str, difference: str, hint: str = "") -> SconnxError:
    return SconnxError(
        "E511",
        f"output '{c_comment(name)}' differs from {against}",
        where=model.graph.name,
        why=f"vector {k}: {difference}",
        help=hint,
    )
