# SPDX-License-Identifier: Apache-2.0
"""`read_onnx`: walk the nodes of an int8 QDQ model in order and translate each one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import onnx

from sconnx.errors import SconnxError, raise_all
from sconnx.frontend.onnx import (
    binary,
    convolution,
    matrix,
    movers,
    normalization,
    pad,
    parts,
    pooling,
    quantization,
    reduction,
    softmax,
    unary,
)
from sconnx.frontend.onnx.boundary import add_input, add_output
from sconnx.frontend.onnx.call import OPERATORS, Call
from sconnx.frontend.onnx.load import Source, load, plain_domain
from sconnx.frontend.onnx.printable import printable
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Unsupported, Value, View
from sconnx.frontend.onnx.writer import Writer
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.reference.rule import Rule

TRANSLATORS = (
    binary, convolution, matrix, movers, normalization, pad, parts, pooling, quantization, reduction, softmax, unary
)  # fmt: skip
"""The modules that fill `OPERATORS`."""


def read_onnx(path: Path, name: str) -> Model:
    """Import an ONNX model that is quantised to int8 in the QDQ form (opset 10 or newer).

    Float32 graph inputs and outputs become int8 ones: the QuantizeLinear behind an input and the
    DequantizeLinear before an output are stripped. Four-dimensional tensors are stored NHWC; `source_axes` of
    graph inputs and outputs says how ONNX orders them.

    Args:
        name: of the graph, a C identifier.

    Raises:
        SconnxError: E101..E104 as `load`; E201 for nodes, inputs and outputs that are not supported. All of
            them are reported at once, except the consequences of others.
    """
    return _Walk(load(path), name).run()


class _Walk:
    """The state of one import: the value of each ONNX tensor seen so far, and the errors."""

    def __init__(self, source: Source, name: str) -> None:
        self.source = source
        self.builder = ModelBuilder(name, Rule.ONNX)
        self.writer = Writer(self.builder, source.nodes)
        self.values: dict[str, Value] = {
            constant: Folded(constant, value) for constant, value in source.constants.items()
        }
        self.quantized = any(node.op_type == "DequantizeLinear" for node in source.nodes)
        self.errors: dict[tuple[str, int], SconnxError] = {}

    def run(self) -> Model:
        for position, entry in enumerate(self.source.inputs):
            try:
                self.values[entry.name] = add_input(self.writer, self.source, entry)
            except Unsupported as error:
                self._report("input", position, f"input {printable(entry.name)} is not supported", str(error))
        for index, node in enumerate(self.source.nodes):
            self._node(index, node)
        outputs = self._outputs()
        raise_all(list(self.errors.values()))
        return self.builder.build(outputs)

    def _report(self, kind: str, index: int, what: str, why: str) -> None:
        """Keep the first error of each node, input and output."""
        hint = "" if self.quantized else "quantise it to int8 first, in the QDQ form (ONNX Runtime: quantize_static)"
        error = SconnxError("E201", what, where=self.source.file, why=why, help=hint)
        self.errors.setdefault((kind, index), error)

    def _node(self, index: int, node: onnx.NodeProto) -> None:
        """Translate a node; when that fails its outputs stay unknown, and their readers are left out."""
        domain = plain_domain(node.domain)
        operator = f"{domain}.{node.op_type}" if domain else node.op_type
        translation = OPERATORS.get(operator)
        if domain == "" and node.op_type == "Constant" and node.output[0] in self.values:
            return
        if translation is None or not node.output or not node.output[0]:
            self._unsupported(index, f"operator {printable(operator)[1:-1]}", "is not supported", "")
            return
        if any(name and name not in self.values for name in node.input):
            return
        self.writer.current = index
        inputs = [self.values[name] if name else None for name in node.input]
        try:
            value = translation(Call(node, index, self.source.opsets.get(domain, 1), inputs, self.writer))
        except (Unsupported, ValueError, OverflowError) as error:
            at_fault = error.node if isinstance(error, Unsupported) and error.node is not None else index
            operator = self.source.nodes[at_fault].op_type
            self._unsupported(at_fault, f"operator {operator}", "is not supported as it is used here", str(error))
            return
        for name, output in zip(node.output, value if isinstance(value, tuple) else (value,), strict=False):
            if name:
                self.values[name] = _once(output) if isinstance(output, Pending) else output

    def _unsupported(self, index: int, operator: str, complaint: str, why: str) -> None:
        node = self.source.nodes[index]
        opset = self.source.opsets.get(plain_domain(node.domain))
        name = f" {printable(node.name)}" if node.name else ""
        version = f" (opset {opset})" if opset is not None else ""
        self._report("node", index, f"node {index}{name}: {operator}{version} {complaint}", why)

    def _outputs(self) -> list[int]:
        outputs: list[int] = []
        for position, name in enumerate(self.source.outputs):
            if name not in self.values:
                continue
            try:
                outputs.append(add_output(self.writer, name, self.values[name], set(outputs)))
            except Unsupported as error:
                self._report("output", position, f"output {printable(name)} is not supported", str(error))
        return outputs


def _once(pending: Pending) -> Pending:
    """Emit one node for equal quantisations, however many nodes ask for them."""
    emitted: dict[tuple[bytes, bytes, Bounds], View] = {}

    def emit(quant: QuantValues | None, bounds: Bounds) -> View:
        key = (b"", b"", bounds) if quant is None else (quant.scale.tobytes(), quant.zero_point.tobytes(), bounds)
        if key not in emitted:
            emitted[key] = pending.emit(quant, bounds)
        return emitted[key]

    return replace(pending, emit=emit)
