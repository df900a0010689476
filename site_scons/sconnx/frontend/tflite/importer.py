# SPDX-License-Identifier: Apache-2.0
"""A .tflite file to a graph and its values, or all the reasons why not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from sconnx.errors import SconnxError, raise_all
from sconnx.frontend.tflite import schema
from sconnx.frontend.tflite.flatbuffer import Malformed
from sconnx.frontend.tflite.names import operator_name, printable
from sconnx.frontend.tflite.operand import (
    DataTensor,
    Operands,
    Parameter,
    Unsupported,
    read_data_tensor,
    tensor_at,
)
from sconnx.frontend.tflite.translate import SHAPE_READERS, TRANSLATORS, Translation
from sconnx.graph.model import Model, ModelBuilder
from sconnx.graph.operator import Reshape
from sconnx.graph.tensor import DType
from sconnx.reference.rule import Rule

_Translations = list[tuple[int, Translation]]


def read_tflite(path: Path, name: str) -> Model:
    """Import an int8 model; `name` is the graph's name, a C identifier.

    Nodes that no output depends on are left out. TFLite nodes have no names: a node is named like its output.

    Raises:
        SconnxError: E101 the file cannot be read, E102 it is no TFLite file, E103 it is damaged, E201
            what sconnx does not support (an ErrorGroup when that is more than one thing).
    """
    where = path.name if path.name.isprintable() else printable(path.name)
    with _as_user_error(where):
        return _import(schema.read_model(_read_bytes(path, where)), name, where)


def read_operators(path: Path) -> list[str]:
    """The name of the operator of every node, of all subgraphs. Raises SconnxError E101 to E103."""
    where = path.name if path.name.isprintable() else printable(path.name)
    with _as_user_error(where):
        model = schema.read_model(_read_bytes(path, where))
        codes = [_code(model, operator) for graph in model.subgraphs for operator in graph.operators]
        return [operator_name(code.builtin, code.custom) for code in codes]


@contextmanager
def _as_user_error(where: str) -> Iterator[None]:
    """A file that contradicts itself is E103."""
    try:
        yield
    except Malformed as error:
        raise SconnxError(
            "E103",
            "the file is truncated or malformed",
            where=where,
            why=str(error),
            help="copy or convert the model again",
        ) from None


def _read_bytes(path: Path, where: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise SconnxError("E101", "cannot read the file", where=where, why=why) from None
    if not data:
        raise SconnxError("E102", "the file is empty", where=where)
    if data[4:8] != schema.IDENTIFIER:
        raise SconnxError("E102", "not a TFLite file", where=where, why="the identifier TFL3 is missing at offset 4")
    return data


def _import(model: schema.Model, name: str, where: str) -> Model:
    graph = model.subgraphs[0]
    errors: list[SconnxError] = []
    if len(model.subgraphs) > 1:
        count = len(model.subgraphs)
        errors.append(SconnxError("E201", f"the model has {count} subgraphs; one is supported", where=where))
    inputs = _graph_inputs(model, graph, where, errors)
    translations = _translate(model, graph, where, errors)
    constants = _constant_outputs(model, graph, where, errors)
    raise_all(_help_once(errors))
    return _build(name, graph, inputs, constants, translations)


def _graph_inputs(
    model: schema.Model, graph: schema.SubGraph, where: str, errors: list[SconnxError]
) -> list[DataTensor]:
    if not graph.inputs:
        errors.append(SconnxError("E201", "the model has no inputs", where=where))
    inputs = []
    for position, index in enumerate(graph.inputs):
        try:
            inputs.append(read_data_tensor(model, graph, index, f"input {position}"))
        except Unsupported as problem:
            label = f"graph input {position} {printable(tensor_at(graph, index).name)}"
            errors.append(_error(where, f"{label} is not supported", problem))
    return inputs


def _constant_outputs(
    model: schema.Model, graph: schema.SubGraph, where: str, errors: list[SconnxError]
) -> list[DataTensor]:
    """The graph outputs that no node computes and that are no inputs: their values must be in the file."""
    known = {index for operator in graph.operators for index in operator.outputs} | set(graph.inputs)
    if not graph.outputs:
        errors.append(SconnxError("E201", "the model has no outputs", where=where))
    constants = []
    for position, index in enumerate(graph.outputs):
        if index in known:
            continue
        label = f"graph output {position} {printable(tensor_at(graph, index).name)}"
        try:
            constants.append(read_data_tensor(model, graph, index, f"output {position}"))
        except Unsupported as problem:
            errors.append(_error(where, f"{label} is not supported", problem))
            continue
        if constants[-1].value is None:
            what = f"{label} is not computed by a node and has no value"
            errors.append(SconnxError("E201", what, where=where))
    return constants


def _error(where: str, what: str, problem: Unsupported) -> SconnxError:
    return SconnxError("E201", what, where=where, why=problem.reason, help=problem.help)


def _help_once(errors: list[SconnxError]) -> list[SconnxError]:
    """The same advice is given only with the last of the errors that it is for."""
    given: set[str] = set()
    for error in reversed(errors):
        if error.help in given:
            error.help = ""
        given.add(error.help)
    return errors


def _code(model: schema.Model, operator: schema.Operator) -> schema.OperatorCode:
    if operator.code >= len(model.operator_codes):
        raise Malformed(f"operator code {operator.code} does not exist")
    return model.operator_codes[operator.code]


def _needed_nodes(model: schema.Model, graph: schema.SubGraph) -> list[int]:
    """Nodes that an output depends on, and nodes that have no output but an effect, in running order."""
    needed_tensors = set(graph.outputs)
    nodes = []
    for index, operator in reversed(list(enumerate(graph.operators))):
        if operator.outputs and needed_tensors.isdisjoint(operator.outputs):
            continue
        code = _code(model, operator)
        only_first = operator_name(code.builtin, "") in SHAPE_READERS
        needed_tensors.update(operator.inputs[:1] if only_first else operator.inputs)
        nodes.append(index)
    return nodes[::-1]


def _node_name(graph: schema.SubGraph, operator: schema.Operator) -> str:
    return printable(tensor_at(graph, operator.outputs[0]).name) if operator.outputs else "without outputs"


def _translate(model: schema.Model, graph: schema.SubGraph, where: str, errors: list[SconnxError]) -> _Translations:
    translations: _Translations = []
    for index in _needed_nodes(model, graph):
        operator = graph.operators[index]
        code = _code(model, operator)
        operator_text = operator_name(code.builtin, code.custom)
        try:
            if operator_text not in TRANSLATORS:
                raise Unsupported("", f"supported operators are {', '.join(TRANSLATORS)}")
            translation = TRANSLATORS[operator_text](Operands(model, graph, operator))
            translation.check()
            translations.append((index, translation))
        except Unsupported as problem:
            node = f"node {index} {_node_name(graph, operator)}"
            what = f"{node}: operator {operator_text} version {code.version} is not supported"
            errors.append(_error(where, what, problem))
    return translations


class _Placed:
    """Where the file's tensors are in the builder."""

    def __init__(self, builder: ModelBuilder) -> None:
        self.builder = builder
        self.tensors: dict[int, int] = {}
        self.parameters: dict[tuple[int, tuple[int, ...]], int] = {}

    def write(self, data: DataTensor, tensor: int) -> None:
        if data.index in self.tensors:
            raise Malformed(f"tensor {data.index} is written twice")
        self.tensors[data.index] = tensor

    def read(self, operand: DataTensor | Parameter | None) -> int | None:
        """The tensor of an operand; a constant is added when it is first read."""
        if operand is None:
            return None
        if isinstance(operand, Parameter):
            key = operand.index, operand.value.shape  # convolutions of two kinds may share weights
            if key not in self.parameters:
                self.parameters[key] = self._constant(operand, operand.value)
            return self.parameters[key]
        if operand.index not in self.tensors:
            if operand.value is None:
                raise Malformed(f"tensor {operand.index} is read before it is written")
            self.tensors[operand.index] = self._constant(operand, operand.value)
        return self.tensors[operand.index]

    def _constant(self, operand: DataTensor | Parameter, value: NDArray[Any]) -> int:
        return self.builder.add_constant(operand.name, value, operand.quantization)


def _add_node(builder: ModelBuilder, placed: _Placed, index: int, translation: Translation) -> None:
    """The node, between the reshapes that it needs."""
    output = translation.output
    tensors = [placed.read(operand) for operand in translation.inputs]
    data = translation.inputs[0]
    if translation.reshape_input is not None and data is not None:
        tensors[0] = builder.add_node(
            Reshape(dims=translation.reshape_input),
            (tensors[0],),
            name=output.name,
            source_index=index,
            output_name=data.name,
            quantization=data.quantization,
        )
    results = builder.add_node_of_many(
        translation.operator,
        tuple(tensors),
        name=output.name,
        source_index=index,
        output_names=[written.name for written in translation.outputs],
        quantization=output.quantization,
    )
    for written, result in zip(translation.outputs, results, strict=True):
        if builder.tensors[result].dims != written.dims:
            result = builder.add_node(
                Reshape(dims=written.dims),
                (result,),
                name=written.name,
                source_index=index,
                output_name=written.name,
                quantization=written.quantization,
            )
        placed.write(written, result)


def _build(
    name: str,
    graph: schema.SubGraph,
    inputs: list[DataTensor],
    constants: list[DataTensor],
    translations: _Translations,
) -> Model:
    builder = ModelBuilder(name, Rule.TFLITE)
    placed = _Placed(builder)
    for data in inputs:
        placed.write(data, builder.add_input(data.name, DType.INT8, data.dims, data.quantization))
    for index, translation in translations:
        _add_node(builder, placed, index, translation)
    for data in constants:
        placed.read(data)
    return builder.build([placed.tensors[index] for index in graph.outputs])
