# SPDX-License-Identifier: Apache-2.0
"""Models for the failing cases and for hostile names, made of the example's."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import helper


def with_unknown_operators(source: Path, target: Path) -> None:
    """The model, its output put through two operators that nobody has heard of."""
    model = onnx.load(source)
    output = model.graph.output[0]
    name = output.name
    for index, operator in enumerate(("Frobnicate", "Defenestrate")):
        output.name = f"unknown_{index}"
        model.graph.node.append(helper.make_node(operator, [name], [output.name], name=f"odd {operator}", domain="odd"))
        name = output.name
    model.opset_import.append(helper.make_opsetid("odd", 3))
    target.write_bytes(model.SerializeToString())


def with_names(source: Path, target: Path, renamed: dict[str, str], node_names: list[str]) -> None:
    """The model with other names of tensors, and of its first nodes."""
    model = onnx.load(source)
    graph = model.graph
    for port in (*graph.input, *graph.output, *graph.initializer, *graph.value_info):
        port.name = renamed.get(port.name, port.name)
    for node in graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
        node.output[:] = [renamed.get(name, name) for name in node.output]
    for node, name in zip(graph.node, node_names, strict=False):
        node.name = name
    target.write_bytes(model.SerializeToString())
