# SPDX-License-Identifier: Apache-2.0
"""Rules without kernels, for tests that look at what is chosen; and models of MetaOperators."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sconnx.export.access import Access, Whole
from sconnx.export.library import ExportLib, Implementation
from sconnx.export.lower import lower
from sconnx.export.lowered import Lowered
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.graph import Graph
from sconnx.graph.model import Model
from sconnx.graph.operator import Add, FullyConnected, Mul, Operator, Sigmoid, Sub, Tanh
from tests.tiny_models import Chain

NONE: frozenset[str] = frozenset()


class Made(Implementation):
    """Takes what its spec says."""

    header = "made.h"
    params_type = "made"

    def kernel(self, node: ExportNode) -> str:
        return f"made_{node.type.lower()}"

    def access(self, node: ExportNode) -> Access:
        return Whole()


def rule(
    name: str, refuses: Callable[[ExportNode], str | None] = lambda node: None, scratch: int = 0
) -> type[Implementation]:
    """A rule class of this name that may refuse nodes."""
    methods = {"reject": lambda self, node: refuses(node), "scratch_bytes": lambda self, node: scratch}
    return type(name, (Made,), methods)


def lib_of(name: str, *operators: str) -> ExportLib:
    """A lib that takes these operators whatever their operands are."""
    lib = ExportLib(name)
    for operator in operators:
        lib.register(operator, ImplSpec())(rule(f"Made{operator}"))
    return lib


def lowered_by(graph: Graph, *libs: ExportLib, features: frozenset[str] = NONE) -> Lowered:
    return lower(graph, "cortex-x0", libs, features)


def types(lowered: Lowered) -> list[str]:
    return [node.type for node in lowered.graph.nodes]


class Cell(Chain):
    """Models of recurrent cells, from the equations."""

    def dense(self, x: int, units: int, bias: bool = True) -> int:
        depth = self.builder.tensors[x].dims[-1]
        last = self.constant(units, dtype=np.int32) if bias else None
        inputs = (x, self.constant(units, depth)) if last is None else (x, self.constant(units, depth), last)
        return self.node(FullyConnected(), *inputs)

    def gate(self, x: int, h: int, activation: Operator, swapped: bool = False) -> int:
        units = self.builder.tensors[h].dims[-1]
        parts = [self.dense(x, units), self.dense(h, units, bias=False)]
        return self.node(activation, self.node(Add(), *(reversed(parts) if swapped else parts)))


def lstm(swapped: bool = False) -> Model:
    """One step; `swapped` writes every sum and product the other way round."""

    def both(a: int, b: int) -> tuple[int, int]:
        return (b, a) if swapped else (a, b)

    cell = Cell("lstm")
    x, h, c = cell.input(1, 5, name="x"), cell.input(1, 3, name="h"), cell.input(1, 3, name="c")
    i, f = cell.gate(x, h, Sigmoid(), swapped), cell.gate(x, h, Sigmoid(), swapped)
    g, o = cell.gate(x, h, Tanh(), swapped), cell.gate(x, h, Sigmoid(), swapped)
    kept, added = cell.node(Mul(), *both(f, c)), cell.node(Mul(), *both(i, g))
    c_next = cell.node(Add(), *both(kept, added), name="c_next")
    h_next = cell.node(Mul(), *both(o, cell.node(Tanh(), c_next)), name="h_next")
    return cell.build(h_next, c_next)


def gru() -> Model:
    cell = Cell("gru")
    x, h = cell.input(1, 5, name="x"), cell.input(1, 3, name="h")
    z, r = cell.gate(x, h, Sigmoid()), cell.gate(x, h, Sigmoid())
    gated = cell.node(Mul(), cell.dense(h, 3), r)
    n = cell.node(Tanh(), cell.node(Add(), cell.dense(x, 3), gated))
    kept = cell.node(Mul(), z, cell.node(Sub(), h, n))
    return cell.build(cell.node(Add(), n, kept, name="h_next"))
