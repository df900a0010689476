# SPDX-License-Identifier: Apache-2.0
"""`read_onnx`: walk the nodes of a model in order and translate each one."""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

import onnx

from sconnx.errors import SconnxError, raise_all
from sconnx.frontend.onnx import (
    binary,
    bits,
    convolution,
    fourier,
    lengths,
    masks,
    matrix,
    movers,
    normalization,
    pad,
    parts,
    pooling,
    qoperator,
    quantization,
    recurrent,
    reduction,
    repetition,
    resize,
    sampling,
    scatter,
    shapes,
    slicing,
    softmax,
    unary,
)
from sconnx.frontend.onnx.advice import advice_on
from sconnx.frontend.onnx.boundary import add_input, add_output
from sconnx.frontend.onnx.call import OPERATORS, Call
from sconnx.frontend.onnx.constants import constants_of
from sconnx.frontend.onnx.control import CONTROL, controlled
from sconnx.frontend.onnx.folding import fold, is_foldable
from sconnx.frontend.onnx.load import Source, load, operator_name, plain_domain
from sconnx.frontend.onnx.printable import printable
from sconnx.frontend.onnx.state import add_state, check_carry, update_state
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Unsupported, Value, View
from sconnx.frontend.onnx.writer import Writer
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.reference.rule import Rule

TRANSLATORS = (
    binary,
    bits,
    convolution,
    fourier,
    lengths,
    masks,
    matrix,
    movers,
    normalization,
    pad,
    parts,
    pooling,
    qoperator,
    quantization,
    recurrent,
    reduction,
    repetition,
    resize,
    sampling,
    scatter,
    shapes,
    slicing,
    softmax,
    unary,
)
"""The modules that fill `OPERATORS`."""
FOLDED_ONLY = {"ConstantOfShape", "Range", "NonZero", "EyeLike", "Compress", "Unique", "SequenceEmpty"}
"""Operators of the default domain that are supported where their inputs are constant, and only there."""


def read_onnx(path: Path, name: str, carry: Mapping[str, str] = MappingProxyType({})) -> Model:
    """Import an ONNX model: float32, quantised to int8 in the QDQ form, or mixed (opset 6 or newer).

    Where QuantizeLinear alone reads a float32 graph input, and DequantizeLinear makes a graph output, they are stripped: such
    inputs and outputs are int8 ones. Images are stored channels last; `source_axes` of graph inputs and outputs says how
    ONNX orders them.

    Args:
        name: of the graph, a C identifier.
        carry: outputs that become inputs of the next run, and these inputs: states, which begin with 0.

    Raises:
        SconnxError: E101..E104 as `load`; E702 `carry` is not about outputs and inputs that fit each other; E201 for
            nodes, inputs and outputs that are not supported. All of them are reported at once, except the consequences
            of others.
    """
    source = load(path, is_known)
    check_carry(source, carry)
    return _Walk(source, name, carry).run()


def is_known(domain: str, operator: str) -> bool:
    """Whether an operator has a translation, or is only ever computed at import."""
    return (f"{domain}.{operator}" if domain else operator) in OPERATORS or (
        domain == "" and operator in {*FOLDED_ONLY, *CONTROL, "Constant"}
    )


class _Walk:
    """The state of one import: the value of each ONNX tensor seen so far, and the errors."""

    def __init__(self, source: Source, name: str, carry: Mapping[str, str]) -> None:
        self.source = source
        self.carry = carry
        self.states: dict[str, int] = {}
        self.builder = ModelBuilder(name, Rule.ONNX)
        self.writer = Writer(self.builder, source.nodes, source.positions)
        self.values: MutableMapping[str, Value] = {
            constant: Folded(constant, value) for constant, value in source.constants.items()
        }
        self.errors: dict[tuple[str, int], SconnxError] = {}
        self.readers = Counter((*_read(source.nodes), *source.outputs))

    def run(self) -> Model:
        for position, entry in enumerate(self.source.inputs):
            try:
                if entry.name in self.carry.values():
                    self.values[entry.name], self.states[entry.name] = add_state(self.writer, self.source, entry)
                else:
                    self.values[entry.name] = add_input(self.writer, self.source, entry)
            except Unsupported as error:
                self._report("input", position, f"input {printable(entry.name)} is not supported", str(error))
        for index, node in enumerate(self.source.nodes):
            self._node(index, node, self.values)
        outputs = self._outputs()
        raise_all(list(self.errors.values()))
        return self.builder.build(outputs)

    def _report(self, kind: str, index: int, what: str, why: str, help: str = "") -> None:
        """Keep the first error of each node, input and output."""
        error = SconnxError("E201", what, where=self.source.file, why=why, help=help)
        self.errors.setdefault((kind, index), error)

    def _node(self, index: int, node: onnx.NodeProto, values: MutableMapping[str, Value]) -> None:
        """Translate a node; when that fails its outputs stay unknown, and their readers are left out."""
        if all(not name or name in values for name in node.output) and node.op_type == "Constant":
            return
        if not is_known(plain_domain(node.domain), node.op_type):
            self._unsupported(index, "is not supported", "", advice_on(node.domain, node.op_type))
            return
        if any(name and name not in values for name in node.input):
            return
        self.writer.current = index
        inputs = [values[name] if name else None for name in node.input]
        try:
            outputs = self._outputs_of(index, node, inputs, values)
        except (Unsupported, ValueError, OverflowError) as error:
            at_fault = error.node if isinstance(error, Unsupported) and error.node is not None else index
            self._unsupported(at_fault, "is not supported as it is used here", str(error))
            return
        for name, output in zip(node.output, outputs, strict=False):
            if name:
                values[name] = self._kept(name, output) if isinstance(output, Pending) else output

    def _kept(self, name: str, pending: Pending) -> Pending:
        """A result under its name. One that several nodes read takes nothing in: it would be computed for each of them."""
        once = _once(pending)
        return replace(once, add_bias=None, scale_channels=None) if self.readers[name] > 1 else once

    def _outputs_of(
        self, index: int, node: onnx.NodeProto, inputs: Sequence[Value | None], values: MutableMapping[str, Value]
    ) -> Sequence[Value]:
        """The values of a node's outputs."""
        domain = plain_domain(node.domain)
        translation = OPERATORS.get(operator_name(node))
        if domain == "" and is_foldable(node, inputs) and (translation or node.op_type in FOLDED_ONLY):
            constants = [value if isinstance(value, Folded) else None for value in inputs]
            try:
                return fold(node, self.source.opsets, constants)
            except Unsupported:
                if translation is None:
                    raise
        call = Call(self._without_unread(node), index, self.source.opsets.get(domain, 1), inputs, self.writer)
        if domain == "" and node.op_type in CONTROL:
            return controlled(call, partial(self._inside, index, values))
        if translation is None:
            raise Unsupported("its inputs must be constant, known at build time")
        if not any(node.output):
            raise Unsupported("it has no output")
        value = translation(call)
        return value if isinstance(value, tuple) else (value,)

    def _without_unread(self, node: onnx.NodeProto) -> onnx.NodeProto:
        """The node without the names of outputs behind the first that nothing reads: exporters name all."""
        names = [*node.output[:1], *(name if self.readers[name] else "" for name in node.output[1:])]
        if names == [*node.output]:
            return node
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.output[:] = names
        return copy

    def _inside(
        self, outer: int, values: MutableMapping[str, Value], graph: onnx.GraphProto, given: Mapping[str, Value]
    ) -> Sequence[Value]:
        """The outputs of a graph inside of node `outer`, which sees all values so far."""
        scope = ChainMap[str, Value]({**given}, values)
        for name, constant in constants_of(graph, self.source.file).items():
            scope[name] = Folded(name, constant)
        for node in graph.node:
            self._node(self.writer.inner(node, outer), node, scope)
        missing = [output.name for output in graph.output if output.name not in scope]
        if missing:
            known = any(kind == "node" and index == self.writer.positions[outer] for kind, index in self.errors)
            raise Unsupported(
                "what is in it is not supported" if known else f"{printable(missing[0])} is not defined in it"
            )
        return [scope[output.name] for output in graph.output]

    def _unsupported(self, index: int, complaint: str, why: str, help: str = "") -> None:
        """Report a node; of one inside of another, or in the body of a function, the outer one."""
        node, position = self.writer.nodes[index], self.writer.positions[index]
        outer = self.source.operators[position]
        inner = operator_name(node)
        if inner != outer:
            colon = f": {why}" if why else ""
            why = f"in it, operator {printable(inner)[1:-1]} {complaint}{colon}"
            complaint = "is not supported as it is used here"
        opset = self.source.opsets.get(outer.rpartition(".")[0])
        own = self.source.nodes[self.source.positions.index(position)].name
        name = f" {printable(own)}" if own else ""
        version = f" (opset {opset})" if opset is not None else ""
        shown = f"operator {printable(outer)[1:-1]}{version}"
        self._report("node", position, f"node {position}{name}: {shown} {complaint}", why, help)

    def _outputs(self) -> list[int]:
        outputs: list[int] = []
        for position, name in enumerate(self.source.outputs):
            if name not in self.values:
                continue
            try:
                if name in self.carry:
                    update_state(self.writer, self.values[name], self.states[self.carry[name]])
                    continue
                outputs.append(add_output(self.writer, name, self.values[name], set(outputs)))
            except (Unsupported, ValueError) as error:
                self._report("output", position, f"output {printable(name)} is not supported", str(error))
        return outputs


def _read(nodes: Iterable[onnx.NodeProto]) -> Iterator[str]:
    """The names of all inputs, those in branches and bodies included."""
    for node in nodes:
        yield from node.input
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from (*_read(attribute.g.node), *(output.name for output in attribute.g.output))


def _once(pending: Pending) -> Pending:
    """Emit one node for equal quantisations, however many nodes ask for them."""
    emitted: dict[tuple[bytes, bytes, Bounds], View] = {}

    def emit(quant: QuantValues | None, bounds: Bounds) -> View:
        key = (b"", b"", bounds) if quant is None else (quant.scale.tobytes(), quant.zero_point.tobytes(), bounds)
        if key not in emitted:
            emitted[key] = pending.emit(quant, bounds)
        return emitted[key]

    return replace(pending, emit=emit)
