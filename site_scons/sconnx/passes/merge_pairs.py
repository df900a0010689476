# SPDX-License-Identifier: Apache-2.0
"""Nodes that only move or only requantise: none where they change nothing, one where two in a row do the work of one.

Two transposes are one, or none where the second undoes the first; a transpose that keeps the order of the elements is a
reshape, which costs nothing. Requantisations and clamps are tables: a table that keeps every value that can come is left out, and
two are one where one operator has their values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.model import Model, ModelBuilder
from sconnx.graph.node import Node
from sconnx.graph.operator import Operator, Relu, Relu6, Requantize, Reshape, Transpose
from sconnx.graph.tensor import DType
from sconnx.passes.intervals import Interval, intervals
from sconnx.passes.rewrite import reopen
from sconnx.reference.lookup import table_of
from sconnx.reference.requantize import INT8_MIN

TABLES: tuple[Operator, ...] = (Requantize(), Relu(), Relu6())
TABLE_TYPES = tuple(map(type, TABLES))
MERGED = (Transpose, Reshape, *TABLE_TYPES)


def merge_pairs(model: Model) -> Model:
    """The outputs stay the same, bit for bit; what computes a graph output stays a node, for the output has its name."""
    if not any(isinstance(node.operator, MERGED) for node in model.graph.nodes):
        return model
    for with_reshapes in (False, True):  # as a reshape, a transpose is lost for the one behind it
        merge = _Merge(model, with_reshapes)
        for position, node in enumerate(model.graph.nodes):
            merge.visit(position, node)
        model = merge.builder.build(list(model.graph.outputs))
    return model


class _Merge:
    """One walk through the nodes; each is seen after those before it have taken their final form."""

    def __init__(self, model: Model, with_reshapes: bool) -> None:
        self.with_reshapes = with_reshapes
        self.builder: ModelBuilder = reopen(model)
        has_tables = any(isinstance(node.operator, TABLE_TYPES) for node in model.graph.nodes)
        self.known = intervals(model) if has_tables else {}
        self.outputs = frozenset(model.graph.kept)
        self.stands_for: dict[int, int] = {}
        self.writers: dict[int, Node] = {}

    def visit(self, position: int, node: Node) -> None:
        inputs = tuple(None if tensor is None else self.stands_for.get(tensor, tensor) for tensor in node.inputs)
        node = replace(node, inputs=inputs)
        if isinstance(node.operator, Transpose | Reshape):
            node = self._moved(node)
        elif self._is_table(node):
            node = self._looked_up(node)
        self.builder.nodes[position] = node
        self.writers.update(dict.fromkeys(node.outputs, node))
        if self._changes_nothing(node) and node.outputs[0] not in self.outputs:
            self.stands_for[node.outputs[0]] = node.reads[0]

    def _changes_nothing(self, node: Node) -> bool:
        """Whether the output is the input, in dims, values and quantisation."""
        if not isinstance(node.operator, MERGED):
            return False
        x, y = node.reads[0], node.outputs[0]
        if self.builder.tensors[x].dims != self.builder.tensors[y].dims:
            return False
        if isinstance(node.operator, Transpose):
            return node.operator.permutation == tuple(range(len(node.operator.permutation)))
        if isinstance(node.operator, Reshape):
            return True
        if not self._is_table(node):
            return False
        is_kept = self.builder.quantizations[x].same_as(self.builder.quantizations[y])
        codes = np.arange(256) + INT8_MIN
        return is_kept and bool(np.all((self._table(node.operator, x, y) == codes)[_possible(self.known[x])]))

    def _moved(self, node: Node) -> Node:
        """The transpose or reshape, together with the one before it."""
        x, operator = node.reads[0], node.operator
        if self.with_reshapes and isinstance(operator, Transpose) and self._keeps_order(x, operator.permutation):
            operator = Reshape(dims=self.builder.tensors[node.outputs[0]].dims)
        before = self.writers.get(x)
        if before is None or type(before.operator) is not type(operator):
            return replace(node, operator=operator)
        if isinstance(operator, Transpose) and isinstance(before.operator, Transpose):
            first = before.operator.permutation
            operator = Transpose(permutation=tuple(first[axis] for axis in operator.permutation))
        return replace(node, operator=operator, inputs=before.inputs)

    def _keeps_order(self, x: int, permutation: Sequence[int]) -> bool:
        """Whether the dimensions that are not 1 stay in order."""
        moved = [axis for axis in permutation if self.builder.tensors[x].dims[axis] > 1]
        return moved == sorted(moved)

    def _is_table(self, node: Node) -> bool:
        """Whether it is a function of one int8 element, and no other number."""
        ends = (node.reads[0], node.outputs[0])
        return isinstance(node.operator, TABLE_TYPES) and all(
            end in self.builder.quantizations and self.builder.tensors[end].dtype is DType.INT8 for end in ends
        )

    def _looked_up(self, node: Node) -> Node:
        """The table, together with the one before it."""
        before = self.writers.get(node.reads[0])
        if before is None or not self._is_table(before):
            return node
        x, y = before.reads[0], node.outputs[0]
        possible = _possible(self.known[x])
        try:
            first = self._table(before.operator, x, before.outputs[0])[possible].astype(np.int64)
            both = self._table(node.operator, before.outputs[0], y)[first - INT8_MIN]
            fitting = [o for o in TABLES if np.array_equal(self._table(o, x, y)[possible], both)]
        except ValueError:  # the quotient of two scales is beyond what a multiplier holds
            return node
        if not fitting:
            return node
        self._mark_kept(x, y)
        return replace(node, operator=fitting[0], inputs=(x,))

    def _mark_kept(self, x: int, y: int) -> None:
        """Say of a tensor whether its quantisation is that of its node's new input."""
        tensor = self.builder.tensors[y]
        assert tensor.quantization is not None
        is_kept = self.builder.quantizations[x].same_as(self.builder.quantizations[y])
        self.builder.tensors[y] = replace(tensor, quantization=replace(tensor.quantization, kept=is_kept))

    def _table(self, operator: Operator, x: int, y: int) -> NDArray[np.int8]:
        """Of an operator between two tensors, with their quantisations."""
        source, target = self.builder.quantizations[x], self.builder.quantizations[y]
        return table_of(
            operator,
            self.builder.rule,
            input_scale=float(source.scale[0]),
            input_zero_point=int(source.zero_point[0]),
            output_scale=float(target.scale[0]),
            output_zero_point=int(target.zero_point[0]),
        )


def _possible(x: Interval) -> slice:
    """The entries of a table for values of any channel."""
    return slice(int(x.low.min()) - INT8_MIN, int(x.high.max()) - INT8_MIN + 1)
