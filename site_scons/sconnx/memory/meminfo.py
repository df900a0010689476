# SPDX-License-Identifier: Apache-2.0
"""MemInfo: where one tensor lives and when. meminfo.json is the memory plan in file form.

The file stands alone: it has the names of what it places, what runs in each step, and what other modes would need.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sconnx.graph.json_form import read_document

SCHEMA = "sconnx.meminfo/2"
CALLER = "caller"
"""In place of a region: the application says at each run where the tensor is."""
RELATIONS = ("alias", "part", "in_place", "overlap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A tensor that shares bytes with another one.

    Args:
        kind: "alias" (the same elements under other dims), "part" (of a concatenation's output or a split's input), "in_place"
            (takes exactly the place of an input that dies) or "overlap" (runs into an input that dies).
        of: the other tensor.
        offset_bytes: from the first byte of the other one; negative where it begins below.
    """

    kind: str
    of: int
    offset_bytes: int = 0

    def __post_init__(self) -> None:
        if self.kind not in RELATIONS:
            raise ValueError(f"relation kind is {self.kind!r}; it must be one of {', '.join(RELATIONS)}")


CALLER = "caller"
"""In place of a region: the application says at each run where the tensor is."""


def scratch_key(node: int) -> int:
    """Stands for the scratch buffer of a node where tensors are meant by their indices."""
    return -1 - node


@dataclass(frozen=True, slots=True, kw_only=True)
class MemInfo:
    """The place of one tensor, or of the scratch buffer of one node.

    Args:
        tensor: index in the graph; of a scratch buffer `scratch_key(node)`.
        name: of the tensor, or of the scratch buffer's node, in the source model: for people, and may be anything.
        scratch_of: the node that a scratch buffer belongs to.
        region: name of the board's region whose arena holds it.
        offset_bytes: from the start of the arena.
        size_bytes: what it takes there; of a ring that is less than the whole tensor.
        first, last: half-open lifetime in steps, [first, last); the step after the last segment is the application's.
        ring_rows: row r lies in slot r % ring_rows; None: the tensor is there in full.
        relation: whose bytes it shares, if any.
        is_state: whether its content is needed in the next run: nothing else may ever use its bytes.
    """

    tensor: int
    name: str = ""
    region: str
    offset_bytes: int
    size_bytes: int
    alignment_bytes: int
    first: int
    last: int
    ring_rows: int | None = None
    relation: Relation | None = None
    scratch_of: int | None = None
    is_state: bool = False

    def __post_init__(self) -> None:
        if self.offset_bytes < 0 or self.size_bytes < 1 or self.offset_bytes % self.alignment_bytes:
            raise ValueError(f"tensor {self.tensor}: {self.size_bytes} bytes at offset {self.offset_bytes} is no place")
        if not 0 <= self.first < self.last:
            raise ValueError(f"tensor {self.tensor}: lifetime [{self.first}, {self.last}) is empty")
        if self.ring_rows is not None and (self.ring_rows < 1 or self.size_bytes % self.ring_rows):
            raise ValueError(f"tensor {self.tensor}: {self.size_bytes} bytes are no ring of {self.ring_rows} rows")

    @property
    def end_bytes(self) -> int:
        return self.offset_bytes + self.size_bytes

    @property
    def kind(self) -> str:
        """What it is: tensor, state, ring or scratch."""
        if self.is_state:
            return "state"
        return "scratch" if self.scratch_of is not None else "tensor" if self.ring_rows is None else "ring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arena:
    """The bytes that a model needs in one region.

    Args:
        size_bytes: the peak: nothing ends beyond it.
        lower_bound_bytes: no placement of the same buffers under the same rules can be smaller.
        is_optimal: whether it is proven that no placement is smaller.
        method: what found the placement.
    """

    region: str
    size_bytes: int
    lower_bound_bytes: int
    is_optimal: bool
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepNode:
    """A node that runs in a step; its name is for people, and may be anything."""

    node: int
    operator: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepInfo:
    """One step for people; the last one is what the application does after the run.

    Args:
        nodes: what runs; several take turns row by row.
        pushed: the tensor whose rows the application pushes in this step.
        live_bytes: what is in use of each arena; tensors that overlap count once.
    """

    nodes: tuple[StepNode, ...]
    pushed: int | None
    live_bytes: tuple[int, ...]

    @property
    def streams(self) -> bool:
        """Whether rows go from node to node, or from the application to a node."""
        return len(self.nodes) > 1 or (self.pushed is not None and bool(self.nodes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """What the model needs with one choice of `optimize=` and `input=`.

    Args:
        arena_bytes: all arenas together.
        streaming_nodes: nodes of steps in which rows go from node to node.
        turn_calls: row calls in such steps: each is preceded by the question whose turn it is.
        is_current: whether the model was built so.
    """

    optimize: str
    input: str
    arena_bytes: int
    streaming_nodes: int
    turn_calls: int
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterPlace:
    """A node whose weights and biases do not lie in the flash of the code; in RAM they are copied at the start."""

    node: int
    region: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPlan:
    """All places of one model.

    Args:
        arenas: one per region that is used, at least one; the first is the one of the fastest region.
        reversed_steps: steps whose rows go from the last to the first.
        steps, modes: for people; the planner leaves them empty (see memory/describe.py and memory/modes.py).
        parameters: where weights and biases lie; of nodes that are not there in the flash of the code.
        together: models that it was planned together with, itself among them, because they may run at the same time; of a model
            that was planned for itself none.
    """

    arenas: tuple[Arena, ...]
    alignment_bytes: int
    reversed_steps: tuple[int, ...]
    tensors: tuple[MemInfo, ...]
    steps: tuple[StepInfo, ...] = ()
    modes: tuple[Mode, ...] = ()
    parameters: tuple[ParameterPlace, ...] = ()
    together: tuple[str, ...] = ()

    @property
    def arena_bytes(self) -> int:
        """All arenas together."""
        return sum(arena.size_bytes for arena in self.arenas)

    @property
    def state_bytes(self) -> int:
        """What of the arenas has to stay as it is between runs."""
        return sum(mem.size_bytes for mem in self.tensors if mem.is_state)

    def by_tensor(self) -> dict[int, MemInfo]:
        return {mem.tensor: mem for mem in self.tensors}

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "arena_bytes": self.arena_bytes,
            "alignment_bytes": self.alignment_bytes,
            "reversed_steps": list(self.reversed_steps),
            "arenas": [asdict(arena) for arena in self.arenas],
            "tensors": [_mem_to_json(mem) for mem in self.tensors],
            "steps": [asdict(step) for step in self.steps],
            "modes": [asdict(mode) for mode in self.modes],
            "parameters": [asdict(place) for place in self.parameters],
            **({"together": list(self.together)} if self.together else {}),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> MemoryPlan:
        tensors = []
        for entry in document["tensors"]:
            relation = entry["relation"]
            tensors.append(MemInfo(**{**entry, "relation": Relation(**relation) if relation else None}))
        return cls(
            arenas=tuple(Arena(**arena) for arena in document["arenas"]),
            alignment_bytes=document["alignment_bytes"],
            reversed_steps=tuple(document["reversed_steps"]),
            tensors=tuple(tensors),
            steps=tuple(_step(step) for step in document["steps"]),
            modes=tuple(Mode(**mode) for mode in document["modes"]),
            parameters=tuple(ParameterPlace(**place) for place in document["parameters"]),
            together=tuple(document.get("together", ())),
        )


def _mem_to_json(mem: MemInfo) -> dict[str, Any]:
    """Most are no state, and do not say so."""
    document = asdict(mem)
    if not mem.is_state:
        del document["is_state"]
    return document


def _step(document: Mapping[str, Any]) -> StepInfo:
    return StepInfo(
        nodes=tuple(StepNode(**node) for node in document["nodes"]),
        pushed=document["pushed"],
        live_bytes=tuple(document["live_bytes"]),
    )


def read_plan(path: Path) -> MemoryPlan:
    return MemoryPlan.from_json(read_document(path, SCHEMA))
