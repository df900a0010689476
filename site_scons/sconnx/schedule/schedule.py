# SPDX-License-Identifier: Apache-2.0
"""Schedule: the order of the nodes and the lifetimes of the tensors; schedule.json is its file form.

Time is counted in steps. Step i runs node order[i]; a tensor is alive in the half-open interval [first, last). Graph inputs
are alive from step 0, graph outputs until the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sconnx.graph.json_form import read_document
from sconnx.memory.meminfo import Relation

SCHEMA = "sconnx.schedule/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """A tensor, or the scratch buffer of a node, that needs bytes in the arena while it is alive; see `MemInfo`."""

    tensor: int
    size_bytes: int
    first: int
    last: int
    relation: Relation | None = None
    scratch_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The order of the nodes, and a lifetime for every tensor that is not a constant."""

    input_policy: str
    order: tuple[int, ...]
    lifetimes: tuple[Lifetime, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "input_policy": self.input_policy,
            "order": list(self.order),
            "lifetimes": [asdict(lifetime) for lifetime in self.lifetimes],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Schedule:
        lifetimes = []
        for entry in document["lifetimes"]:
            relation = entry["relation"]
            lifetimes.append(Lifetime(**{**entry, "relation": Relation(**relation) if relation else None}))
        return cls(input_policy=document["input_policy"], order=tuple(document["order"]), lifetimes=tuple(lifetimes))


def read_schedule(path: Path) -> Schedule:
    return Schedule.from_json(read_document(path, SCHEMA))
