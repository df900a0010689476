# SPDX-License-Identifier: Apache-2.0
"""ExportNode: everything an implementation may need about its node, resolved once."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.graph.graph import Graph
from sconnx.graph.operator import Operator
from sconnx.graph.tensor import Quantization, Tensor
from sconnx.memory.meminfo import MemInfo
from sconnx.reference.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Operand:
    """One input or output of an ExportNode.

    Args:
        index: of the tensor in the graph.
        mem: where the tensor is; None before the memory plan, and for constants.
    """

    index: int
    tensor: Tensor
    mem: MemInfo | None = None

    @property
    def dims(self) -> tuple[int, ...]:
        return self.tensor.dims

    @property
    def size(self) -> int:
        return self.tensor.size

    @property
    def batch(self) -> int:
        return self.tensor.batch

    @property
    def channels(self) -> int:
        return self.tensor.channels

    @property
    def height(self) -> int:
        return self.tensor.height

    @property
    def width(self) -> int:
        return self.tensor.width

    @property
    def row_bytes(self) -> int:
        """Bytes of one image row: width * channels elements."""
        return self.width * self.channels * self.tensor.dtype.size_bytes

    @property
    def quantization(self) -> Quantization | None:
        return self.tensor.quantization


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportNode:
    """A node with its operands; optional inputs that are absent are None."""

    index: int
    name: str
    type: str
    operator: Operator
    rule: Rule
    inputs: tuple[Operand | None, ...]
    outputs: tuple[Operand, ...]

    def input(self, position: int) -> Operand:
        """An input that the operator always has. Raises IndexError when it is absent."""
        operand = self.inputs[position]
        if operand is None:
            raise IndexError(f"node {self.name!r} has no input {position}")
        return operand

    @property
    def output(self) -> Operand:
        """The first output."""
        return self.outputs[0]


def export_node(graph: Graph, index: int, plan: dict[int, MemInfo] | None = None) -> ExportNode:
    """The ExportNode of graph.nodes[index]; `plan` maps tensors to their MemInfo."""
    node = graph.nodes[index]

    def operand(tensor: int) -> Operand:
        return Operand(index=tensor, tensor=graph.tensors[tensor], mem=(plan or {}).get(tensor))

    return ExportNode(
        index=index,
        name=node.name,
        type=node.type,
        operator=node.operator,
        rule=graph.rule,
        inputs=tuple(None if tensor is None else operand(tensor) for tensor in node.inputs),
        outputs=tuple(operand(tensor) for tensor in node.outputs),
    )
