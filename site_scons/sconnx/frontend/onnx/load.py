# SPDX-License-Identifier: Apache-2.0
"""File -> checked ONNX graph: parsed, constants as arrays, static input dims, nodes in running order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from sconnx.errors import SconnxError, raise_all
from sconnx.frontend.onnx.constants import Array, constants_of, load_external_data, one_line, where
from sconnx.frontend.onnx.functions import IsKnown, inlined
from sconnx.frontend.onnx.printable import printable

POSITION = "sconnx.position"
"""The key of a node's metadata that has its position in the file."""


@dataclass(frozen=True, slots=True)
class SourceInput:
    """A graph input: element type (onnx.TensorProto.DataType) and static dims."""

    name: str
    data_type: int
    dims: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A loaded model.

    Args:
        file: the file's name, for messages.
        opsets: version by operator domain; the default domain is "".
        nodes: those of the file, and of functions in the place of their calls.
        positions: of the nodes in the file.
        operators: of the file, by position: `Conv`, `com.example.Squash`.
        constants: initialisers, and the outputs of Constant nodes.
    """

    file: str
    opsets: Mapping[str, int]
    nodes: tuple[onnx.NodeProto, ...]
    positions: tuple[int, ...]
    operators: tuple[str, ...]
    inputs: tuple[SourceInput, ...]
    outputs: tuple[str, ...]
    constants: Mapping[str, Array]


def load(path: Path, is_known: IsKnown = lambda *_: True) -> Source:
    """Read and check an ONNX file.

    Args:
        is_known: operators (domain, name) that are not to be replaced by the bodies that ONNX defines for them.

    Raises:
        SconnxError: E101 unreadable file, E102 not ONNX or truncated, E103 inconsistent model,
            E104 dynamic dimensions; an ErrorGroup when there are several.
    """
    model = read_proto(path)
    _opsets(model, where(path))
    operators = tuple(map(operator_name, model.graph.node))
    for position, node in enumerate(model.graph.node):
        node.metadata_props.add(key=POSITION, value=str(position))
    model = inlined(model, is_known, where(path))
    positions = tuple(map(_position, model.graph.node))
    opsets = _opsets(model, where(path))
    constants = constants_of(model.graph, where(path))
    errors = _order_errors(model.graph, positions, constants, where(path))
    inputs, open_batches = [], _open_batches(model.graph)
    for info in model.graph.input:
        if info.name not in constants:
            try:
                inputs.append(_input(info, open_batches, where(path)))
            except SconnxError as error:
                errors.append(error)
    raise_all(errors)
    outputs = tuple(info.name for info in model.graph.output)
    nodes = tuple(model.graph.node)
    return Source(where(path), opsets, nodes, positions, operators, tuple(inputs), outputs, constants)


def _position(node: onnx.NodeProto) -> int:
    """Where a node, or the call of the function that it is a part of, stands in the file."""
    return int([entry.value for entry in node.metadata_props if entry.key == POSITION][-1])


def read_proto(path: Path) -> onnx.ModelProto:
    """The file as it is, with all data in it. Raises SconnxError E101 to E103."""
    model = _parse(path)
    load_external_data(model, path)
    return model


def _parse(path: Path) -> onnx.ModelProto:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SconnxError("E101", "the model cannot be read", where=where(path), why=one_line(error)) from None
    if not content:
        raise SconnxError("E102", "the file is empty", where=where(path))
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except DecodeError:
        raise SconnxError(
            "E102", "the file is no ONNX model, or it is cut short", where=where(path), help="export it again"
        ) from None
    if not model.HasField("graph") or not model.graph.output:
        raise SconnxError(
            "E102",
            "the file is no ONNX model, or it is cut short",
            where=where(path),
            why="it holds no graph with outputs",
        )
    if not all(isinstance(name, str) for name in _names(model)):
        raise SconnxError("E102", "the file is damaged", where=where(path), why="a name in it is no UTF-8 text")
    return model


def _names(model: onnx.ModelProto) -> Iterator[object]:
    """All names that the importer looks at; protobuf gives those that are no UTF-8 text as bytes."""
    for entry in model.opset_import:
        yield entry.domain
    yield from _names_in(model.graph)
    for function in model.functions:
        yield from (function.name, function.domain, *function.input, *function.output, *function.attribute)
        yield from _names_of(function.node)


def _names_in(graph: onnx.GraphProto) -> Iterator[object]:
    for named in (*graph.initializer, *graph.input, *graph.output):
        yield named.name
    for info in graph.input:
        for dim in info.type.tensor_type.shape.dim:
            yield dim.dim_param
    for tensor in graph.initializer:
        for pair in tensor.external_data:
            yield from (pair.key, pair.value)
    yield from _names_of(graph.node)


def _names_of(nodes: Iterable[onnx.NodeProto]) -> Iterator[object]:
    for node in nodes:
        yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
        for attribute in node.attribute:
            yield from (attribute.name, attribute.ref_attr_name)
            if attribute.HasField("g"):
                yield from _names_in(attribute.g)


def plain_domain(domain: str) -> str:
    """The default domain has two names."""
    return "" if domain == "ai.onnx" else domain


def operator_name(node: onnx.NodeProto) -> str:
    """`Conv`, or `com.example.Squash` for an operator of another domain."""
    domain = plain_domain(node.domain)
    return f"{domain}.{node.op_type}" if domain else node.op_type


def _opsets(model: onnx.ModelProto, file: str) -> dict[str, int]:
    opsets = {plain_domain(entry.domain): entry.version for entry in model.opset_import}
    if "" not in opsets and not all(plain_domain(node.domain) for node in model.graph.node):
        raise SconnxError("E103", "the model names no operator set", where=file, help="export it again")
    return opsets


def _order_errors(
    graph: onnx.GraphProto, positions: Sequence[int], constants: Mapping[str, Array], file: str
) -> list[SconnxError]:
    """Every name must be written once and before it is read."""
    errors = []
    known = {info.name for info in graph.input} | {tensor.name for tensor in graph.initializer}
    for index, node in zip(positions, graph.node, strict=True):
        for name in dict.fromkeys(node.input):
            if name and name not in known:
                errors.append(
                    SconnxError(
                        "E103",
                        f"node {index}: its input {printable(name)} is not defined before it",
                        where=file,
                    )
                )
                known.add(name)
        for name in node.output:
            if name and name in known and not (name in constants and node.op_type == "Constant"):
                errors.append(
                    SconnxError("E103", f"node {index}: its output {printable(name)} is defined twice", where=file)
                )
            known.add(name)
    for info in graph.output:
        if info.name not in known:
            errors.append(SconnxError("E103", f"output {printable(info.name)} is not defined", where=file))
    return errors


def _open_batches(graph: onnx.GraphProto) -> frozenset[str]:
    """The names of open first dimensions of inputs: wherever they stand, they are the batch."""
    shapes = (info.type.tensor_type.shape.dim for info in graph.input)
    return frozenset(dims[0].dim_param for dims in shapes if dims and dims[0].dim_param)


def _input(info: onnx.ValueInfoProto, open_batches: Collection[str], file: str) -> SourceInput:
    """A graph input; an open first dimension is the batch, which becomes 1."""
    tensor = info.type.tensor_type
    name = printable(info.name)
    if not info.type.HasField("tensor_type") or not tensor.HasField("shape"):
        raise SconnxError("E104", f"input {name} has no fixed dims", where=file)
    dims = []
    for axis, dim in enumerate(tensor.shape.dim):
        if dim.dim_value > 0:
            dims.append(dim.dim_value)
        elif dim.HasField("dim_value") and dim.dim_value == 0:
            raise SconnxError("E104", f"input {name}: dimension {axis} is 0", where=file, why="it has no elements")
        elif axis == 0 or dim.dim_param in open_batches:
            dims.append(1)
        else:
            label = printable(dim.dim_param) if dim.dim_param else str(dim.dim_value or "unset")
            raise SconnxError(
                "E104",
                f"input {name}: dimension {axis} ({label}) is not fixed",
                where=file,
                why="memory is laid out at build time; only the first dimension, the batch, may be open",
                help="export the model with fixed input dims, "
                "or fix them: python -m onnxruntime.tools.make_dynamic_shape_fixed",
            )
    return SourceInput(info.name, tensor.elem_type, tuple(dims))
