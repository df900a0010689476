# SPDX-License-Identifier: Apache-2.0
"""Plans for boards with several memories: limits, pins, weights, and the messages for what does not fit or contradicts."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.errors import ErrorGroup, SconnxError
from sconnx.export.lowered import Lowered
from sconnx.graph.json_form import to_bytes
from sconnx.graph.model import Model
from sconnx.graph.operator import Add, FullyConnected, Relu, Reshape, Softmax
from sconnx.memory.check import PlanViolation, check_plan
from sconnx.memory.free import RESERVED_BYTES
from sconnx.memory.meminfo import MemoryPlan, ParameterPlace
from sconnx.memory.memories import board_memories, pinned_tensors
from sconnx.memory.parameters import parameter_bytes, place_parameters
from sconnx.memory.planner import CALLER, Memory, Search, plan_memory
from sconnx.schedule.schedule import Schedule
from sconnx.schedule.scheduler import ExportScheduler
from sconnx.steps import memory as memory_step
from sconnx.target.board import Board, Region, load_board
from sconnx.target.cpu import load_cpu
from tests.memory.byte_machine import run_apart, run_as_planned
from tests.tiny_models import PLANNING, Chain, computed, lowered_of, random_models, tiny_model

thorough = settings(max_examples=150, deadline=None, derandomize=True)
BOARD = Board(
    name="bench",
    description="",
    cpus=("cortex-m3",),
    run="unicorn",
    qemu_machine="",
    stack_bytes=1024,
    regions=(
        Region("flash", "flash", 0x08000000, 0x100000),
        Region("qspi", "flash", 0x90000000, 0x1000),
        Region("sram", "ram", 0x20010000, 0x4000, 2),
        Region("sdram", "ram", 0xC0000000, 0x100000, 8),
        Region("dtcm", "ram", 0x20000000, 0x800),
    ),
)


def scheduled(
    model: Model, policy: str = "keep", optimize: str = "speed", output: str = "arena"
) -> tuple[Lowered, Schedule]:
    lowered = lowered_of(model)
    return lowered, ExportScheduler(policy, optimize, output).schedule(lowered)


@st.composite
def memories(draw: st.DrawFn) -> list[Memory]:
    """One or more small ones before one that holds anything."""
    limits = draw(st.lists(st.integers(0, 40), min_size=1, max_size=2))
    small = [
        Memory(region=f"fast{number}", capacity_bytes=4 * words, access_cycles=number + 1)
        for number, words in enumerate(limits)
    ]
    return [*small, Memory(region="slow", access_cycles=9)]


@thorough
@given(
    model=random_models(),
    policy=st.sampled_from(("keep", "clobber")),
    optimize=st.sampled_from(("speed", "ram")),
    given_memories=memories(),
    data=st.data(),
)
def test_every_plan_works_within_its_limits(
    model: Model, policy: str, optimize: str, given_memories: list[Memory], data: st.DataObject
) -> None:
    lowered, schedule = scheduled(model, policy, optimize)
    free = [lifetime.tensor for lifetime in schedule.lifetimes if lifetime.relation is None and lifetime.tensor >= 0]
    pins = {tensor: "slow" for tensor in free if data.draw(st.integers(0, 5)) == 0}
    plan = plan_memory(schedule, given_memories, Search(planner="greedy"), pins=pins)
    check_plan(lowered, schedule, plan)
    assert sorted(mem.tensor for mem in plan.tensors) == sorted(lifetime.tensor for lifetime in schedule.lifetimes)
    places, limits = plan.by_tensor(), {memory.region: memory.capacity_bytes for memory in given_memories}
    assert all(places[tensor].region == region for tensor, region in pins.items())
    order = [memory.region for memory in given_memories if memory.region in {arena.region for arena in plan.arenas}]
    assert [arena.region for arena in plan.arenas] == order
    for arena in plan.arenas:
        limit = limits[arena.region]
        ends = [mem.end_bytes for mem in plan.tensors if mem.region == arena.region]
        assert 0 <= arena.size_bytes - max(ends) < plan.alignment_bytes
        assert limit is None or arena.size_bytes <= limit
    have, want = run_as_planned(lowered.graph, schedule, plan), run_apart(lowered.graph)
    assert all(have[tensor] == want[tensor] for tensor in have)


@thorough
@given(model=random_models(), given_memories=memories(), data=st.data())
def test_the_order_of_the_lifetimes_does_not_matter(
    model: Model, given_memories: list[Memory], data: st.DataObject
) -> None:
    _, schedule = scheduled(model, optimize="ram")
    shuffled = replace(schedule, lifetimes=tuple(data.draw(st.permutations(schedule.lifetimes))))
    plan, other = (plan_memory(found, given_memories, Search(planner="greedy")) for found in (schedule, shuffled))
    assert other.by_tensor() == plan.by_tensor()
    assert other.arenas == plan.arenas


def test_what_fits_into_the_fastest_memory_is_all_there() -> None:
    _, schedule = scheduled(tiny_model())
    plan = plan_memory(schedule, board_memories(BOARD, None))
    assert [arena.region for arena in plan.arenas] == ["dtcm"]


# Messages.


def failure(*arguments: Any, **named: Any) -> str:
    with pytest.raises((SconnxError, ErrorGroup)) as caught:
        plan_memory(*arguments, **named)
    return str(caught.value)


def pair_of_transposes() -> Schedule:
    """x and y of 64 bytes, together once; nothing else."""
    chain = Chain()
    return scheduled(chain.build(chain.node(Softmax(), chain.input(1, 64))))[1]


def test_a_model_that_fits_nowhere() -> None:
    small = [Memory(region="dtcm", capacity_bytes=60), Memory(region="sram", capacity_bytes=100, access_cycles=2)]
    assert failure(pair_of_transposes(), small).startswith(
        "sram: error[E310]: the tensors do not fit in sram: requested 128, available 100, missing 28 bytes: "
        "largest at step 0: tensor 0 64, tensor 1 64"
    )


def test_a_model_that_fits_only_into_both() -> None:
    both = [Memory(region="dtcm", capacity_bytes=64), Memory(region="sram", capacity_bytes=64, access_cycles=2)]
    plan = plan_memory(pair_of_transposes(), both)
    assert [(arena.region, arena.size_bytes) for arena in plan.arenas] == [("dtcm", 64), ("sram", 64)]


def test_pinned_tensors_that_do_not_fit() -> None:
    two = [Memory(region="dtcm", capacity_bytes=100), Memory(region="sram", access_cycles=2)]
    plan = plan_memory(pair_of_transposes(), two, pins={1: "sram"})
    assert {mem.tensor: mem.region for mem in plan.tensors} == {0: "dtcm", 1: "sram"}
    assert failure(pair_of_transposes(), two, pins={0: "dtcm", 1: "dtcm"}).startswith(
        "dtcm: error[E310]: the tensors do not fit in dtcm: requested 128, available 100, missing 28 bytes: "
        "largest at step 0: tensor 0 64, tensor 1 64"
    )


def shared() -> Model:
    """x, first, and flat, which is an alias of first."""
    chain = Chain()
    first = chain.node(Softmax(), chain.input(1, 8), output="first")
    return chain.build(chain.node(Reshape(dims=(8,)), first, output="flat"))


@pytest.mark.parametrize(
    ("pins", "message"),
    [
        (
            [("first", "dtcm"), ("flat", "sram")],
            "error[E701]: pin=flat:sram contradicts pin=first:dtcm: they are the same bytes",
        ),
        ([("x", "dtcm"), ("x", "sram")], "error[E701]: pin=x:sram contradicts pin=x:dtcm"),
        ([("0", "dtcm"), ("x", "sram")], "error[E701]: pin=x:sram contradicts pin=0:dtcm: they are the same bytes"),
        (
            [("frist", "dtcm")],
            "error[E701]: pin=frist:dtcm: the model has no such tensor (help: did you mean 'first'?)",
        ),
        (
            [("zzzzzz", "dtcm")],
            "error[E701]: pin=zzzzzz:dtcm: the model has no such tensor"
            " (help: names and indices of tensors are in graph.json)",
        ),
        ([("x", "dtmc")], "error[E701]: pin=x:dtmc: no such memory (help: did you mean 'dtcm'?)"),
        ([("x", "flash")], "error[E701]: pin=x:flash: no such memory (help: one of: dtcm, sram, sdram)"),
    ],
)
def test_pins_that_cannot_be(pins: list[tuple[str, str]], message: str) -> None:
    lowered, schedule = scheduled(shared())
    with pytest.raises(SconnxError) as caught:
        pinned_tensors(lowered.graph, schedule, pins, board_memories(BOARD, None))
    assert str(caught.value) == message


def test_pins_that_agree() -> None:
    lowered, schedule = scheduled(shared())
    pins = [("first", "sram"), ("2", "sram"), ("x", "dtcm")]
    found = pinned_tensors(lowered.graph, schedule, pins, board_memories(BOARD, None))
    assert found == {0: "dtcm", 1: "sram", 2: "sram"}
    plan = plan_memory(schedule, board_memories(BOARD, None), pins=found)
    assert {mem.tensor: mem.region for mem in plan.tensors} == found


def test_the_callers_outputs_are_nobodys() -> None:
    lowered, schedule = scheduled(tiny_model(), output="caller")
    plan = plan_memory(schedule, board_memories(BOARD, None), outputs=lowered.graph.outputs)
    theirs = [mem.tensor for mem in plan.tensors if mem.region == CALLER]
    assert theirs and set(theirs) <= set(lowered.graph.outputs) | set(computed(tiny_model()))
    pins = {theirs[0]: "sram"}
    assert failure(schedule, board_memories(BOARD, None), pins=pins, outputs=lowered.graph.outputs) == (
        f"pin: error[E701]: tensor {theirs[0]} is pinned, but the caller says where it lies"
        " (help: leave its pin out, or use output=arena)"
    )


def test_outputs_of_the_caller_are_apart_from_each_other() -> None:
    """Two outputs and an alias of one: each is checked in a memory of its own."""
    chain = Chain()
    first = chain.node(Softmax(), chain.input(1, 8))
    flat = chain.node(Reshape(dims=(8,)), first)
    lowered, schedule = scheduled(chain.build(flat, chain.node(Relu(), first)), output="caller")
    plan = plan_memory(schedule, board_memories(BOARD, None), outputs=lowered.graph.outputs)
    check_plan(lowered, schedule, plan)
    assert [mem.region for mem in plan.tensors] == ["dtcm", CALLER, CALLER, CALLER]
    elsewhere = [replace(mem, region="sram") if mem.tensor == 0 else mem for mem in plan.tensors]
    with pytest.raises(PlanViolation, match="tensor 0 is in sram, which has no arena"):
        check_plan(lowered, schedule, replace(plan, tensors=tuple(elsewhere)))


# Memories of a board.


def test_the_memories_of_a_board() -> None:
    found = board_memories(BOARD, None)
    stack = 1024 + RESERVED_BYTES
    assert [(memory.region, memory.capacity_bytes, memory.access_cycles) for memory in found] == [
        ("dtcm", 0x800, 1),
        ("sram", 0x4000 - stack, 2),
        ("sdram", 0x100000, 8),
    ]
    chosen = board_memories(BOARD, 2048, (("sdram", 4096), ("sram", None), ("dtcm", 1 << 20)), {"sram": 100})
    assert [(memory.region, memory.capacity_bytes) for memory in chosen] == [
        ("dtcm", 0x800),
        ("sram", 0x4000 - 2048 - RESERVED_BYTES - 100),
        ("sdram", 4096),
    ]


def test_a_memory_that_the_board_does_not_have() -> None:
    with pytest.raises(SconnxError) as caught:
        board_memories(BOARD, None, (("dtmc", None),))
    assert str(caught.value) == ("memory: error[E701]: board 'bench' has no RAM 'dtmc' (help: did you mean 'dtcm'?)")


# Weights.


def dense(*features: int) -> Lowered:
    """Fully connected layers, each of as many weights as its features times those before; the MACs are the same."""
    chain = Chain()
    tensor = chain.input(1, features[0])
    for before, after in pairwise(features):
        weights, bias = chain.constant(after, before), chain.constant(after, dtype=np.int32)
        tensor = chain.node(FullyConnected(), tensor, weights, bias)
    return lowered_of(chain.build(chain.node(Relu(), tensor)))


def hotter(lowered: Lowered, macs: dict[int, int]) -> Lowered:
    choices = [replace(choice, macs=macs.get(node, choice.macs)) for node, choice in enumerate(lowered.choices)]
    return replace(lowered, choices=tuple(choices))


def nodes(places: tuple[ParameterPlace, ...]) -> list[int]:
    return [place.node for place in places]


def test_bytes_of_parameters() -> None:
    """Weights of int8, biases of int32, each rounded up to a word; constants that are read as rows do not count."""
    chain = Chain()
    x = chain.input(1, 5)
    weights, bias = chain.constant(3, 5), chain.constant(3, dtype=np.int32)
    total = chain.node(Add(), chain.node(FullyConnected(), x, weights, bias), chain.constant(1, 3))
    lowered = lowered_of(chain.build(chain.node(Reshape(dims=(3,)), total)))
    assert [parameter_bytes(lowered, node) for node in range(3)] == [16 + 12, 0, 0]


def test_the_hottest_go_first() -> None:
    lowered = hotter(dense(10, 20, 10, 20), {0: 100, 1: 300, 2: 200})
    sizes = [parameter_bytes(lowered, node) for node in range(4)]
    assert sizes == [200 + 80, 200 + 40, 200 + 80, 0]
    assert nodes(place_parameters(lowered, BOARD, ("dtcm", 0), None)) == []
    assert nodes(place_parameters(lowered, BOARD, ("dtcm", sizes[1]), None)) == [1]
    assert nodes(place_parameters(lowered, BOARD, ("dtcm", sizes[1] - 1), None)) == []
    assert nodes(place_parameters(lowered, BOARD, ("dtcm", sizes[1] + sizes[2]), None)) == [1, 2]
    assert nodes(place_parameters(lowered, BOARD, ("dtcm", None), None)) == [0, 1, 2]
    assert place_parameters(lowered, BOARD, None, None) == ()
    assert place_parameters(lowered, BOARD, ("flash", None), None) == ()


def test_what_is_too_large_does_not_keep_out_what_is_colder() -> None:
    lowered = hotter(dense(10, 40, 2, 8), {0: 9000, 1: 1, 2: 2})
    assert nodes(place_parameters(lowered, BOARD, ("qspi", 200), None)) == [1, 2]


@thorough
@given(st.lists(st.integers(1, 30), min_size=2, max_size=6), st.integers(0, 2000), st.data())
def test_the_limit_is_held_and_heat_decides(features: list[int], limit_bytes: int, data: st.DataObject) -> None:
    lowered = dense(*features)
    count = len(features) - 1
    lowered = hotter(lowered, {node: data.draw(st.integers(0, 1000)) for node in range(count)})
    places = place_parameters(lowered, BOARD, ("qspi", limit_bytes), None)
    assert sum(place.size_bytes for place in places) <= limit_bytes
    assert all(place.size_bytes == parameter_bytes(lowered, place.node) for place in places)
    heat = {node: lowered.choices[node].macs / parameter_bytes(lowered, node) for node in range(count)}
    for node in set(range(count)) - set(nodes(places)):
        before = sum(place.size_bytes for place in places if (-heat[place.node], place.node) < (-heat[node], node))
        assert before + parameter_bytes(lowered, node) > limit_bytes


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (("dtmc", None), "weights: error[E701]: board 'bench' has no region 'dtmc' (help: did you mean 'dtcm'?)"),
        (
            ("dtcm", None),
            "dtcm: error[E310]: the weights do not fit in dtcm: requested 5,400, available 2,048, missing 3,352 bytes"
            " (help: weights=dtcm:SIZE moves only the hottest that fit)",
        ),
        (
            ("qspi", None),
            "qspi: error[E310]: the weights do not fit in qspi: requested 5,400, available 4,096, missing 1,304 bytes"
            " (help: weights=qspi:SIZE moves only the hottest that fit)",
        ),
    ],
)
def test_weights_that_cannot_be(chosen: tuple[str, int | None], message: str) -> None:
    with pytest.raises(SconnxError) as caught:
        place_parameters(dense(50, 100), BOARD, chosen, None)
    assert str(caught.value) == message


def test_a_process_has_no_regions() -> None:
    host = load_board("", load_cpu("host"))
    with pytest.raises(SconnxError) as caught:
        place_parameters(dense(2, 2), host, ("dtcm", None), None)
    assert str(caught.value) == "weights: error[E701]: board 'host' has no region 'dtcm' (help: it has none)"


def test_weights_and_outputs_of_the_caller_leave_less_for_tensors(tmp_path: Path) -> None:
    """Weights of dtcm come first; what the caller has of its own lies beside the stack."""
    lowered, schedule = scheduled(tiny_model(), output="caller")
    for name, document in (("lowered.json", lowered), ("schedule.json", schedule)):
        (tmp_path / name).write_bytes(to_bytes(document.to_json()))
    board = tmp_path / "b.toml"
    board.write_text(TOML)
    options = {**PLANNING, "target": "cortex-m3", "board": str(board), "stack_bytes": None, "weights": ("dtcm", 100)}
    paths = [tmp_path / "lowered.json", tmp_path / "schedule.json"]
    content, _ = memory_step.run(options, paths)
    plan = MemoryPlan.from_json(json.loads(content))
    assert plan.parameters == (ParameterPlace(node=0, region="dtcm", size_bytes=56 + 12),)
    (arena,) = (arena for arena in plan.arenas if arena.region == "dtcm")
    assert 0 < arena.size_bytes <= 160 - (56 + 12)
    outputs = sum(-(-lowered.graph.tensors[tensor].size_bytes // 8) * 8 for tensor in lowered.graph.outputs)
    left = 2048 - 1800 - RESERVED_BYTES - outputs
    with pytest.raises(SconnxError, match=f"available {left}, missing"):
        memory_step.run({**options, "memories": (("sram", None),), "stack_bytes": 1800}, paths)


TOML = """
cpus = ["cortex-m3"]
stack_bytes = 1024
[regions.flash]
kind = "flash"
origin = 0x08000000
size_bytes = 0x100000
[regions.sram]
kind = "ram"
origin = 0x20010000
size_bytes = 2048
access_cycles = 2
[regions.dtcm]
kind = "ram"
origin = 0x20000000
size_bytes = 160
"""
