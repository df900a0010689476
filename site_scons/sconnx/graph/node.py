# SPDX-License-Identifier: Apache-2.0
"""Nodes: one operator applied to tensors; and MetaOperators, which stand for several.

A MetaOperator holds its members as ordinary nodes, whose tensors are tensors of the graph. Expanding it is putting the members
in its place; nothing is lost by making one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from sconnx.graph.operator import Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One operator applied to tensors.

    Args:
        name: the node's name in the source model, for people.
        source_index: its position in the source model.
        inputs: tensor indices; None is an optional input that is absent.
        outputs: tensor indices.
    """

    operator: Operator
    name: str
    source_index: int
    inputs: tuple[int | None, ...]
    outputs: tuple[int, ...]

    @property
    def type(self) -> str:
        """The operator's name, `Conv2D`."""
        return self.operator.type_name

    @property
    def reads(self) -> tuple[int, ...]:
        """The inputs that are present."""
        return tuple(tensor for tensor in self.inputs if tensor is not None)


@dataclass(frozen=True, slots=True)
class Member:
    """One node of a MetaOperator, under the name that its recipe gives it."""

    name: str
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaOperator(Operator, stands_for_others=True):
    """A subgraph with a name.

    Args:
        recipe: the name: `PaddedConv2D`; it is also the operator's type.
        members: in running order. Tensors between them belong to nobody else.
    """

    recipe: str
    members: tuple[Member, ...]

    def __post_init__(self) -> None:
        if not self.members:
            raise ValueError(f"MetaOperator {self.recipe} has no members")

    @property
    def type_name(self) -> str:
        return self.recipe

    def member(self, name: str) -> Node:
        """A member by its name. Raises KeyError when there is none."""
        for member in self.members:
            if member.name == name:
                return member.node
        raise KeyError(f"{self.recipe} has no member {name!r}; it has {', '.join(m.name for m in self.members)}")


def attributes(operator: Operator) -> dict[str, object]:
    """The attributes by name; those of a MetaOperator's members are `conv.kernel_dims`, at any depth."""
    if not isinstance(operator, MetaOperator):
        return {field.name: getattr(operator, field.name) for field in fields(operator)}
    return {
        f"{member.name}.{name}": value
        for member in operator.members
        for name, value in attributes(member.node.operator).items()
    }


def expand(node: Node) -> Iterator[Node]:
    """The members of a MetaOperator's node, at any depth; any other node is itself."""
    if not isinstance(node.operator, MetaOperator):
        yield node
        return
    for member in node.operator.members:
        yield from expand(member.node)
