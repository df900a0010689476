# SPDX-License-Identifier: Apache-2.0
"""Models in one firmware: planned together where they may run at the same time, in one arena where they never do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.codegen.firmware_arenas import firmware_arenas
from sconnx.errors import SconnxError
from sconnx.export.lowered import Lowered
from sconnx.graph.model import Model
from sconnx.graph.operator import Relu, Transpose
from sconnx.memory.check import check_plan
from sconnx.memory.meminfo import Arena, MemoryPlan
from sconnx.memory.planner import Demand, Memory, Search, plan_memory, plan_together
from sconnx.schedule.scheduler import ExportScheduler
from tests.tiny_models import Chain, lowered_of, random_models

thorough = settings(max_examples=80, deadline=None, derandomize=True)
QUICK = Search(planner="greedy")
ANYWHERE = [Memory(region="ram")]
several = st.lists(random_models(most_nodes=5), min_size=1, max_size=3)


def demanded(models: list[Model]) -> tuple[list[Lowered], list[Demand]]:
    lowered = [lowered_of(model) for model in models]
    scheduler = ExportScheduler("keep", "balanced")
    return lowered, [
        Demand(schedule=scheduler.schedule(each), model=f"m{number}", outputs=each.graph.outputs)
        for number, each in enumerate(lowered)
    ]


def in_region(plans: tuple[MemoryPlan, ...], region: str) -> int:
    return sum(arena.size_bytes for plan in plans for arena in plan.arenas if arena.region == region)


@thorough
@given(models=several)
def test_where_there_is_room_each_has_the_plan_that_it_has_alone(models: list[Model]) -> None:
    _, demands = demanded(models)
    plans = plan_together(demands, ANYWHERE)
    names = tuple(demand.model for demand in demands) if len(demands) > 1 else ()
    assert plans == tuple(
        replace(plan_memory(demand.schedule, ANYWHERE, outputs=demand.outputs), together=names) for demand in demands
    )


@thorough
@given(models=several, data=st.data())
def test_arenas_add_up_and_stay_within_their_memories(models: list[Model], data: st.DataObject) -> None:
    lowered, demands = demanded(models)
    alone = [plan_memory(demand.schedule, ANYWHERE, QUICK).arena_bytes for demand in demands]
    fast = Memory(region="fast", capacity_bytes=4 * data.draw(st.integers(0, sum(alone) // 4)))
    plans = plan_together(demands, [fast, Memory(region="slow")], QUICK)
    assert in_region(plans, "fast") <= (fast.capacity_bytes or 0)
    for each, demand, plan in zip(lowered, demands, plans, strict=True):
        check_plan(each, demand.schedule, plan)
        assert {arena.region for arena in plan.arenas} <= {"fast", "slow"}


@thorough
@given(models=st.lists(random_models(most_nodes=5), min_size=2, max_size=3))
def test_what_does_not_fit_together_is_one_error(models: list[Model]) -> None:
    _, demands = demanded(models)
    total = sum(plan.arena_bytes for plan in plan_together(demands, ANYWHERE))
    assert plan_together(demands, [Memory(region="ram", capacity_bytes=total)])
    with pytest.raises(SconnxError) as caught:
        plan_together(demands, [Memory(region="ram", capacity_bytes=total - 4)])
    what = f"the tensors do not fit in ram: requested {total:,}, available {total - 4:,}, missing 4 bytes"
    assert (caught.value.code, caught.value.what) == ("E310", what)


def pair(nodes: int) -> Model:
    """Transposed `nodes` times, which takes two buffers of 8 bytes."""
    chain = Chain()
    tensor = chain.input(1, 8)
    for _ in range(nodes):
        tensor = chain.node(Transpose(permutation=(1, 0)), tensor)
    return chain.build(tensor)


def test_the_message_names_the_models() -> None:
    _, demands = demanded([pair(1), pair(2)])
    with pytest.raises(SconnxError) as caught:
        plan_together(demands, [Memory(region="ram", capacity_bytes=16)])
    requested = sum(plan.arena_bytes for plan in plan_together(demands, ANYWHERE))
    message = str(caught.value)
    assert message.startswith(
        f"ram: error[E310]: the tensors do not fit in ram: requested {requested}, available 16,"
        f" missing {requested - 16} bytes: largest where each of 2 models that may run at the same time is fullest:"
        " tensor 0 of m0 8 (step 0), tensor 1 of m0 8 (step 0), tensor "
    )
    assert " of m1 8 (step " in message


@pytest.mark.parametrize("hot", [0, 1])
def test_the_hottest_buffers_of_all_models_come_into_the_fast_memory(hot: int) -> None:
    chain = Chain()
    model = chain.build(chain.node(Relu(), chain.input(1, 8)))
    _, demands = demanded([model, model])
    schedule = demands[hot].schedule
    hotter = [replace(lifetime, traffic_bytes=10 * lifetime.traffic_bytes) for lifetime in schedule.lifetimes]
    demands[hot] = replace(demands[hot], schedule=replace(schedule, lifetimes=tuple(hotter)))
    plans = plan_together(demands, [Memory(region="fast", capacity_bytes=16), Memory(region="slow")])
    assert [arena.region for arena in plans[hot].arenas] == ["fast"]
    assert [arena.region for arena in plans[1 - hot].arenas] == ["slow"]


def test_pins_are_those_of_their_model() -> None:
    _, demands = demanded([pair(1), pair(1)])
    demands[1] = replace(demands[1], pins={0: "slow"})
    plans = plan_together(demands, [Memory(region="fast"), Memory(region="slow")])
    assert [plan.by_tensor()[0].region for plan in plans] == ["fast", "slow"]


def test_a_plan_made_together_says_so_in_its_file() -> None:
    _, demands = demanded([pair(1), pair(2)])
    for plan in plan_together(demands, ANYWHERE):
        assert plan.together == ("m0", "m1")
        assert MemoryPlan.from_json(plan.to_json()) == plan
    assert "together" not in plan_together(demands[:1], ANYWHERE)[0].to_json()


arenas = st.dictionaries(st.sampled_from(("ram", "dtcm", "sram")), st.integers(1, 99).map(lambda n: 4 * n), min_size=1)


def plan_of(sizes: dict[str, int], together: tuple[str, ...] = ()) -> MemoryPlan:
    return MemoryPlan(
        arenas=tuple(
            Arena(region=region, size_bytes=size, lower_bound_bytes=size, is_optimal=True, method="given")
            for region, size in sizes.items()
        ),
        alignment_bytes=4,
        reversed_steps=(),
        tensors=(),
        together=together,
    )


@given(first=arenas, second=arenas)
def test_arenas_of_a_firmware(first: dict[str, int], second: dict[str, int]) -> None:
    shared = firmware_arenas({"a": plan_of(first), "b": plan_of(second)}, "ram")
    assert {arena.region: arena.size_bytes for arena in shared} == {
        region: max(first.get(region, 0), second.get(region, 0)) for region in {**first, **second}
    }
    assert all(arena.is_shared for arena in shared)
    assert {arena.symbol for arena in shared} == {
        "sx_shared_arena" if region == "ram" else f"sx_shared_arena_{region}" for region in {**first, **second}
    }
    names = ("a", "b")
    own = firmware_arenas({"a": plan_of(first, names), "b": plan_of(second, names)}, "ram")
    assert [(arena.models, arena.region, arena.size_bytes, arena.is_shared) for arena in own] == [
        ((model,), region, size, False)
        for model, sizes in (("a", first), ("b", second))
        for region, size in sizes.items()
    ]
    (alone,) = firmware_arenas({"a": plan_of({"ram": 4})}, "ram")
    assert (alone.symbol, alone.is_shared) == ("a_arena", False)
