# SPDX-License-Identifier: Apache-2.0
"""Small memory plans for the tests of what is shown of them."""

from __future__ import annotations

from dataclasses import replace

from sconnx.export.lowered import Lowered
from sconnx.graph.model import Model
from sconnx.graph.operator import MaxPooling2D, Relu
from sconnx.memory.describe import described
from sconnx.memory.meminfo import Arena, MemInfo, MemoryPlan, Relation, StepInfo, StepNode
from sconnx.memory.modes import mode_table
from sconnx.memory.planner import Memory, plan_memory
from sconnx.schedule.schedule import Schedule
from sconnx.schedule.scheduler import ExportScheduler
from tests.tiny_models import Chain, lowered_of

ANYWHERE = (Memory(region="ram"),)


def planned(model: Model, optimize: str = "ram", policy: str = "clobber") -> tuple[Lowered, Schedule, MemoryPlan]:
    """As the step memory makes it."""
    lowered = lowered_of(model)
    schedule = ExportScheduler(policy, optimize).schedule(lowered)
    plan = plan_memory(schedule, ANYWHERE, outputs=lowered.graph.outputs)
    plan = replace(plan, modes=mode_table(lowered, schedule, plan))
    return lowered, schedule, described(plan, lowered, schedule)


def pools() -> Model:
    """Two poolings whose rows stream, and one more: 16 x 8 x 2 -> 14 x 8 x 2 -> 12 x 8 x 2 -> 3 x 8 x 2."""
    chain = Chain("pools")
    x = chain.input(1, 16, 8, 2, name="image")
    first = chain.node(MaxPooling2D(kernel_dims=(3, 1)), x, name="first", output="a")
    second = chain.node(MaxPooling2D(kernel_dims=(3, 1)), first, name="second", output="b")
    third = chain.node(MaxPooling2D(kernel_dims=(4, 1), stride_dims=(4, 1)), second, name="third", output="c")
    return chain.build(chain.node(Relu(), third, name="last", output="d"))


def by_hand(name: str = "conv") -> MemoryPlan:
    """A plan with everything in it, in two regions; what is in use was counted with pencil and paper.

    fast, 160 bytes: x [0, 64) in step 0; ring 1 [64, 112) in step 0; scratch of node 1 [96, 128) in step 0 shares 16 bytes with
    the ring; y [32, 96) from step 0 on runs 32 bytes into x; z [32, 96) is its alias; w [96, 160) in steps 1 and 2. slow: v.
    """

    def place(tensor: int, offset: int, size: int, first: int, last: int, **more: object) -> MemInfo:
        entry = {"region": "fast", "name": f"{name} {tensor}", "alignment_bytes": 4, **more}
        return MemInfo(tensor=tensor, offset_bytes=offset, size_bytes=size, first=first, last=last, **entry)  # type: ignore[arg-type]

    overlap = Relation(kind="overlap", of=0, offset_bytes=32)
    return MemoryPlan(
        arenas=(
            Arena(region="fast", size_bytes=160, lower_bound_bytes=128, is_optimal=False, method="by hand"),
            Arena(region="slow", size_bytes=40, lower_bound_bytes=40, is_optimal=True, method="by hand"),
        ),
        alignment_bytes=4,
        reversed_steps=(),
        tensors=(
            place(0, 0, 64, 0, 1),
            place(1, 64, 48, 0, 1, ring_rows=3),
            place(2, 32, 64, 0, 3, relation=overlap),
            place(3, 32, 64, 0, 3, relation=Relation(kind="alias", of=2)),
            place(4, 96, 64, 1, 3),
            place(5, 0, 40, 1, 2, region="slow"),
            place(-2, 96, 32, 0, 1, scratch_of=1),
        ),
        steps=(
            StepInfo(
                nodes=(StepNode(node=0, operator="Conv2D", name=name), StepNode(node=1, operator="Mean", name=name)),
                pushed=None,
                live_bytes=(128, 0),
            ),
            StepInfo(nodes=(StepNode(node=2, operator="Relu", name=name),), pushed=None, live_bytes=(128, 40)),
            StepInfo(nodes=(), pushed=None, live_bytes=(128, 0)),
        ),
    )
