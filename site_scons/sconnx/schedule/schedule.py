# SPDX-License-Identifier: Apache-2.0
"""Schedule: segments of nodes in their order, the lifetimes of the tensors, and which may share bytes; schedule.json.

Time is counted in steps. Step i runs segment i; a tensor is alive in the half-open interval [first, last). Graph inputs are
alive from step 0. What is needed after the run, the outputs and inputs that are kept and what states become, is also alive in
the step after the last segment. States are alive in all steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sconnx.export.lowered import Lowered
from sconnx.graph.graph import StateUpdate
from sconnx.graph.json_form import read_document
from sconnx.memory.meminfo import Relation
from sconnx.schedule.overlap import Overlap

SCHEMA = "sconnx.schedule/3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Nodes that run in one step: one alone, or several that take turns row by row (schedule/stream.py).

    Args:
        nodes: in an order in which they can run.
        pushed: the graph input, or its alias, whose rows the application pushes in this step; None: it waits for no one.
    """

    nodes: tuple[int, ...]
    pushed: int | None = None

    @property
    def streams(self) -> bool:
        """Whether several take turns, the application among them where it pushes rows."""
        return len(self.nodes) + (self.pushed is not None) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """A tensor, or the scratch buffer of a node, that needs bytes in an arena while it is alive; see `MemInfo`.

    Args:
        alignment_bytes: its first byte is at a multiple of this: a power of two, at least the size of an element.
        traffic_bytes: what all calls of a run read from it and write to it.
        is_input: whether it is there before the run, or the application pushes its rows.
        is_state: whether it keeps its content until the next run.
    """

    tensor: int
    size_bytes: int
    alignment_bytes: int
    first: int
    last: int
    ring_rows: int | None = None
    relation: Relation | None = None
    scratch_of: int | None = None
    traffic_bytes: int = 0
    is_input: bool = False
    is_state: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The steps, a lifetime for every tensor that is not a constant, and what may share bytes besides the relations.

    Args:
        optimize, input_policy, output_policy: what was asked for.
        without_call: nodes that need no code: their outputs are where they must be.
        overlaps: tensors that may lie partly over one that dies.
        apart: tensors and scratch buffers of one step that are never in use at one time.
        state_copies: at the end of the run, in this order.
    """

    optimize: str
    input_policy: str
    output_policy: str
    segments: tuple[Segment, ...]
    without_call: tuple[int, ...]
    lifetimes: tuple[Lifetime, ...]
    overlaps: tuple[Overlap, ...]
    apart: tuple[tuple[int, int], ...]
    state_copies: tuple[StateUpdate, ...] = ()

    @property
    def order(self) -> tuple[int, ...]:
        """All nodes."""
        return tuple(node for segment in self.segments for node in segment.nodes)

    def calls(self, lowered: Lowered, node: int) -> bool:
        """Whether there is code for a node."""
        return bool(lowered.choices[node].kernel) and node not in self.without_call

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "optimize": self.optimize,
            "input_policy": self.input_policy,
            "output_policy": self.output_policy,
            "segments": [asdict(segment) for segment in self.segments],
            "without_call": list(self.without_call),
            "lifetimes": [asdict(lifetime) for lifetime in self.lifetimes],
            "overlaps": [asdict(overlap) for overlap in self.overlaps],
            "apart": [list(pair) for pair in self.apart],
            "state_copies": [asdict(copy) for copy in self.state_copies],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Schedule:
        lifetimes = []
        for entry in document["lifetimes"]:
            relation = entry["relation"]
            lifetimes.append(Lifetime(**{**entry, "relation": Relation(**relation) if relation else None}))
        return cls(
            optimize=document["optimize"],
            input_policy=document["input_policy"],
            output_policy=document["output_policy"],
            segments=tuple(
                Segment(nodes=tuple(entry["nodes"]), pushed=entry["pushed"]) for entry in document["segments"]
            ),
            without_call=tuple(document["without_call"]),
            lifetimes=tuple(lifetimes),
            overlaps=tuple(Overlap(**entry) for entry in document["overlaps"]),
            apart=tuple((first, second) for first, second in document["apart"]),
            state_copies=tuple(StateUpdate(**copy) for copy in document["state_copies"]),
        )


def read_schedule(path: Path) -> Schedule:
    return Schedule.from_json(read_document(path, SCHEMA))
