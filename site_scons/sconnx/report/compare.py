# SPDX-License-Identifier: Apache-2.0
"""Verification: every layer against the reference, every output against golden vectors.

Integers are compared bit for bit, and float32 values that nothing was computed for as well; others must be close, as
`closeness` says. Each layer is judged by what it really read, so a value that is close but not equal is no error of the
layers behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sconnx.codegen.interface import Port
from sconnx.codegen.names import c_comment
from sconnx.emulate.firmware import Firmware, Observation
from sconnx.emulate.layers import Layer
from sconnx.emulate.vectors import Vector, to_source
from sconnx.errors import SconnxError
from sconnx.graph.graph import Graph
from sconnx.graph.model import Model
from sconnx.reference.exact import computes_float, exact_tensors
from sconnx.reference.execute import execute, first_states, next_states
from sconnx.reference.rule import Rule
from sconnx.report.closeness import TOLERANCE, is_beyond, largest_error

Array = NDArray[np.generic]
_EXCEPTIONS = {Rule.ONNX: "every layer equals the reference; where rule onnx may differ by 1: ARCHITECTURE.md, Numbers"}


@dataclass(slots=True)
class _Verdict:
    """What was compared, and how far apart it was.

    Attributes:
        exact: whether everything was compared for equality.
        error, golden_error: the largest error of float32 values against the reference, and against golden outputs.
        golden_steps: how far quantised outputs that float32 arithmetic is before are from golden ones, in steps of their scale.
    """

    exact: bool = True
    error: float = 0.0
    golden_error: float = 0.0
    golden_steps: int = 0
    golden: int = 0

    def to_json(self) -> dict[str, object]:
        tolerance = {
            "relative": TOLERANCE,
            "largest_error": self.error,
            "largest_golden_error": self.golden_error,
            "golden_steps": self.golden_steps,
        }
        return {"exact": self.exact, "tolerance": None if self.exact else tolerance}


def _difference(want: Array, have: Array, *, exact: bool) -> str | None:
    """`12 of 640 values differ, first at [0, 3]: -5 instead of -4`; None: there is no difference."""
    wrong = np.argwhere(is_beyond(want, have, exact=exact))
    if not len(wrong):
        return None
    at = tuple(int(i) for i in wrong[0])
    by = "" if exact or want.dtype != np.float32 else f" by more than {TOLERANCE:g}"
    largest = f"; the largest error is {largest_error(want, have):.2g}" if by else ""
    return (
        f"{len(wrong)} of {want.size} values differ{by}, first at {list(at)}: {have[at]} instead of {want[at]}{largest}"
    )


def compare_layers(
    graph: Graph,
    k: int,
    layers: Mapping[int, Layer],
    expected: Mapping[int, Array],
    rounded: AbstractSet[int] = frozenset(),
) -> float:
    """The largest error of a float32 value that need not be exact.

    Args:
        graph: the lowered graph, whose nodes ran.
        rounded: quantised tensors that lowering has computed in float32: they may be one step off.
        layers: what was observed of the tensors that they wrote.
        expected: values of the imported graph's tensors; a tensor that only an adapter knows has none.

    Raises:
        SconnxError: E510, for the first node whose output is not the reference's.
    """
    largest = 0.0
    written = [(index, node, tensor) for index, node in enumerate(graph.nodes) for tensor in node.outputs]
    for index, node, tensor in written:
        want, layer = expected.get(tensor), layers.get(tensor)
        if want is None or layer is None:
            continue
        exact = not computes_float(graph, node)
        have = layer.completed(want)
        if tensor in rounded and np.abs(want.astype(np.int64) - have.astype(np.int64)).max(initial=0) <= 1:
            continue
        difference = _difference(want, have, exact=exact)
        if difference is not None:
            raise SconnxError(
                "E510",
                f"layer {index} '{c_comment(node.name)}' ({node.type}) is the first that diverges from the reference",
                where=graph.name,
                why=f"vector {k}: {difference}",
                help="the layers before it are exact: look at this layer's kernel",
            )
        if not exact:
            largest = max(largest, largest_error(want, have))
    return largest


def verify(
    firmware: Firmware, model: Model, vectors: Sequence[Vector], observation: Observation, source: str
) -> dict[str, object]:
    """The verdict as JSON data.

    Args:
        source: where the vectors come from, for messages.

    Raises:
        SconnxError: E510 names the first diverging layer; E511 an output that differs from the reference or its golden vector.
    """
    exact = exact_tensors(firmware.graph)
    rounded = _rounded(model.graph, firmware.graph)
    verdict = _Verdict(exact=len(exact) == len(firmware.graph.tensors))
    states = first_states(model)
    for k, vector in enumerate(vectors):
        layers = observation.layers[k] if observation.layers else {}
        expected: dict[int, Array] = {**model.params.value, **states}
        expected.update(zip(model.graph.inputs, vector.inputs, strict=True))
        computed = execute(model, vector.inputs, states, partial(_adopt, layers))
        expected.update(computed)
        seen = {tensor: _adopt(layers, tensor, value) for tensor, value in computed.items()}
        states = next_states(model, vector.inputs, seen)
        if layers:
            verdict.error = max(verdict.error, compare_layers(firmware.graph, k, layers, expected, rounded))
        for position, port in enumerate(firmware.interface.outputs):
            have = observation.outputs[k][position]
            want = expected[port.tensor]
            _check_output(
                model,
                k,
                port,
                want,
                have,
                verdict,
                exact=port.tensor in exact,
                judged=bool(layers) and port.tensor not in rounded,
            )
            if vector.expected:
                given = vector.expected[position]
                _check_golden(model, k, port, given, have, verdict, source, exact=port.tensor in exact)
    return {
        "schema": "sconnx.verify/1",
        "model": model.graph.name,
        "rule": model.graph.rule.value,
        "board": firmware.board.name,
        "vectors": len(vectors),
        "golden_outputs": verdict.golden,
        "layers": len(observation.layers[0]) if observation.layers else 0,
        "audit": asdict(observation.audit) if observation.audit else None,
        **verdict.to_json(),
    }


def _rounded(imported: Graph, lowered: Graph) -> frozenset[int]:
    """Quantised tensors that an adapter rounds, as their node runs in float32."""
    rounds = {tensor for node in lowered.nodes if node.type == "Quantize" for tensor in node.outputs}
    return frozenset(
        tensor for node in imported.nodes if node.type != "Quantize" for tensor in node.outputs if tensor in rounds
    )


def _adopt(layers: Mapping[int, Layer], tensor: int, value: Array) -> Array:
    """What was observed of a tensor; what was not is as computed."""
    layer = layers.get(tensor)
    return value if layer is None else layer.completed(value)


def _check_output(
    model: Model, k: int, port: Port, want: Array, have: Array, verdict: _Verdict, *, exact: bool, judged: bool
) -> None:
    """Args:
    judged: whether the reference computed it from what its layer really read, so that an integer must be right.
    """
    if not exact and not judged and port.scale is not None:
        _check_steps(model, k, port, want, have, verdict, "the reference")
        return
    difference = _difference(want, have, exact=exact)
    if difference is not None:
        raise _output_error(model, k, port.name, "the reference", difference)
    if not exact and want.dtype == np.float32:
        verdict.error = max(verdict.error, largest_error(want, have))


def _check_golden(
    model: Model, k: int, port: Port, given: Array, have: Array, verdict: _Verdict, source: str, *, exact: bool
) -> None:
    shown = to_source(port, have, given.dtype).reshape(given.shape)
    verdict.golden += 1
    if not exact and port.scale is not None:
        _check_steps(model, k, port, given, shown, verdict, source)
        return
    difference = _difference(given, shown, exact=exact)
    if difference is not None:
        # A float32 output may be what a quantised one, off by 1, was made into.
        hint = _EXCEPTIONS.get(model.graph.rule, "") if exact or model.params.scale else ""
        raise _output_error(model, k, port.name, source, difference + _steps_text(port, given, shown), hint)
    if not exact and given.dtype == np.float32:
        verdict.golden_error = max(verdict.golden_error, largest_error(given, shown))


def _steps(port: Port, want: Array, have: Array) -> float:
    """The largest distance of quantised values, dequantised or not, in steps of their scale."""
    assert port.scale is not None
    step = port.scale if want.dtype == np.float32 and port.dtype != "float32" else 1
    return float(np.abs(want.astype(np.float64) - have.astype(np.float64)).max(initial=0.0)) / step


def _check_steps(model: Model, k: int, port: Port, want: Array, have: Array, verdict: _Verdict, against: str) -> None:
    """A quantised value may be the next one where the float32 value that was rounded is near a tie."""
    steps = round(_steps(port, want, have))
    if steps > 1:
        difference = _difference(want, have, exact=True)
        raise _output_error(model, k, port.name, against, f"{difference}; at most {steps} steps of the scale")
    verdict.golden_steps = max(verdict.golden_steps, steps)


def _steps_text(port: Port, want: Array, have: Array) -> str:
    """How far apart dequantised values are, which alone say little."""
    if want.dtype != np.float32 or port.scale is None:
        return ""
    return f"; at most {_steps(port, want, have):.3g} steps of the scale"


def _output_error(model: Model, k: int, name: str, against: str, difference: str, hint: str = "") -> SconnxError:
    return SconnxError(
        "E511",
        f"output '{c_comment(name)}' differs from {against}",
        where=model.graph.name,
        why=f"vector {k}: {difference}",
        help=hint,
    )
