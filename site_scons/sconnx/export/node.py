# SPDX-License-Identifier: Apache-2.0
"""ExportNode: everything an implementation may need about its node, resolved once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from sconnx.graph.graph import Graph
from sconnx.graph.node import MetaOperator, Node
from sconnx.graph.operator import Operator
from sconnx.graph.tensor import Constant, Quantization, Tensor
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
    def values(self) -> int:
        """The tensor whose value, scale and zero point `Params` has for this operand."""
        return self.index if self.tensor.values_of is None else self.tensor.values_of

    @property
    def is_constant(self) -> bool:
        """Whether its value is known at build time."""
        return isinstance(self.tensor, Constant)

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
    """A node with its operands; optional inputs that are absent are None.

    Args:
        index: position in the graph; members of a MetaOperator have their MetaOperator's.
        type: the operator's name, `Conv2D`.
        scratch: where the implementation's scratch buffer is; None before the memory plan, and when it has none.
        members: of a MetaOperator, by the names of its recipe; each is an ExportNode of its own.
    """

    index: int
    name: str
    type: str
    operator: Operator
    rule: Rule
    inputs: tuple[Operand | None, ...]
    outputs: tuple[Operand, ...]
    scratch: MemInfo | None = None
    members: Mapping[str, ExportNode] = field(default_factory=dict)

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

    @property
    def attributes(self) -> dict[str, object]:
        """The operator's attributes by name; those of a MetaOperator's members are `conv.kernel_dims`, at any depth."""
        if not self.members:
            return {item.name: getattr(self.operator, item.name) for item in fields(self.operator)}
        return {
            f"{member}.{name}": value
            for member, node in self.members.items()
            for name, value in node.attributes.items()
        }

    def attribute(self, name: str) -> Any:
        """One attribute. Raises KeyError, naming those that there are."""
        attributes = self.attributes
        if name not in attributes:
            raise KeyError(f"{self.type} has no attribute {name!r}; it has {', '.join(attributes) or 'none'}")
        return attributes[name]


def export_node(
    graph: Graph, index: int, plan: Mapping[int, MemInfo] | None = None, scratch: MemInfo | None = None
) -> ExportNode:
    """The ExportNode of graph.nodes[index]; `plan` maps tensors to their MemInfo."""
    return _export(graph, graph.nodes[index], index, plan or {}, scratch)


def _export(graph: Graph, node: Node, index: int, plan: Mapping[int, MemInfo], scratch: MemInfo | None) -> ExportNode:
    def operand(tensor: int) -> Operand:
        return Operand(index=tensor, tensor=graph.tensors[tensor], mem=plan.get(tensor))

    members = node.operator.members if isinstance(node.operator, MetaOperator) else ()
    return ExportNode(
        index=index,
        name=node.name,
        type=node.type,
        operator=node.operator,
        rule=graph.rule,
        inputs=tuple(None if tensor is None else operand(tensor) for tensor in node.inputs),
        outputs=tuple(operand(tensor) for tensor in node.outputs),
        scratch=scratch,
        members={member.name: _export(graph, member.node, index, plan, None) for member in members},
    )
