# SPDX-License-Identifier: Apache-2.0
"""Lifetimes, relations and segments of fixed models; tests/memory runs random ones."""

from __future__ import annotations

import pytest

from sconnx.errors import SconnxError
from sconnx.graph.model import Model
from sconnx.graph.operator import Add, MaxPooling2D, Relu, Reshape, Transpose
from sconnx.memory.meminfo import Relation
from sconnx.schedule.schedule import Lifetime, Schedule
from sconnx.schedule.scheduler import ExportScheduler
from tests.tiny_models import Chain, lowered_of, tiny_model

SLIDING = MaxPooling2D(kernel_dims=(3, 1), padding=(1, 0, 1, 0))
HALVING = MaxPooling2D(kernel_dims=(3, 1), stride_dims=(2, 1), padding=(0, 0, 1, 0))


def scheduled(model: Model, policy: str = "clobber", optimize: str = "speed") -> Schedule:
    return ExportScheduler(policy, optimize).schedule(lowered_of(model))


def test_the_tiny_model_in_full() -> None:
    schedule = scheduled(tiny_model())
    rows = [(x.tensor, x.size_bytes, x.first, x.last, x.relation) for x in schedule.lifetimes]
    flat, last = rows[-3], rows[-1]
    assert schedule.order == (0, 1, 2, 3, 4, 5, 6)
    assert rows[0] == (0, 60, 0, 1, None)  # x
    conv, relu, total, pool = (row for row in rows if row[1] in (90, 18) and row[0] != flat[0])
    assert conv[2:] == (0, 3, None)
    assert relu[2:] == (1, 3, None)
    assert total[2:] == (2, 4, None)
    assert pool[2:] == (3, 8, None)
    assert flat[1:] == (18, 3, 8, Relation(kind="alias", of=pool[0]))
    assert last[1:] == (4, 6, 8, None)
    pairs = [(overlap.source, overlap.target) for overlap in schedule.overlaps]
    assert pairs == [
        (0, conv[0]),
        (conv[0], total[0]),
        (relu[0], total[0]),
        (total[0], pool[0]),
        (rows[-2][0], last[0]),
    ]


def test_an_unused_input_has_a_place() -> None:
    chain = Chain()
    unused, x = chain.input(1, 4, name="unused"), chain.input(1, 8)
    model = chain.build(chain.node(Relu(), chain.node(Transpose(permutation=(1, 0)), x)))
    for policy, last in (("keep", 3), ("clobber", 1)):
        lifetime = scheduled(model, policy).lifetimes[unused]
        assert lifetime == Lifetime(tensor=0, size_bytes=4, alignment_bytes=4, first=0, last=last, is_input=True)


def test_a_graph_without_nodes_and_one_of_aliases() -> None:
    chain = Chain()
    x = chain.input(1, 4)
    schedule = scheduled(chain.build(x))
    assert (schedule.order, schedule.lifetimes) == (
        (),
        (Lifetime(tensor=0, size_bytes=4, alignment_bytes=4, first=0, last=1, is_input=True),),
    )
    y = chain.node(Reshape(dims=(4,)), x)
    schedule = scheduled(chain.build(y))
    assert schedule.lifetimes[1].relation == Relation(kind="alias", of=0)
    assert schedule.without_call == (0,)


def test_what_streams_is_what_makes_the_peak() -> None:
    """Two large tensors and a small one: the first is made row by row where it is read."""
    chain = Chain()
    large = chain.node(SLIDING, chain.node(SLIDING, chain.input(1, 16, 1, 8)))
    small = chain.node(HALVING, chain.node(HALVING, large))
    last = chain.node(Relu(), small)
    for optimize, streams in (("speed", []), ("ram", [(0, 1, 2, 3)])):
        schedule = scheduled(chain.build(last), "keep", optimize)
        assert [segment.nodes for segment in schedule.segments if segment.streams] == streams
    rings = {life.tensor: (life.ring_rows, life.size_bytes) for life in schedule.lifetimes if life.ring_rows}
    assert rings == {1: (3, 24), 2: (3, 24), 3: (3, 24)}


def test_a_branch_that_rejoins_keeps_the_rows_that_wait() -> None:
    """The short way to the sum waits for two windows of the long way: its rows stay until then."""
    chain = Chain()
    trunk = chain.node(SLIDING, chain.input(1, 16, 1, 8))
    long_way = chain.node(SLIDING, chain.node(SLIDING, trunk))
    total = chain.node(Add(), trunk, long_way)
    schedule = scheduled(chain.build(chain.node(HALVING, total)), "keep", "ram")
    assert [segment.nodes for segment in schedule.segments] == [(0, 1, 2, 3, 4)]
    rows = {life.tensor: life.ring_rows for life in schedule.lifetimes if life.ring_rows}
    assert rows == {1: 3, 2: 3, 3: 1, 4: 3}
    assert (3, 4) not in schedule.apart


def test_the_application_pushes_the_rows_of_an_alias() -> None:
    chain = Chain()
    image = chain.node(Reshape(dims=(1, 16, 1, 8)), chain.input(1, 128))
    model = chain.build(chain.node(HALVING, chain.node(SLIDING, image)))
    schedule = scheduled(model, "stream", "ram")
    assert [(segment.nodes, segment.pushed) for segment in schedule.segments] == [((0,), None), ((1, 2), image)]
    assert {life.tensor: life.size_bytes for life in schedule.lifetimes} == {0: 24, 1: 24, 2: 24, 3: 64}


def test_several_inputs_cannot_be_streamed() -> None:
    chain = Chain()
    model = chain.build(chain.node(Add(), chain.input(1, 8), chain.input(1, 8, name="z")))
    with pytest.raises(SconnxError) as caught:
        scheduled(model, "stream")
    assert str(caught.value) == (
        "tiny: error[E303]: input=stream needs one input, the model has 2 (help: use input=keep or input=clobber)"
    )


def test_unknown_policies_are_refused() -> None:
    with pytest.raises(ValueError, match="input policy is 'drop'; it must be one of keep, clobber, stream"):
        ExportScheduler("drop")
    with pytest.raises(ValueError, match="output policy is 'drop'; it must be one of arena, caller"):
        ExportScheduler(output_policy="drop")
