# SPDX-License-Identifier: Apache-2.0
"""Recurrent operators, whose state is a variable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sconnx.frontend.tflite.operand import DataTensor, Unsupported
from sconnx.frontend.tflite.operands import Operands
from sconnx.frontend.tflite.options import SVDFOptions, UnidirectionalSequenceLSTMOptions
from sconnx.frontend.tflite.translation import Translation, clamp, same_quantization, same_type, translates
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import SVDF, Reshape, SequenceLSTM, Transpose

_TANH = 4
_GATES = (0, 3, 1, 2)
"""Input, output, forget, cell: the order of the graph's operator, by that of the file: input, forget, cell, output."""
_ABSENT = {
    "peepholes": range(9, 12),
    "a projection": range(16, 18),
    "a layer normalisation": range(20, 24),
}


@translates("SVDF")
def svdf(node: Operands) -> Translation:
    options = node.options(SVDFOptions)
    data, output = node.input(0), node.output()
    same_type(data, output)
    features = node.weights(1, data, rank=2, axis=None)
    time = node.constant(2, "the weights of time", rank=2)
    if options.rank < 1 or features.dims[0] % options.rank:
        raise Unsupported(f"rank {options.rank} does not divide {features.dims[0]} filters")
    bias = node.bias(3, data, features.dims[0] // options.rank)
    state = node.state(4)
    same_type(time, state)
    translation = Translation()
    following = replace(state, value=None)
    operator = SVDF(rank=options.rank, activation=clamp(options.activation))
    translation.into(operator, data, features, time, bias, state, outputs=(output, following))
    translation.updates.append((state, following))
    return translation


@translates("UNIDIRECTIONAL_SEQUENCE_LSTM")
def unidirectional_sequence_lstm(node: Operands) -> Translation:
    """Only the input has a bias; weights of the gates have a scale each, the recurrent ones too."""
    options = node.options(UnidirectionalSequenceLSTMOptions)
    data, output = node.input(0), node.output()
    same_type(data, output)
    if len(data.dims) != 3:
        raise Unsupported(f"input 0 has the dims {list(data.dims)}; 3 dimensions are supported")
    for what, positions in _ABSENT.items():
        if any(node.has(position) for position in positions):
            raise Unsupported(f"it has {what}")
    if options.activation != _TANH or options.diagonal or not node.has(1):
        raise Unsupported("it is no plain LSTM: another activation than TANH, diagonal weights, or coupled gates")
    hidden, cell = node.state(18), node.state(19)
    same_quantization(hidden, output)
    w, r = (_stacked(node, data, first) for first in (1, 5))
    bias, translation = _biases(node, data, w.dims[0] // 4), Translation()
    operator = SequenceLSTM(cell_clip=options.cell_clip)
    steps, batch = data.dims[:2] if options.time_major else data.dims[1::-1]
    if not options.time_major:
        data = _swapped(translation, data, data)
    y = replace(output, index=None, dims=(steps, batch, w.dims[0] // 4))
    last = replace(hidden, value=None), replace(cell, value=None)
    if options.time_major:
        y = output
    translation.into(operator, data, w, r, bias, hidden, cell, outputs=(y, *last))
    translation.updates += [(hidden, last[0]), (cell, last[1])]
    if not options.time_major:
        _swapped(translation, y, output, outputs=(output,))
    return translation


def _swapped(
    translation: Translation, data: DataTensor, like: DataTensor, outputs: tuple[DataTensor, ...] = ()
) -> DataTensor:
    """[N,T,X] to [T,N,X], or back."""
    dims = (data.dims[1], data.dims[0], data.dims[2])
    operator = Reshape(dims=dims) if 1 in data.dims[:2] else Transpose(permutation=(1, 0, 2))
    if outputs:
        translation.into(operator, data, outputs=outputs)
        return outputs[0]
    return translation.between(operator, data, like=like)


def _stacked(node: Operands, data: DataTensor, first: int) -> DataTensor:
    """The weights of four gates, one below the other, with a scale for each row."""
    gates = [node.weights(first + gate, data, rank=2, axis=None) for gate in _GATES]
    for gate in gates:
        if gate.dims != gates[0].dims:
            raise Unsupported(f"the weights of its gates have the dims {list(gates[0].dims)} and {list(gate.dims)}")
        if gate.quantization is not None and gate.quantization.zero_point.any():
            raise Unsupported("the weights of a gate have a zero point that is not 0")
    value = np.concatenate([gate.value for gate in gates if gate.value is not None])
    quantization = None
    if gates[0].quantization is not None:
        rows = gates[0].dims[0]
        scales = [np.repeat(gate.quantization.scale, rows) for gate in gates if gate.quantization is not None]
        quantization = QuantValues.of(np.concatenate(scales), axis=0)
    return replace(gates[0], dims=value.shape, value=value, quantization=quantization)


def _biases(node: Operands, data: DataTensor, units: int) -> DataTensor | None:
    """Of the input; those of the recurrent part are 0."""
    gates = [node.bias(12 + gate, data, units) for gate in _GATES]
    values = [gate.value for gate in gates if gate is not None and gate.value is not None]
    if gates[0] is None or len(values) != len(gates):
        raise Unsupported("it lacks biases")
    value = np.concatenate([*values, np.zeros(4 * units, values[0].dtype)])
    return replace(gates[0], dims=value.shape, value=value, quantization=None)
