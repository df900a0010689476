# SPDX-License-Identifier: Apache-2.0
"""Calls of functions -> the nodes of their bodies: functions of the model, and operators that ONNX defines by others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import onnx
from onnx import AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, TypeProto

from sconnx.errors import SconnxError
from sconnx.frontend.onnx.classical import written_out

MOST_NODES = 100_000
MOST_LEVELS = 16
"""Of functions that call functions; no model that was exported comes near."""

IsKnown = Callable[[str, str], bool]
"""`(domain, operator)`: whether an operator needs no other ones."""


def inlined(model: ModelProto, is_known: IsKnown, file: str) -> ModelProto:
    """The model without calls of functions.

    Functions of the model are always replaced, operators that ONNX defines by others, or `classical.py` does, where `is_known`
    does not hold. What a body computes has the names of the body behind the number of the call; its nodes have the name and the
    metadata of the call.

    Args:
        file: for messages.

    Raises:
        SconnxError: E103, functions call each other without end.
    """
    local = {(_plain(function.domain), function.name): function for function in model.functions}
    current, number = model, 0
    for _ in range(MOST_LEVELS):
        before = number
        opsets = {_plain(entry.domain): entry.version for entry in current.opset_import}
        newest = opsets.get("", onnx.defs.onnx_opset_version())
        types: dict[str, TypeProto] | None = None
        nodes: list[NodeProto] = []
        imported = dict(opsets)
        for node in current.graph.node:
            function = local.get((_plain(node.domain), node.op_type))
            if function is None and not is_known(_plain(node.domain), node.op_type):
                if types is None:
                    types = _types(current)
                function = _defined(node, opsets, types) or written_out(node, newest, types)
            if function is None:
                nodes.append(node)
                continue
            nodes += _body(function, node, f"{number}/")
            number += 1
            for entry in function.opset_import:
                imported.setdefault(_plain(entry.domain), entry.version)
        if len(nodes) > MOST_NODES:
            break
        if number == before:
            return current
        current = _with_nodes(current, nodes, imported)
    raise SconnxError("E103", "its functions call each other without end", where=file, help="export the model again")


def _plain(domain: str) -> str:
    """The default domain has two names."""
    return "" if domain == "ai.onnx" else domain


def _with_nodes(model: ModelProto, nodes: list[NodeProto], opsets: Mapping[str, int]) -> ModelProto:
    changed = ModelProto()
    changed.CopyFrom(model)
    del changed.graph.node[:], changed.functions[:], changed.opset_import[:]
    changed.graph.node.extend(nodes)
    changed.functions.extend(model.functions)
    changed.opset_import.extend(onnx.helper.make_opsetid(domain, version) for domain, version in opsets.items())
    return changed


def _types(model: ModelProto) -> dict[str, TypeProto]:
    """The types of all tensors of the graph, as far as ONNX can infer them."""
    try:
        graph = onnx.shape_inference.infer_shapes(model).graph
    except (onnx.shape_inference.InferenceError, RuntimeError):
        graph = model.graph
    found = {entry.name: entry.type for entry in (*graph.input, *graph.value_info, *graph.output)}
    for tensor in graph.initializer:
        found[tensor.name] = onnx.helper.make_tensor_type_proto(tensor.data_type, tensor.dims)
    return found


def _defined(node: NodeProto, opsets: Mapping[str, int], types: Mapping[str, TypeProto]) -> FunctionProto | None:
    """The body that ONNX defines for an operator in this opset; None where it defines none, or not for these types."""
    domain = _plain(node.domain)
    if domain not in opsets or not onnx.defs.has(node.op_type, domain):
        return None
    try:
        schema = onnx.defs.get_schema(node.op_type, opsets[domain], domain)
    except onnx.defs.SchemaError:
        return None
    # The body is written in operators of the default domain; of one that is newer than the model the oldest is right.
    newest = opsets.get("", onnx.defs.onnx_opset_version())
    content = _content(schema, node, newest, [types.get(name, TypeProto()) for name in node.input])
    if content is None:
        return None
    function: FunctionProto = FunctionProto.FromString(content)
    defaults = (attribute.default_value for attribute in schema.attributes.values())
    function.attribute_proto.extend(default for default in defaults if default.type != AttributeProto.UNDEFINED)
    return function


def _content(schema: Any, node: NodeProto, newest: int, types: list[TypeProto]) -> bytes | None:
    """A serialised FunctionProto; onnx's stubs do not know these methods of a schema."""

    def version(versions: list[int]) -> int | None:
        return max((one for one in versions if one <= newest), default=min(versions, default=None))

    content: bytes | None = None
    fixed, built = map(version, (schema.function_opset_versions, schema.context_dependent_function_opset_versions))
    if fixed is not None:
        content = schema.get_function_with_opset_version(fixed)
    elif built is not None:
        inputs = [one.SerializeToString() for one in types]
        try:
            content = schema.get_context_dependent_function_with_opset_version(built, node.SerializeToString(), inputs)
        except RuntimeError:
            return None
    return content


@dataclass(frozen=True, slots=True)
class _Call:
    """How a body is written into the place of a call.

    Args:
        names: of the body's inputs and outputs, in the caller; "" where one is absent.
        attributes: of the call, and the function's defaults.
        prefix: of all other names.
    """

    names: Mapping[str, str]
    attributes: Mapping[str, AttributeProto]
    prefix: str

    def name(self, name: str) -> str:
        return self.names.get(name, self.prefix + name) if name else ""

    def node(self, node: NodeProto) -> NodeProto:
        written = NodeProto(op_type=node.op_type, domain=node.domain, name=node.name)
        written.input.extend(map(self.name, node.input))
        written.output.extend(map(self.name, node.output))
        written.attribute.extend(self._attributes(node))
        return written

    def _attributes(self, node: NodeProto) -> Iterator[AttributeProto]:
        """With the values of those that stand for attributes of the call; without those that it does not have."""
        for attribute in node.attribute:
            given = self.attributes.get(attribute.ref_attr_name) if attribute.ref_attr_name else attribute
            if given is None:
                continue
            written = AttributeProto()
            written.CopyFrom(given)
            written.name = attribute.name
            if written.HasField("g") and not attribute.ref_attr_name:
                written.g.CopyFrom(self._graph(attribute.g))
            yield written

    def _graph(self, graph: GraphProto) -> GraphProto:
        """A branch of an If, or the body of a loop."""
        written = GraphProto()
        written.CopyFrom(graph)
        for named in (*written.input, *written.output, *written.initializer, *written.value_info):
            named.name = self.name(named.name)
        del written.node[:]
        written.node.extend(map(self.node, graph.node))
        return written


def _body(function: FunctionProto, call: NodeProto, prefix: str) -> list[NodeProto]:
    """The nodes of a function, reading and writing what the call reads and writes."""
    inputs = [*call.input, *[""] * len(function.input)]
    names = dict(zip(function.input, inputs, strict=False))
    outputs = {inner: outer for inner, outer in zip(function.output, call.output, strict=False) if outer}
    passed = {name: names[name] for name in function.output if name in names}
    defaults = {attribute.name: attribute for attribute in function.attribute_proto}
    given = {attribute.name: attribute for attribute in call.attribute}
    written = _Call({**names, **outputs, **passed}, {**defaults, **given}, prefix)
    nodes = [written.node(node) for node in function.node]
    for name, source in passed.items():
        if outputs.get(name):
            nodes.append(NodeProto(op_type="Identity", input=[source], output=[outputs[name]]))
    for node in nodes:
        node.name = call.name
        node.metadata_props.extend(call.metadata_props)
    return nodes
