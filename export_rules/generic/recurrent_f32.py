# SPDX-License-Identifier: Apache-2.0
"""Sequences of recurrent cells of float32, and SVDF: the whole tensor a call."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray

from export_rules.generic import F32, generic
from export_rules.generic.float32 import constant, in_blocks_of_four, limits_fields, optional
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Access, Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import SVDF, Recurrent, SequenceGRU, SequenceLSTM
from sconnx.graph.params import Params
from sconnx.graph.tensor import Constant

SPEC = ImplSpec(inputs=(F32,), outputs=(F32,))
X, W, R, BIAS, H, C, PEEPHOLES = range(7)
"""Positions of the inputs."""
GATES = {"sigmoid": 0, "tanh": 1, "relu": 2}
"""SX_GATE_... of sx_recurrent_f32.h."""


def computed_constants(node: ExportNode, positions: tuple[int, ...]) -> str | None:
    """A reason when one of these inputs is computed at run time."""
    for position in positions:
        operand = node.inputs[position] if position < len(node.inputs) else None
        if operand is not None and not isinstance(operand.tensor, Constant):
            return f"input {position} is computed at run time, not a constant"
    return None


def gate_biases(bias: NDArray[np.float32], gates: int, *, apart: bool) -> tuple[NDArray[np.float32], Array]:
    """The biases of all gates, and those of the recurrent part of the last gate if they stay apart."""
    of_input, of_output = (half.reshape(gates, -1) for half in np.split(bias, 2))
    if not apart:
        return (of_input + of_output).reshape(-1), optional(None)
    together = of_input.copy()
    together[:-1] += of_output[:-1]
    return together.reshape(-1), Array(of_output[-1])


class _Recurrent(Implementation):
    header = "sx_recurrent_f32.h"
    params_type = "sx_recurrent_f32_params"

    def reject(self, node: ExportNode) -> str | None:
        unknown = sorted(set(cast(Recurrent, node.operator).activations) - set(GATES))
        return f"activation {unknown[0]}" if unknown else computed_constants(node, (W, R, BIAS, PEEPHOLES))

    def access(self, node: ExportNode) -> Access:
        return Whole()

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return (X, H)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(Recurrent, node.operator)
        w, r, bias = (constant(node, params, position) for position in (W, R, BIAS))
        assert w is not None and r is not None
        gates, units = len(w) // r.shape[1], r.shape[1]
        apart = isinstance(operator, SequenceGRU) and operator.linear_before_reset
        biases, recurrent_bias = gate_biases(
            np.zeros(2 * len(w), np.float32) if bias is None else bias, gates, apart=apart
        )
        steps, batch, inputs = node.input(X).dims
        activations = [GATES[name] for name in operator.activations] + [0, 0]
        lstm = operator if isinstance(operator, SequenceLSTM) else SequenceLSTM()
        return {
            "weights": Array(in_blocks_of_four(w, gates)),
            "recurrent_weights": Array(in_blocks_of_four(r, gates)),
            "bias": Array(biases),
            "recurrent_bias": recurrent_bias,
            "peepholes": optional(constant(node, params, PEEPHOLES)),
            "clip": operator.clip or math.inf,
            "cell_clip": lstm.cell_clip or math.inf,
            "steps": steps,
            "batch": batch,
            "inputs": inputs,
            "units": units,
            "is_reverse": int(operator.reverse),
            "is_coupled": int(lstm.coupled),
            **dict(zip(("f", "g", "h"), activations, strict=False)),
        }


@generic.register("SequenceRNN", SPEC)
class SequenceRNNF32(_Recurrent):
    def kernel(self, node: ExportNode) -> str:
        return "sx_sequence_rnn_f32"


@generic.register("SequenceGRU", SPEC)
class SequenceGRUF32(_Recurrent):
    def kernel(self, node: ExportNode) -> str:
        return "sx_sequence_gru_f32"

    def scratch_bytes(self, node: ExportNode) -> int:
        return 4 * 4 * node.output.dims[-1]


@generic.register("SequenceLSTM", SPEC)
class SequenceLSTMF32(_Recurrent):
    def kernel(self, node: ExportNode) -> str:
        return "sx_sequence_lstm_f32"

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return (X, H, C)

    def scratch_bytes(self, node: ExportNode) -> int:
        return 4 * 4 * node.output.dims[-1]


@generic.register("SVDF", SPEC)
class SVDFF32(Implementation):
    header = "sx_svdf_f32.h"
    params_type = "sx_svdf_f32_params"

    def reject(self, node: ExportNode) -> str | None:
        return computed_constants(node, (1, 2, 3))

    def kernel(self, node: ExportNode) -> str:
        return "sx_svdf_f32"

    def access(self, node: ExportNode) -> Access:
        return Whole()

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return (0, 4)

    def scratch_bytes(self, node: ExportNode) -> int:
        """The latest product of each filter."""
        return 4 * node.input(1).dims[0]

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(SVDF, node.operator)
        features, time = constant(node, params, 1), constant(node, params, 2)
        assert features is not None and time is not None
        return {
            "features": Array(in_blocks_of_four(features)),
            "time": Array(time),
            "bias": optional(constant(node, params, 3)),
            "limits": limits_fields(operator.activation),
            "batch": node.input(0).dims[0],
            "inputs": features.shape[1],
            "filters": len(features),
            "memory": time.shape[1],
            "rank": operator.rank,
        }
