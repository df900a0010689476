# SPDX-License-Identifier: Apache-2.0
"""MemInfo: where one tensor lives and when. meminfo.json is the memory plan in file form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sconnx.graph.json_form import read_document

SCHEMA = "sconnx.meminfo/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A tensor that shares the bytes of another one.

    Args:
        kind: "alias" (the same elements under other dims) or "in_place" (overwritten element by element).
        of: the tensor whose place it takes.
    """

    kind: str
    of: int

    def __post_init__(self) -> None:
        if self.kind not in ("alias", "in_place"):
            raise ValueError(f"relation kind is {self.kind!r}; it must be 'alias' or 'in_place'")


def scratch_key(node: int) -> int:
    """Stands for the scratch buffer of a node where tensors are meant by their indices."""
    return -1 - node


@dataclass(frozen=True, slots=True, kw_only=True)
class MemInfo:
    """The place of one tensor, or of the scratch buffer of one node.

    Args:
        tensor: index in the graph; of a scratch buffer `scratch_key(node)`.
        scratch_of: the node that a scratch buffer belongs to.
        region: name of the board's region that holds the arena.
        offset_bytes: from the start of the arena.
        first, last: half-open lifetime in steps, [first, last).
        relation: whose place it shares, if any.
    """

    tensor: int
    region: str
    offset_bytes: int
    size_bytes: int
    alignment_bytes: int
    first: int
    last: int
    relation: Relation | None = None
    scratch_of: int | None = None

    def __post_init__(self) -> None:
        if self.offset_bytes < 0 or self.size_bytes < 1 or self.offset_bytes % self.alignment_bytes:
            raise ValueError(f"tensor {self.tensor}: {self.size_bytes} bytes at offset {self.offset_bytes} is no place")
        if not 0 <= self.first < self.last:
            raise ValueError(f"tensor {self.tensor}: lifetime [{self.first}, {self.last}) is empty")

    @property
    def end_bytes(self) -> int:
        return self.offset_bytes + self.size_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPlan:
    """All places of one model.

    Args:
        arena_bytes: the peak: no tensor ends beyond it.
        lower_bound_bytes: the most bytes that live at one step; no plan without overlap can be smaller.
    """

    region: str
    arena_bytes: int
    alignment_bytes: int
    lower_bound_bytes: int
    tensors: tuple[MemInfo, ...]

    def by_tensor(self) -> dict[int, MemInfo]:
        return {mem.tensor: mem for mem in self.tensors}

    def to_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA, **asdict(self), "tensors": [asdict(mem) for mem in self.tensors]}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> MemoryPlan:
        tensors = []
        for entry in document["tensors"]:
            relation = entry["relation"]
            tensors.append(MemInfo(**{**entry, "relation": Relation(**relation) if relation else None}))
        fields = {key: value for key, value in document.items() if key not in ("schema", "tensors")}
        return cls(**fields, tensors=tuple(tensors))


def read_plan(path: Path) -> MemoryPlan:
    return MemoryPlan.from_json(read_document(path, SCHEMA))
