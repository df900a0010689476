# SPDX-License-Identifier: Apache-2.0
"""Adapters: visible nodes that bring an operand into the dtype or data format that an implementation wants.

Integers that stand for real numbers become float32 and are rounded again: Dequantize, Quantize. That is what rule onnx means by a
quantised operator; rule tflite has integer arithmetic of its own, so there is none. Other numbers change to dtypes that have
all of them only: Cast.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sconnx.export.node import export_node
from sconnx.export.selection import Verdict, judge
from sconnx.export.spec import Aspect, ImplSpec, IOSpec, Mismatch
from sconnx.graph.graph import Graph
from sconnx.graph.node import Node
from sconnx.graph.operator import Cast, Dequantize, Operator, Quantize, Transpose
from sconnx.graph.tensor import Computed, Constant, DType, Tensor
from sconnx.reference.rule import Rule

_QUANTIZED = (DType.INT8, DType.UINT8, DType.INT16)
_WIDER: dict[DType, tuple[DType, ...]] = {
    DType.BOOL: (DType.INT8, DType.UINT8, DType.INT16, DType.INT32, DType.INT64, DType.FLOAT32),
    DType.INT8: (DType.INT16, DType.INT32, DType.INT64, DType.FLOAT32),
    DType.UINT8: (DType.INT16, DType.INT32, DType.INT64, DType.FLOAT32),
    DType.INT16: (DType.INT32, DType.INT64, DType.FLOAT32),
    DType.UINT16: (DType.INT32, DType.UINT32, DType.INT64, DType.UINT64, DType.FLOAT32),
    DType.INT32: (DType.INT64,),
    DType.UINT32: (DType.INT64, DType.UINT64),
}
"""Dtypes that have every number of another one."""

ADAPTERS = frozenset({"Transpose", "Quantize", "Dequantize", "Cast"})
"""Types of the operators that adapters are."""


def adapt(graph: Graph, index: int, candidates: Sequence[Verdict], features: frozenset[str]) -> Iterator[Graph]:
    """The graph with adapters around node `index`, for each candidate that then fits, in their order."""
    node = export_node(graph, index)
    inputs = tuple(None if operand is None else operand.tensor for operand in node.inputs)
    outputs = tuple(operand.tensor for operand in node.outputs)
    for verdict in candidates:
        mismatches = verdict.spec.mismatches(inputs, outputs)
        adapted = _insert(graph, index, verdict.spec, mismatches) if mismatches else None
        if adapted is None:
            continue
        changed, position = adapted
        again = judge(export_node(changed, position), verdict.lib, verdict.spec, verdict.implementation, features)
        if not again.reason:
            yield changed


def _insert(graph: Graph, index: int, spec: ImplSpec, mismatches: Sequence[Mismatch]) -> tuple[Graph, int] | None:
    """The graph with an adapter for each mismatch, and where the node then is; None when one cannot be adapted."""
    tensors = list(graph.tensors)
    before: list[Node] = []
    after: list[Node] = []
    node = graph.nodes[index]
    for mismatch in mismatches:
        is_input = mismatch.role == "input"
        specs = spec.inputs if is_input else spec.outputs
        wanted = specs[min(mismatch.position, len(specs) - 1)]
        tensor = (node.inputs if is_input else node.outputs)[mismatch.position]
        if tensor is None or isinstance(tensors[tensor], Constant):
            return None
        if (
            tensors[tensor].quantization is not None
            and Aspect.DTYPE in mismatch.aspects
            and graph.rule is not Rule.ONNX
        ):
            return None
        chain = _chain(tensors[tensor], tensor, wanted, mismatch.aspects, to_wanted=is_input)
        if chain is None:
            return None
        label = f"{node.name} ({mismatch.role} {mismatch.position})"
        node = _connect(node, mismatch, label, tensor, chain, tensors, before if is_input else after)
    nodes = (*graph.nodes[:index], *before, node, *after, *graph.nodes[index + 1 :])
    return replace(graph, tensors=tuple(tensors), nodes=nodes), index + len(before)


def _connect(
    node: Node,
    mismatch: Mismatch,
    label: str,
    tensor: int,
    chain: list[tuple[Operator, Tensor]],
    tensors: list[Tensor],
    adapters: list[Node],
) -> Node:
    """Append the chain's tensors and adapters; the node that reads or writes the far end of the chain."""
    ends = [tensor]
    for _, added in chain:
        tensors.append(added)
        ends.append(len(tensors) - 1)
    steps = list(zip(ends[:-1], ends[1:], (operator for operator, _ in chain), strict=True))
    if mismatch.role == "output":
        steps = [(far, near, operator) for near, far, operator in reversed(steps)]
    for source, target, operator in steps:
        adapters.append(
            Node(operator=operator, name=label, source_index=node.source_index, inputs=(source,), outputs=(target,))
        )
    if mismatch.role == "input":
        return replace(
            node, inputs=(*node.inputs[: mismatch.position], ends[-1], *node.inputs[mismatch.position + 1 :])
        )
    return replace(node, outputs=(*node.outputs[: mismatch.position], ends[-1], *node.outputs[mismatch.position + 1 :]))


def _chain(
    tensor: Tensor, index: int, wanted: IOSpec, aspects: tuple[Aspect, ...], *, to_wanted: bool
) -> list[tuple[Operator, Tensor]] | None:
    """Adapters from the graph's tensor outwards, each with the tensor at its far end; None when there is no adapter.

    Args:
        to_wanted: whether data flow from the tensor to the node; for outputs they flow back, and the operators are inverses.
    """
    chain: list[tuple[Operator, Tensor]] = []
    current = Computed(
        name=tensor.name,
        dtype=tensor.dtype,
        dims=tensor.dims,
        quantization=tensor.quantization,
        data_format=tensor.data_format,
        values_of=index if tensor.values_of is None else tensor.values_of,
    )
    if {Aspect.DIMS, Aspect.CONSTANT, Aspect.QUANTIZATION}.intersection(aspects):
        return None
    if Aspect.DATA_FORMAT in aspects and wanted.data_format is not None and current.data_format is not None:
        there = current.data_format.permutation_to(wanted.data_format)
        back = wanted.data_format.permutation_to(current.data_format)
        if there is None or back is None:
            return None
        dims = tuple(current.dims[axis] for axis in there)
        current = replace(current, dims=dims, data_format=wanted.data_format)
        chain.append((Transpose(permutation=there if to_wanted else back), current))
    if Aspect.DTYPE in aspects and wanted.dtype is not None:
        operator = _conversion(current, wanted.dtype, to_wanted=to_wanted)
        if operator is None:
            return None
        current = replace(current, dtype=wanted.dtype, quantization=None)
        chain.append((operator, current))
    return chain


def _conversion(tensor: Tensor, wanted: DType, *, to_wanted: bool) -> Operator | None:
    """From the tensor's dtype to the wanted one, or the way back."""
    if tensor.quantization is not None:
        is_known = tensor.dtype in _QUANTIZED and wanted is DType.FLOAT32
        return None if not is_known else Dequantize() if to_wanted else Quantize()
    source, target = (tensor.dtype, wanted) if to_wanted else (wanted, tensor.dtype)
    return Cast() if target in _WIDER.get(source, ()) else None
