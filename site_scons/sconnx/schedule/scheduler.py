# SPDX-License-Identifier: Apache-2.0
"""ExportScheduler: one for all exports. Layer by layer, in the order of the graph."""

from __future__ import annotations

from dataclasses import dataclass, field

from sconnx.export.access import Alias, Elementwise
from sconnx.export.lowered import Lowered
from sconnx.graph.tensor import Constant
from sconnx.memory.meminfo import Relation, scratch_key
from sconnx.schedule.schedule import Lifetime, Schedule

INPUT_POLICIES = ("keep", "clobber")


@dataclass(frozen=True, slots=True)
class ExportScheduler:
    """Orders the nodes and derives lifetimes and relations.

    Args:
        input_policy: "keep" leaves the graph inputs intact until the run has ended, "clobber" lets the plan overwrite
            them once they were read for the last time.
    """

    input_policy: str = "keep"

    def __post_init__(self) -> None:
        if self.input_policy not in INPUT_POLICIES:
            raise ValueError(f"input policy is {self.input_policy!r}; it must be one of {', '.join(INPUT_POLICIES)}")

    def schedule(self, lowered: Lowered) -> Schedule:
        graph = lowered.graph
        order = tuple(range(len(graph.nodes)))
        spans = _Spans(lowered, order, self.input_policy)
        for step, node in enumerate(order):
            spans.share(step, node)
        return Schedule(input_policy=self.input_policy, order=order, lifetimes=spans.lifetimes())


@dataclass(slots=True)
class _Spans:
    """First and last step of every tensor, and which tensors share bytes (those of one root)."""

    lowered: Lowered
    order: tuple[int, ...]
    input_policy: str
    first: dict[int, int] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    relation: dict[int, Relation] = field(default_factory=dict)
    root: dict[int, int] = field(default_factory=dict)
    busy_until: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        graph = self.lowered.graph
        end = max(len(self.order), 1)
        for tensor in graph.inputs:
            self.first[tensor], self.last[tensor] = 0, end if self.input_policy == "keep" else 1
        for step, node in enumerate(self.order):
            for tensor in graph.nodes[node].outputs:
                self.first[tensor], self.last[tensor] = step, step + 1
            for tensor in graph.nodes[node].reads:
                if tensor in self.first:
                    self.last[tensor] = max(self.last[tensor], step + 1)
        for tensor in graph.outputs:
            if not isinstance(graph.tensors[tensor], Constant):
                self.last[tensor] = end
        self.root = {tensor: tensor for tensor in self.first}
        # What the application reads after the run stays busy beyond the last step: no node may take its place.
        kept = graph.outputs + (graph.inputs if self.input_policy == "keep" else ())
        self.busy_until = {tensor: end + 1 if tensor in kept else last for tensor, last in self.last.items()}

    def share(self, step: int, node_index: int) -> None:
        """Let the node's output take the bytes of an input, where its access allows that."""
        graph = self.lowered.graph
        node, access = graph.nodes[node_index], self.lowered.choices[node_index].access
        output = node.outputs[0]
        for tensor in node.reads if isinstance(access, Alias | Elementwise) else ():
            if tensor not in self.root or graph.tensors[tensor].size_bytes != graph.tensors[output].size_bytes:
                continue
            root = self.root[tensor]
            if isinstance(access, Alias):
                self._join(output, tensor, "alias")
                return
            if self.busy_until[root] == step + 1 and node.reads.count(tensor) == 1:
                self._join(output, tensor, "in_place")
                return

    def _join(self, output: int, tensor: int, kind: str) -> None:
        root = self.root[tensor]
        self.root[output] = root
        self.relation[output] = Relation(kind=kind, of=tensor)
        self.busy_until[root] = max(self.busy_until[root], self.busy_until[output])

    def lifetimes(self) -> tuple[Lifetime, ...]:
        tensors = self.lowered.graph.tensors
        alive = tuple(
            Lifetime(
                tensor=tensor,
                size_bytes=tensors[tensor].size_bytes,
                first=self.first[tensor],
                last=self.last[tensor],
                relation=self.relation.get(tensor),
            )
            for tensor in sorted(self.first)
        )
        scratch = tuple(
            Lifetime(
                tensor=scratch_key(node),
                size_bytes=self.lowered.choices[node].scratch_bytes,
                first=step,
                last=step + 1,
                scratch_of=node,
            )
            for step, node in enumerate(self.order)
            if self.lowered.choices[node].scratch_bytes
        )
        return alive + scratch
