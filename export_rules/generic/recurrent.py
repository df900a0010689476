# SPDX-License-Identifier: Apache-2.0
"""SVDF of int8 and LSTM of int8 and int16, by the rule of TFLite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from export_rules.generic import S8, S16, generic
from export_rules.generic.quantized import affine, needs_only_constants, scale, zero_point
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.operator import SVDF, SequenceLSTM
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType
from sconnx.reference.recurrent import Factor, FixedPointLSTM, fixed_point_lstm, fixed_point_svdf
from sconnx.reference.rule import Rule
from sconnx.reference.sigmoid16 import SIGMOIDS

ANY = IOSpec()


def sigmoid_fields(multiplier: int, shift: int) -> dict[str, CValue]:
    """The fields of `sx_sigmoid_s16`."""
    return {"table": Array((SIGMOIDS - 32768).astype(np.int16)), "multiplier": multiplier, "shift": shift}


def _scale(factor: Factor) -> dict[str, CValue]:
    return {"multiplier": factor[0], "shift": factor[1]}


def _gates(name: str, factors: tuple[Factor, ...]) -> dict[str, CValue]:
    return {f"{name}[{gate}]": _scale(factor) for gate, factor in enumerate(factors)}


class _Recurrent(Implementation):
    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def reject(self, node: ExportNode) -> str | None:
        if node.rule is not Rule.TFLITE:
            return "only by the rule of TFLite"
        return needs_only_constants(node, [p for p in range(len(node.inputs)) if p not in self.operands(node)])


class _LSTM(_Recurrent):
    def reject(self, node: ExportNode) -> str | None:
        operator = cast(SequenceLSTM, node.operator)
        plain = SequenceLSTM(cell_clip=operator.cell_clip)
        if operator != plain or len(node.inputs) > 6:
            return "it has peepholes, coupled gates, limits, other activations or goes backwards"
        return super().reject(node)

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return (0, 4, 5)

    def derive(self, node: ExportNode, params: Params) -> FixedPointLSTM:
        x, w, r, h, c = (node.input(position) for position in (0, 1, 2, 4, 5))
        scales = (params.scale[w.values], params.scale[r.values])
        clip = cast(SequenceLSTM, node.operator).cell_clip
        wide = x.tensor.dtype is DType.INT16
        return fixed_point_lstm(affine(params, x), *scales, affine(params, h), scale(params, c), clip, wide=wide)

    def common(self, node: ExportNode, params: Params, bias_type: type[np.int32 | np.int64]) -> dict[str, CValue]:
        """The fields that LSTMs of both dtypes have."""
        x, w, r = (node.input(position) for position in range(3))
        lstm = self.derive(node, params)
        bias, rows = node.inputs[3], w.dims[0]
        biases = np.zeros(2 * rows, bias_type) if bias is None else params.value[bias.values].astype(bias_type)
        own, recurrent = biases[:rows], biases[rows:]
        steps, batch, inputs = x.dims
        return {
            "weights": Array(params.value[w.values]),
            "recurrent": Array(params.value[r.values]),
            "bias": Array(own if own.any() else own[:0]),
            "recurrent_bias": Array(recurrent if recurrent.any() else recurrent[:0]),
            **_gates("input_scales", lstm.inputs),
            **_gates("state_scales", lstm.recurrent),
            "cell": {
                "forget_scale": _scale(lstm.forget),
                "input_scale": _scale(lstm.input),
                "hidden_scale": _scale(lstm.hidden),
                "gate": sigmoid_fields(3, 0),
                "state": sigmoid_fields(*lstm.cell_input),
                "clip": lstm.cell_clip,
            },
            "steps": steps,
            "batch": batch,
            "inputs": inputs,
            "units": node.output.dims[2],
        }


@generic.register("SequenceLSTM", ImplSpec((S8, S8, S8, ANY, S8, S16), (S8, S8, S16)))
class LSTMWhole(_LSTM):
    header = "sx_lstm_s8.h"
    params_type = "sx_lstm_s8"

    def kernel(self, node: ExportNode) -> str:
        return "sx_lstm_s8_tflite"

    def scratch_bytes(self, node: ExportNode) -> int:
        return 4 * node.output.dims[2]

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return {
            **self.common(node, params, np.int32),
            "input_zero_point": zero_point(params, node.input(0)),
            "hidden_zero_point": zero_point(params, node.input(4)),
        }


@generic.register("SequenceLSTM", ImplSpec((S16, S8, S8, ANY, S16, S16), (S16, S16, S16)))
class LSTMHalves(_LSTM):
    """The dtype is symmetric in TFLite."""

    header = "sx_lstm_s16x8.h"
    params_type = "sx_lstm_s16x8"

    def kernel(self, node: ExportNode) -> str:
        return "sx_lstm_s16x8_tflite"

    def scratch_bytes(self, node: ExportNode) -> int:
        return 6 * node.output.dims[2]

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return self.common(node, params, np.int64)


class _SVDF(_Recurrent):
    header = "sx_svdf_s8.h"
    params_type = "sx_svdf_s8"

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return (0, len(node.inputs) - 1)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        x, features, time, state = (node.input(position) for position in (0, 1, 2, len(node.inputs) - 1))
        bias = node.inputs[3] if len(node.inputs) > 4 else None
        scales = (scale(params, features), scale(params, time))
        svdf = fixed_point_svdf(affine(params, x), *scales, affine(params, state), affine(params, node.output))
        values, none = params.value[time.values], np.zeros(0, np.int32)
        wide = time.tensor.dtype is DType.INT16
        return {
            "weights": Array(params.value[features.values]),
            "time_s8": Array(none if wide else values),
            "time_s16": Array(values if wide else none),
            "bias": Array(none if bias is None else params.value[bias.values]),
            "feature_multiplier": svdf.feature[0],
            "feature_shift": svdf.feature[1],
            "time_multiplier": svdf.time[0],
            "time_shift": svdf.time[1],
            "input_zero_point": svdf.input_zero_point,
            "state_zero_point": svdf.state_zero_point,
            "zero_point": svdf.zero_point,
            "batch": x.dims[0],
            "inputs": x.dims[1],
            "filters": time.dims[0],
            "memory": time.dims[1],
            "rank": cast(SVDF, node.operator).rank,
        }


@generic.register("SVDF", ImplSpec((S8, S8, S8, ANY), (S8, S8)))
class SVDFBytes(_SVDF):
    def kernel(self, node: ExportNode) -> str:
        return "sx_svdf_s8_tflite"


@generic.register("SVDF", ImplSpec((S8, S8, S16, ANY), (S8, S16)))
class SVDFHalves(_SVDF):
    def kernel(self, node: ExportNode) -> str:
        return "sx_svdf_s8_s16_tflite"
