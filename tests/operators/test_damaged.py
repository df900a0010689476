# SPDX-License-Identifier: Apache-2.0
"""Models of single operators, damaged: each is imported, or refused with a message."""

from __future__ import annotations

import random

import flatbuffers
import numpy as np
import pytest

from sconnx.errors import SconnxError
from sconnx.frontend.tflite.importer import read_tflite
from tests.operators.litert_cases import litert_cases
from tests.operators.registry import PLAIN, QUANTIZED, cases

schema = pytest.importorskip("ai_edge_litert.schema_py_generated")

EACH = 6
"""How many damaged models are made of an operator."""


def damage_tensor(model, draw):
    tensor = draw.choice(model.subgraphs[0].tensors)
    dims = list(tensor.shape if tensor.shape is not None else ())
    match draw.randrange(5):
        case 0 if dims:
            dims[draw.randrange(len(dims))] = draw.choice([0, 1, 2, 3, 7, -1])
            tensor.shape = dims
        case 1:
            tensor.shape = draw.choice([dims[:-1], [*dims, 1], [*dims, 2]])
        case 2:
            tensor.type = draw.choice([0, 1, 2, 3, 4, 6, 7, 9, 17])
        case 3 if tensor.quantization is not None:
            tensor.quantization.scale = [1.0] * draw.randrange(4)
        case 4 if tensor.quantization is not None:
            tensor.quantization.zeroPoint = [draw.choice([0, 1, -128])] * draw.randrange(1, 3)


def damage_node(model, draw):
    graph = model.subgraphs[0]
    node = graph.operators[0]
    inputs = list(node.inputs)
    match draw.randrange(4):
        case 0 if inputs:
            inputs[draw.randrange(len(inputs))] = draw.randrange(-1, len(graph.tensors))
            node.inputs = inputs
        case 1:
            node.inputs = inputs[:-1]
        case 2 if node.builtinOptions is not None and vars(node.builtinOptions):
            name, value = draw.choice(list(vars(node.builtinOptions).items()))
            if isinstance(value, bool):
                setattr(node.builtinOptions, name, not value)
            elif isinstance(value, int | float):
                setattr(node.builtinOptions, name, draw.choice([-3, -1, 0, 1, 2, 5, 100]))
        case 3:
            node.outputs = draw.choice([[], [*node.outputs, *node.outputs], list(node.outputs)[:1]])


def damage_constant(model, draw):
    buffer = draw.choice(model.buffers)
    if buffer.data is not None and len(buffer.data):
        data = np.array(buffer.data, np.uint8)
        data[draw.randrange(len(data))] = draw.choice([0, 1, 127, 255])
        buffer.data = data


def packed(model):
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def test_damaged_nodes_are_refused_with_a_message(tmp_path):
    draw = random.Random(4)
    made = [case for key in (*QUANTIZED, *PLAIN) for case in cases(*key)[:EACH]] + litert_cases()
    path = tmp_path / "m.tflite"
    refused = 0
    for case in made:
        model = schema.ModelT.InitFromPackedBuf(case.pack(), 0)
        for _ in range(draw.randrange(1, 3)):
            draw.choice((damage_tensor, damage_node, damage_constant))(model, draw)
        path.write_bytes(packed(model))
        try:
            read_tflite(path, "m")
        except SconnxError:
            refused += 1
    assert len(made) // 4 < refused < len(made)
