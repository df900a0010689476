# SPDX-License-Identifier: Apache-2.0
"""Constants of a file as arrays: initialisers, outputs of Constant nodes, and data in files of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from sconnx.errors import SconnxError
from sconnx.frontend.onnx.printable import printable

Array = NDArray[np.generic]


def where(path: Path) -> str:
    """The file's name for messages: one printable line."""
    return printable(path.name)[1:-1]


def load_external_data(model: onnx.ModelProto, path: Path) -> None:
    """Put into a model what it has in files of their own.

    Raises:
        SconnxError: E103, such a file is not in the model's folder, or cannot be read.
    """
    for tensor in (tensor for graph in (model.graph, *model.functions) for tensor in _tensors(graph)):
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            _load_external(tensor, path)


def _tensors(graph: onnx.GraphProto | onnx.FunctionProto) -> Iterator[onnx.TensorProto]:
    """All constants of a graph and of the branches in it."""
    if isinstance(graph, onnx.GraphProto):
        yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            if attribute.HasField("g"):
                yield from _tensors(attribute.g)


def constants_of(graph: onnx.GraphProto, file: str) -> dict[str, Array]:
    """Initialisers, and the outputs of Constant nodes."""
    if graph.sparse_initializer:
        raise SconnxError("E103", "sparse initializers are not supported", where=file)
    constants = {tensor.name: _array(tensor, tensor.name, file) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.domain in ("", "ai.onnx") and len(node.output) == 1:
            constant = _constant_node(node, file)
            if constant is not None:
                constants[node.output[0]] = constant
    return constants


def _array(tensor: onnx.TensorProto, name: str, file: str) -> Array:
    try:
        return np.asarray(onnx.numpy_helper.to_array(tensor))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, MemoryError) as error:
        raise SconnxError(
            "E103", f"the data of constant {printable(name)} is damaged", where=file, why=one_line(error)
        ) from None


def one_line(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) else str(error)
    return printable(text or type(error).__name__)[1:-1]


def _constant_node(node: onnx.NodeProto, file: str) -> Array | None:
    """The value of a Constant node; None for the kinds that no supported operator can read."""
    for attribute in node.attribute:
        if attribute.name == "value":
            return _array(attribute.t, node.output[0], file)
        if attribute.name == "value_float":
            return np.array(attribute.f, np.float32)
        if attribute.name == "value_floats":
            return np.array(attribute.floats, np.float32)
        if attribute.name == "value_int":
            return np.array(attribute.i, np.int64)
        if attribute.name == "value_ints":
            return np.array(attribute.ints, np.int64)
    return None


def _load_external(tensor: onnx.TensorProto, path: Path) -> None:
    """Read the data of a tensor from its own file, which must lie in the model's folder."""
    keys = {entry.key: entry.value for entry in tensor.external_data}
    name = printable(tensor.name)
    folder = path.parent.resolve()
    location = keys.get("location", "")
    if "\0" in location or not location or not (folder / location).resolve().is_relative_to(folder):
        raise SconnxError(
            "E103",
            f"the data of constant {name} is outside the model's folder",
            where=where(path),
            why=f"its location is {printable(location)}",
            help="save the model as one file",
        )
    try:
        offset, length = int(keys.get("offset", "0")), int(keys.get("length", "-1"))
        with (folder / location).open("rb") as file:
            file.seek(offset)
            content = file.read(length)
    except (OSError, ValueError, OverflowError) as error:
        raise SconnxError(
            "E103", f"the data of constant {name} cannot be read", where=where(path), why=one_line(error)
        ) from None
    tensor.raw_data = content
    tensor.data_location = onnx.TensorProto.DEFAULT
    del tensor.external_data[:]
