# SPDX-License-Identifier: Apache-2.0
"""A .tflite file to a graph and its values, or all the reasons why not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sconnx.errors import SconnxError, raise_all
from sconnx.frontend.tflite import schema
from sconnx.frontend.tflite.flatbuffer import Malformed
from sconnx.frontend.tflite.fold import folded
from sconnx.frontend.tflite.names import printable
from sconnx.frontend.tflite.operand import DataTensor, Source, Unsupported
from sconnx.frontend.tflite.operands import Operands
from sconnx.frontend.tflite.options import CallOnceOptions
from sconnx.frontend.tflite.place import Placed
from sconnx.frontend.tflite.translate import TRANSLATORS
from sconnx.frontend.tflite.translation import Translation
from sconnx.graph.model import Model, ModelBuilder
from sconnx.reference.rule import Rule

_Translations = list[tuple[int, Translation]]
ADVICE = {
    "WHILE": "a loop that Keras made of a recurrent layer is unrolled with LSTM(..., unroll=True), likewise GRU and SimpleRNN"
}
"""On operators without a translation that models often have."""


def read_tflite(path: Path, name: str) -> Model:
    """Import a model; `name` is the graph's name, a C identifier.

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
        return [Source(model, graph).operator_name(node) for graph in model.subgraphs for node in graph.operators]


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
    source = Source(model, model.subgraphs[0])
    errors: list[SconnxError] = []
    if len(model.subgraphs) > 1 + len(_called_once(source)):
        what = f"the model has {len(model.subgraphs)} subgraphs; one is supported, and those that CALL_ONCE calls"
        errors.append(SconnxError("E201", what, where=where))
    inputs = _graph_inputs(source, where, errors)
    translations = _translate(source, where, errors)
    constants = _constant_outputs(source, where, errors)
    raise_all(_help_once(errors))
    return _build(name, source, inputs, constants, translations)


def _called_once(source: Source) -> set[int]:
    options = (operator.options for operator in source.graph.operators)
    return {each.subgraph for each in options if isinstance(each, CallOnceOptions)}


def _graph_inputs(source: Source, where: str, errors: list[SconnxError]) -> list[DataTensor]:
    if not source.graph.inputs:
        errors.append(SconnxError("E201", "the model has no inputs", where=where))
    inputs = []
    for position, index in enumerate(source.graph.inputs):
        try:
            inputs.append(source.read(index, f"input {position}", any_zero_point=True))
        except Unsupported as problem:
            label = f"graph input {position} {printable(source.tensor(index).name)}"
            errors.append(_error(where, f"{label} is not supported", problem))
    return inputs


def _constant_outputs(source: Source, where: str, errors: list[SconnxError]) -> list[DataTensor]:
    """The graph outputs that no node computes and that are no inputs: their values must be in the file or follow from it."""
    graph = source.graph
    computed = {index for operator in graph.operators for index in operator.outputs} | set(graph.inputs)
    if not graph.outputs:
        errors.append(SconnxError("E201", "the model has no outputs", where=where))
    constants = []
    for position, index in enumerate(graph.outputs):
        if index in computed - source.known.keys():
            continue
        label = f"graph output {position} {printable(source.tensor(index).name)}"
        try:
            constants.append(source.read(index, f"output {position}"))
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


def _needed_nodes(source: Source) -> list[int]:
    """Nodes that an output depends on, and nodes that have no output but an effect, in running order."""
    needed_tensors = set(source.graph.outputs)
    nodes = []
    for index, operator in reversed(list(enumerate(source.graph.operators))):
        if operator.outputs and needed_tensors.isdisjoint(operator.outputs):
            continue
        entry = TRANSLATORS.get(source.operator_name(operator))
        reads = range(len(operator.inputs)) if entry is None or entry.reads is None else entry.reads
        needed_tensors.update(operator.inputs[position] for position in reads if position < len(operator.inputs))
        nodes.append(index)
    return nodes[::-1]


def _node_name(source: Source, operator: schema.Operator) -> str:
    return printable(source.tensor(operator.outputs[0]).name) if operator.outputs else "without outputs"


def _translate(source: Source, where: str, errors: list[SconnxError]) -> _Translations:
    translations: _Translations = []
    for index in _needed_nodes(source):
        operator = source.graph.operators[index]
        name, version = source.operator_name(operator), source.model.code_of(operator).version
        try:
            if name not in TRANSLATORS:
                raise Unsupported("", ADVICE.get(name, f"supported operators are {', '.join(sorted(TRANSLATORS))}"))
            translation = TRANSLATORS[name].translate(Operands(source, operator))
            values = folded(translation)
            source.known.update(values)
            if not values:
                translations.append((index, translation))
        except Unsupported as problem:
            what = f"node {index} {_node_name(source, operator)}: operator {name} version {version} is not supported"
            errors.append(_error(where, what, problem))
    return translations


def _build(
    name: str, source: Source, inputs: list[DataTensor], constants: list[DataTensor], translations: _Translations
) -> Model:
    builder = ModelBuilder(name, Rule.TFLITE)
    placed = Placed(builder, {variable for _, translation in translations for variable, _ in translation.updates})
    for data in inputs:
        placed.write(data, builder.add_input(data.name, data.dtype, data.dims, data.quantization))
    for index, translation in translations:
        placed.add(index, translation)
    for data in constants:
        placed.read(data)
    outputs = [placed.find(index) for index in source.graph.outputs]
    placed.update_states()
    return builder.build(outputs)
