# SPDX-License-Identifier: Apache-2.0
"""Lifetimes and relations of fixed models; tests/memory runs random ones."""

from __future__ import annotations

import pytest

from sconnx.graph.operator import Relu, Reshape, Transpose
from sconnx.memory.meminfo import Relation
from sconnx.schedule.schedule import Lifetime
from sconnx.schedule.scheduler import ExportScheduler
from tests.tiny_models import Chain, lowered_of, tiny_model


def test_the_tiny_model_in_full() -> None:
    schedule = ExportScheduler("clobber").schedule(lowered_of(tiny_model()))
    rows = [(x.tensor, x.size_bytes, x.first, x.last, x.relation) for x in schedule.lifetimes]
    flat, last = rows[-3], rows[-1]
    assert schedule.order == (0, 1, 2, 3, 4, 5, 6)
    assert rows[0] == (0, 60, 0, 1, None)  # x
    conv, relu, total, pool = (row for row in rows if row[1] in (90, 18) and row[0] != flat[0])
    assert conv[2:] == (0, 3, None)
    assert relu[2:] == (1, 3, None)
    assert total[2:] == (2, 4, None)
    assert pool[2:] == (3, 5, None)
    assert flat[1:] == (18, 4, 7, Relation(kind="alias", of=pool[0]))
    assert last[1:] == (4, 6, 7, Relation(kind="in_place", of=rows[-2][0]))


def test_an_unused_input_has_a_place() -> None:
    chain = Chain()
    unused, x = chain.input(1, 4, name="unused"), chain.input(1, 8)
    model = chain.build(chain.node(Relu(), chain.node(Transpose(permutation=(1, 0)), x)))
    for policy, last in (("keep", 2), ("clobber", 1)):
        lifetimes = ExportScheduler(policy).schedule(lowered_of(model)).lifetimes
        assert lifetimes[unused] == Lifetime(tensor=0, size_bytes=4, first=0, last=last)


def test_a_graph_without_nodes_and_one_of_aliases() -> None:
    chain = Chain()
    x = chain.input(1, 4)
    schedule = ExportScheduler().schedule(lowered_of(chain.build(x)))
    assert (schedule.order, schedule.lifetimes) == ((), (Lifetime(tensor=0, size_bytes=4, first=0, last=1),))
    y = chain.node(Reshape(dims=(4,)), x)
    lifetimes = ExportScheduler().schedule(lowered_of(chain.build(y))).lifetimes
    assert lifetimes[1].relation == Relation(kind="alias", of=0)


def test_unknown_policies_are_refused() -> None:
    with pytest.raises(ValueError, match="input policy is 'drop'; it must be one of keep, clobber"):
        ExportScheduler("drop")
