# SPDX-License-Identifier: Apache-2.0
"""graph.json: the file form of a graph, and the JSON conventions of every step file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from enum import Enum
from pathlib import Path
from typing import Any, cast, get_type_hints

from sconnx.graph.graph import Graph, Removed, StateUpdate
from sconnx.graph.node import Member, MetaOperator, Node
from sconnx.graph.operator import OpaqueOperator, Operator
from sconnx.graph.tensor import TENSOR_KINDS, DataFormat, DType, Quantization, State, Tensor
from sconnx.reference.rule import Rule

SCHEMA = "sconnx.graph/1"


def to_bytes(document: Mapping[str, Any]) -> bytes:
    """Deterministic and diffable: fixed key order as given, one list entry a line at the first level of nesting."""
    lines = []
    for key, value in document.items():
        if isinstance(value, list) and value and isinstance(value[0], dict | list):
            rows = ",\n".join("    " + json.dumps(row) for row in value)
            lines.append(f"  {json.dumps(key)}: [\n{rows}\n  ]")
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def read_document(path: Path, schema: str) -> dict[str, Any]:
    """A step file. Raises ValueError when it is of another schema: mixed versions are a bug of the build."""
    document = cast(dict[str, Any], json.loads(path.read_text()))
    check_schema(document, schema, path)
    return document


def check_schema(document: Mapping[str, Any], schema: str, path: Path) -> None:
    """Raise ValueError when a document of a file is of another schema."""
    if document.get("schema") != schema:
        raise ValueError(f"{path} has schema {document.get('schema')!r}, not {schema!r}")


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _tuples(value: object) -> object:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _attributes_to_json(operator: Operator) -> dict[str, object]:
    if isinstance(operator, MetaOperator):
        return {"members": [{"member": member.name, **_node_to_json(member.node)} for member in operator.members]}
    if isinstance(operator, OpaqueOperator):
        return dict(operator.attributes)
    return {field.name: _plain(getattr(operator, field.name)) for field in fields(operator)}


def _operator(name: str, attributes: Mapping[str, Any]) -> Operator:
    """A MetaOperator when it has members; an OpaqueOperator when no module that is loaded defines the name."""
    if "members" in attributes:
        members = (Member(document["member"], _node_from_json(document)) for document in attributes["members"])
        return MetaOperator(recipe=name, members=tuple(members))
    cls = Operator.types.get(name)
    if cls is None:
        return OpaqueOperator(name=name, attributes=tuple(attributes.items()))
    hints = get_type_hints(cls)
    values: dict[str, object] = {}
    for key, value in attributes.items():
        hint = hints[key]
        if isinstance(hint, type) and issubclass(hint, Enum):
            value = hint(value)
        values[key] = _tuples(value)
    return cls(**values)


def _node_to_json(node: Node) -> dict[str, Any]:
    return {
        "operator": node.type,
        "name": node.name,
        "source_index": node.source_index,
        "inputs": list(node.inputs),
        "outputs": list(node.outputs),
        "attributes": _attributes_to_json(node.operator),
    }


def _node_from_json(document: Mapping[str, Any]) -> Node:
    return Node(
        operator=_operator(document["operator"], document["attributes"]),
        name=document["name"],
        source_index=document["source_index"],
        inputs=tuple(document["inputs"]),
        outputs=tuple(document["outputs"]),
    )


def _tensor_to_json(tensor: Tensor) -> dict[str, object]:
    kind = next(name for name, cls in TENSOR_KINDS.items() if type(tensor) is cls)
    document: dict[str, object] = {
        "kind": kind,
        "name": tensor.name,
        "dtype": tensor.dtype.value,
        "dims": list(tensor.dims),
    }
    if tensor.quantization is not None:
        document["quantization"] = asdict(tensor.quantization)
    if tensor.source_axes:
        document["source_axes"] = list(tensor.source_axes)
    if tensor.data_format is not DataFormat.default(len(tensor.dims)):
        document["data_format"] = _plain(tensor.data_format)
    if isinstance(tensor, State):
        document["starts_at_zero"] = tensor.starts_at_zero
    if tensor.values_of is not None:
        document["values_of"] = tensor.values_of
    return document


def _tensor_from_json(document: Mapping[str, Any]) -> Tensor:
    quantization = document.get("quantization")
    return TENSOR_KINDS[document["kind"]](
        name=document["name"],
        dtype=DType(document["dtype"]),
        dims=tuple(document["dims"]),
        quantization=Quantization(**quantization) if quantization else None,
        source_axes=tuple(document.get("source_axes", ())),
        data_format=DataFormat(document["data_format"]) if "data_format" in document else None,
        values_of=document.get("values_of"),
        **({"starts_at_zero": document["starts_at_zero"]} if document["kind"] == "state" else {}),
    )


def graph_to_json(graph: Graph) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "name": graph.name,
        "rule": graph.rule.value,
        "removed": asdict(graph.removed),
        "inputs": list(graph.inputs),
        "outputs": list(graph.outputs),
        **({"states": [asdict(update) for update in graph.states]} if graph.states else {}),
        "tensors": [_tensor_to_json(tensor) for tensor in graph.tensors],
        "nodes": [_node_to_json(node) for node in graph.nodes],
    }


def graph_from_json(document: Mapping[str, Any]) -> Graph:
    return Graph(
        name=document["name"],
        rule=Rule(document["rule"]),
        tensors=tuple(_tensor_from_json(tensor) for tensor in document["tensors"]),
        nodes=tuple(_node_from_json(node) for node in document["nodes"]),
        inputs=tuple(document["inputs"]),
        outputs=tuple(document["outputs"]),
        removed=Removed(**document["removed"]),
        states=tuple(StateUpdate(**update) for update in document.get("states", ())),
    )


def read_graph(path: Path) -> Graph:
    return graph_from_json(read_document(path, SCHEMA))
