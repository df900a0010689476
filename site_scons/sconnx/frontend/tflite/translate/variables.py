# SPDX-License-Identifier: Apache-2.0
"""Variables that keep their values between runs: streaming models write in one run what they read in the next.

A handle names a variable; it is read and assigned through handles. A graph of its own, which runs once, may assign what it is
before the first run.
"""

from __future__ import annotations

from sconnx.frontend.tflite.names import printable
from sconnx.frontend.tflite.operand import DataTensor, Source, Unsupported
from sconnx.frontend.tflite.operands import Operands
from sconnx.frontend.tflite.options import CallOnceOptions, VarHandleOptions
from sconnx.frontend.tflite.translation import Translation, translates


@translates("VAR_HANDLE")
def var_handle(node: Operands) -> Translation:
    options = node.options(VarHandleOptions)
    for index in node.operator.outputs:
        node.source.handles[index] = f"{options.container}/{options.shared_name}".lstrip("/")
    return Translation()


@translates("READ_VARIABLE")
def read_variable(node: Operands) -> Translation:
    output = node.output()
    return Translation(reads=[(output, _variable(node, output))])


@translates("ASSIGN_VARIABLE")
def assign_variable(node: Operands) -> Translation:
    data = node.input(1)
    return Translation(updates=[(_variable(node, data), data)])


def _variable(node: Operands, data: DataTensor) -> DataTensor:
    """The variable that input 0 refers to; what is first read or assigned says what kind of tensor it is."""
    source, name = node.source, _name(node)
    if name not in source.variables:
        initial = source.initial.get(name)
        if initial is not None and (initial.dtype.name, initial.shape) != (data.dtype.value, data.dims):
            stated = f"{initial.dtype.name} {list(initial.shape)}"
            raise Unsupported(
                f"variable {printable(name)} begins as {stated} and is {data.dtype.value} {list(data.dims)}"
            )
        source.variables[name] = DataTensor(None, name, data.dtype, data.dims, data.quantization, initial)
    known = source.variables[name]
    if (known.dtype, known.dims) != (data.dtype, data.dims) or not known.same_quantization(data):
        raise Unsupported(f"variable {printable(name)} changes its type, its dims, or its quantisation")
    return known


def _name(node: Operands) -> str:
    index = node.index(0)
    if index not in node.source.handles:
        raise Unsupported("input 0 is no handle of a variable")
    return node.source.handles[index]


@translates("CALL_ONCE")
def call_once(node: Operands) -> Translation:
    """The graph may do nothing but assign constants to variables."""
    number, model = node.options(CallOnceOptions).subgraph, node.source.model
    if not 0 < number < len(model.subgraphs):
        raise Unsupported(f"it calls graph {number} of {len(model.subgraphs)}")
    called = Source(model, model.subgraphs[number])
    for operator in called.graph.operators:
        inner, name = Operands(called, operator), called.operator_name(operator)
        if name == "VAR_HANDLE":
            var_handle(inner)
        elif name == "ASSIGN_VARIABLE":
            value = called.read(inner.index(1), "input 1").value
            if value is None:
                raise Unsupported(f"graph {number}, which it calls, assigns what is not constant")
            variable = _name(inner)
            if variable in node.source.variables:
                raise Unsupported(f"graph {number}, which it calls, assigns a variable that was read before")
            node.source.initial[variable] = value
        else:
            raise Unsupported(f"graph {number}, which it calls, has the operator {name}; it may only assign variables")
    return Translation()
