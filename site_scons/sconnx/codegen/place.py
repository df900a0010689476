# SPDX-License-Identifier: Apache-2.0
"""C expressions of where tensors and their rows are."""

from __future__ import annotations

from dataclasses import dataclass

from sconnx.codegen.interface import Interface
from sconnx.codegen.symbols import constant_name
from sconnx.export.node import Operand
from sconnx.graph.tensor import DType
from sconnx.memory.meminfo import CALLER, MemInfo, MemoryPlan


def arena_member(plan: MemoryPlan, region: str) -> str:
    """The member of the ctx that points to an arena; the first arena needs no other name."""
    return "arena" if region == plan.arenas[0].region else f"arena_{region}"


def _plus(base: str, offset: str | int) -> str:
    return f"{base} + {offset}" if offset != 0 else base


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything of one model is.

    Args:
        outputs: members of the ctx that hold the caller's outputs, by tensor.
    """

    model: str
    plan: MemoryPlan
    outputs: dict[int, str]

    @classmethod
    def of(cls, model: str, plan: MemoryPlan, interface: Interface) -> Places:
        return cls(model, plan, {port.tensor: f"output_{port.identifier}" for port in interface.outputs})

    def memory(self, mem: MemInfo) -> str:
        """The first byte of a place."""
        if mem.region == CALLER:
            return f"ctx->{self._caller_member(mem)}"
        return _plus(f"ctx->{arena_member(self.plan, mem.region)}", mem.offset_bytes)

    def _caller_member(self, mem: MemInfo) -> str:
        """The caller's output that a tensor is, or is an alias of."""
        places = self.plan.by_tensor()
        root = _root(places, mem.tensor)
        return next(member for tensor, member in self.outputs.items() if _root(places, tensor) == root)

    def tensor(self, operand: Operand) -> str:
        """The first byte of a tensor."""
        if operand.mem is not None:
            return self.memory(operand.mem)
        name = constant_name(self.model, operand.index)
        return name if operand.tensor.dtype is DType.INT8 else f"(const int8_t *){name}"

    def row(self, operand: Operand, y: str) -> str:
        """The first byte of row y of a tensor."""
        rows = None if operand.mem is None else operand.mem.ring_rows
        if rows == 1:
            return self.tensor(operand)
        slot = y if rows is None else f"({y} % {rows})"
        return f"{self.tensor(operand)} + {slot} * {operand.row_bytes}"


def _root(places: dict[int, MemInfo], tensor: int) -> int:
    while (relation := places[tensor].relation) is not None and relation.kind == "alias":
        tensor = relation.of
    return tensor
