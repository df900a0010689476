# SPDX-License-Identifier: Apache-2.0
"""The memory plan as text, as a picture and as a trace."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.graph.json_form import to_bytes
from sconnx.graph.model import Model
from sconnx.memory.buffers import buffers, live_bytes
from sconnx.memory.meminfo import MemoryPlan
from sconnx.report.mode_lines import mode_lines
from sconnx.report.show import show
from sconnx.report.timeline import ticks, timeline_svg
from sconnx.report.trace import memory_trace
from sconnx.schedule.scheduler import ExportScheduler
from tests.memory.plans import by_hand, planned, pools
from tests.tiny_models import lowered_of, random_models, tiny_model

some = settings(max_examples=40, deadline=None, derandomize=True)
HOSTILE = "</title><script>alert('1')</script>\"&\n\x1b[31m\u202e"

MEMINFO = """\
  arena  bytes  lower bound             gap  method
  fast     160          128              32  by hand
  slow      40           40  proven optimal  by hand

  fast: peak at step 0 of 2, 128 of 160 bytes in use; 2 nodes take turns, row by row
    node 0  Conv2D  conv
    node 1  Mean    conv
    alive there
      tensor 0           64                                                  conv 0
      tensor 2           64  overlaps 0 by 32 bytes, shares 32 bytes with 1  conv 2
      ring 1             48  ring of 3 rows                                  conv 1
      scratch of node 1  32  shares 16 bytes with 1                          conv -2

  slow: peak at step 1 of 2, 40 of 40 bytes in use; one node runs
    node 2  Relu  conv
    alive there
      tensor 5  40    conv 5

  buffer             region  offset  bytes  first  last  relation                                        name
  tensor 0           fast         0     64      0     1                                                  conv 0
  ring 1             fast        64     48      0     1  ring of 3 rows                                  conv 1
  tensor 2           fast        32     64      0     3  overlaps 0 by 32 bytes, shares 32 bytes with 1  conv 2
  tensor 3           fast        32     64      0     3  alias of 2                                      conv 3
  scratch of node 1  fast        96     32      0     1  shares 16 bytes with 1                          conv -2
  tensor 4           fast        96     64      1     3                                                  conv 4
  tensor 5           slow         0     40      1     2                                                  conv 5"""


def shown(folder: Path, name: str, document: dict[str, object]) -> str:
    (folder / name).write_bytes(to_bytes(document))
    return show(folder / name)


def test_the_console_form_of_a_plan(tmp_path: Path) -> None:
    assert shown(tmp_path, "meminfo.json", by_hand().to_json()) == MEMINFO


def test_the_console_form_of_a_schedule(tmp_path: Path) -> None:
    schedule = ExportScheduler("stream", "ram").schedule(lowered_of(pools()))
    lines = shown(tmp_path, "schedule.json", schedule.to_json()).splitlines()
    assert lines[0] == f"{len(schedule.segments)} steps, optimize=ram, input=stream, output=arena"
    assert lines[1].split() == ["step", "nodes"]
    nodes = ", ".join(map(str, schedule.segments[0].nodes))
    turns = "take turns, row by row; the application pushes rows of tensor 0"
    assert re.split(r" {2,}", lines[2].strip()) == ["0", nodes, turns]
    assert lines[len(schedule.segments) + 3].split() == ["buffer", "bytes", "first", "last", "relation"]
    rings = {f"  ring {lifetime.tensor}" for lifetime in schedule.lifetimes if lifetime.ring_rows}
    assert rings and rings == {line[: len("  ring 0")] for line in lines if line.startswith("  ring ")}
    assert any(line.endswith("ring of 3 rows") for line in lines)


def test_hostile_names_stay_on_one_line(tmp_path: Path) -> None:
    _, _, plan = planned(tiny_model(hostile=HOSTILE))
    text = shown(tmp_path, "meminfo.json", plan.to_json())
    assert text.isascii() and text.replace("\n", "").isprintable()
    assert len(text.splitlines()) == len(
        shown(tmp_path, "meminfo.json", planned(tiny_model())[2].to_json()).splitlines()
    )


def test_the_trade_in_a_few_lines() -> None:
    modes = planned(pools(), "ram", "keep")[2].modes
    lines = mode_lines(modes)
    assert (
        lines[0] == "  Arena by mode: bytes, and how many nodes stream; * is this build, the others are quickly placed"
    )
    assert lines[1].split() == ["optimize=", "input=keep", "input=clobber", "input=stream"]
    by_name = {(mode.optimize, mode.input): mode for mode in modes}
    for line, optimize in zip(lines[2:5], ("speed", "balanced", "ram"), strict=True):
        cells = re.split(r" {2,}", line.strip())
        assert cells[0] == optimize
        for cell, policy in zip(cells[1:], ("keep", "clobber", "stream"), strict=True):
            mode = by_name[optimize, policy]
            star = "* " if (optimize, policy) == ("ram", "keep") else ""
            streaming = f", {mode.streaming_nodes} stream" if mode.streaming_nodes else ""
            assert cell == f"{star}{mode.arena_bytes:,}{streaming}"
    assert lines[5] == (
        "  Nodes that stream ask whose turn it is before each row; `scons bench` counts the instructions of a mode"
    )
    assert mode_lines(()) == []


# The picture.

SVG = "{http://www.w3.org/2000/svg}"


def parsed(plan: MemoryPlan) -> ElementTree.Element:
    return ElementTree.fromstring(timeline_svg(plan))


def of_class(root: ElementTree.Element, tag: str, kind: str) -> list[ElementTree.Element]:
    return [element for element in root.iter(SVG + tag) if kind in element.get("class", "").split()]


def box(element: ElementTree.Element | None) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a rectangle."""
    assert element is not None
    x, y, width, height = (float(element.get(name, "nan")) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def rectangles(root: ElementTree.Element) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    for group in of_class(root, "g", "buffer"):
        yield group.findtext(f"{SVG}title") or "", box(group.find(f"{SVG}rect"))


def test_a_rectangle_per_buffer() -> None:
    root = parsed(by_hand())
    titles = [title.splitlines() for title, _ in rectangles(root)]
    assert len(titles) == len(buffers(by_hand())) == 6
    assert [
        "tensor 2 conv 2",
        "64 bytes at offset 32 of fast",
        "steps 0 to 2",
        "overlaps 0 by 32 bytes, shares 32 bytes with 1",
        "tensor 3 conv 3: alias of 2",
    ] in titles
    kinds = [group.get("class") for group in of_class(root, "g", "buffer")]
    assert sorted(map(str, kinds)) == ["buffer ring", "buffer scratch", *["buffer tensor"] * 4]


@some
@given(model=random_models(), optimize=st.sampled_from(("speed", "ram")))
def test_rectangles_have_the_place_and_time_of_their_buffers(model: Model, optimize: str) -> None:
    """Taken back from the picture with the scale of its axis, up to half a pixel and the least height."""
    plan = planned(model, optimize)[2]
    root = parsed(plan)
    ticks_y = {}
    for label in of_class(root, "text", "faint"):
        if label.get("text-anchor") == "end":
            ticks_y[int((label.text or "").replace(",", ""))] = float(label.get("y", "nan")) - 4
    highest = max(ticks_y)
    per_byte = (ticks_y[0] - ticks_y[highest]) / highest
    columns = [box(element) for element in of_class(root, "rect", "step")]
    assert len(columns) == len(plan.steps)
    by_title = {title.splitlines()[0]: rectangle for title, rectangle in rectangles(root)}
    assert len(by_title) == len(buffers(plan))
    for buffer in buffers(plan):
        left, top, right, bottom = (
            by_title[f"tensor {buffer.mem.tensor} {buffer.mem.name}"]
            if (buffer.mem.ring_rows is None)
            else by_title[f"ring {buffer.mem.tensor} {buffer.mem.name}"]
        )
        assert left == pytest.approx(columns[buffer.first][0], abs=0.7)
        assert right == pytest.approx(columns[buffer.last - 1][2], abs=0.7)
        assert bottom == pytest.approx(ticks_y[0] - buffer.mem.offset_bytes * per_byte, abs=0.3)
        assert bottom - top == pytest.approx(max(buffer.mem.size_bytes * per_byte, 1), abs=0.3)


@some
@given(model=random_models(), optimize=st.sampled_from(("speed", "ram")))
def test_labels_never_touch(model: Model, optimize: str) -> None:
    labels = of_class(parsed(planned(model, optimize)[2]), "text", "label")
    places = [(float(label.get("x", 0)), float(label.get("y", 0)), 6.2 * len(label.text or "")) for label in labels]
    for (x1, y1, width1), (x2, y2, width2) in combinations(places, 2):
        assert x1 + width1 <= x2 or x2 + width2 <= x1 or abs(y1 - y2) >= 12.5


def test_the_peak_and_the_limits_are_marked() -> None:
    root = parsed(by_hand())
    bands = [box(element) for element in of_class(root, "rect", "band")][1:]
    columns = [box(element) for element in of_class(root, "rect", "step")]
    assert [band[0] for band in bands] == [columns[0][0], columns[3 + 1][0]]
    figures = [element.text for element in of_class(root, "text", "figure")]
    assert figures == ["0", "arena 160", "1", "arena 40 = lower bound"]
    assert [element.text for element in of_class(root, "text", "halo")] == [
        "arena 160",
        "lower bound 128",
        "arena 40 = lower bound",
    ]
    assert len(of_class(root, "line", "bound")) == 1 + 1, "in the legend and in one panel"
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert "fast: 160 bytes" in texts and "32 above the lower bound; peak at step 0, 128 bytes in use" in texts
    assert "proven optimal; peak at step 1, 40 bytes in use" in texts
    titles = [element.text for element in root.iter(f"{SVG}title")]
    assert "step 0: 128 bytes in use\n2 nodes take turns, row by row\nnode 0 Conv2D conv\nnode 1 Mean conv" in titles


def test_the_picture_is_its_own_and_nothing_in_it_is_markup_of_the_model() -> None:
    svg = timeline_svg(by_hand(HOSTILE))
    assert svg.isascii() and "<script" not in svg and "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    root = ElementTree.fromstring(svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        *("svg", "style", "defs", "pattern", "circle", "g", "title", "rect", "line", "text")
    }
    assert any(ascii(HOSTILE)[1:-1] in (title.text or "") for title in root.iter(f"{SVG}title"))
    assert svg == timeline_svg(by_hand(HOSTILE))


@given(st.integers(1, 10**8))
@settings(deadline=None, derandomize=True)
def test_ticks(highest: int) -> None:
    found = ticks(highest)
    assert found[0] == 0 and found[-1] <= highest and len(found) <= 8
    assert len(found) >= 4 or highest < 4
    distances = {second - first for first, second in pairwise(found)}
    assert all(distance & (distance - 1) == 0 for distance in distances) and len(distances) <= 1


# The trace.


def test_the_trace_of_a_plan_by_hand() -> None:
    document = memory_trace(by_hand())
    events = document["traceEvents"]
    assert document["displayTimeUnit"] == "ms"
    assert [event["args"]["name"] for event in events if event["name"] == "process_name"] == ["steps", "fast", "slow"]
    assert [event["args"]["name"] for event in events if event["name"] == "thread_name"] == [
        "0: tensor 0",
        "32: tensor 2",
        "64: ring 1",
        "96: scratch of node 1",
        "96: tensor 4",
        "0: tensor 5",
    ]
    assert [event["name"] for event in events if event["ph"] == "X" and event["pid"] == 0] == [
        "Conv2D, Mean",
        "Relu",
        "application",
    ]
    (found,) = [event for event in events if event["ph"] == "X" and event["name"] == "tensor 2"]
    assert found == {
        "ph": "X",
        "name": "tensor 2",
        "cat": "memory",
        "pid": 1,
        "tid": 2,
        "ts": 0,
        "dur": 3000,
        "args": {
            "name": "conv 2",
            "offset": 32,
            "bytes": 64,
            "kind": "tensor",
            "relation": "overlaps 0 by 32 bytes, shares 32 bytes with 1",
            "inside": ["tensor 3 alias of 2"],
        },
    }
    counters = [(event["pid"], event["ts"], event["args"]["bytes"]) for event in events if event["ph"] == "C"]
    assert counters == [
        *((1, 0, 128), (1, 1000, 128), (1, 2000, 128), (1, 3000, 0)),
        *((2, 0, 0), (2, 1000, 40), (2, 2000, 0), (2, 3000, 0)),
    ]


@some
@given(model=random_models(), optimize=st.sampled_from(("speed", "ram")))
def test_the_trace_can_be_read_back(model: Model, optimize: str) -> None:
    plan = planned(model, optimize)[2]
    content = to_bytes(memory_trace(plan))
    assert content == to_bytes(memory_trace(plan)) and content.isascii()
    events = json.loads(content)["traceEvents"]
    bars = [event for event in events if event["ph"] == "X" and event["pid"] == 1]
    expected = sorted(
        (buffer.first * 1000, buffer.last * 1000, buffer.mem.offset_bytes, buffer.mem.size_bytes)
        for buffer in buffers(plan)
    )
    assert expected == sorted(
        (bar["ts"], bar["ts"] + bar["dur"], bar["args"]["offset"], bar["args"]["bytes"]) for bar in bars
    )
    assert len({(bar["pid"], bar["tid"]) for bar in bars}) == len(bars)
    counted = [event["args"]["bytes"] for event in events if event["ph"] == "C"]
    assert counted == [*live_bytes(plan, "ram"), 0]


def test_outputs_of_the_caller_are_a_process_of_their_own() -> None:
    plan = by_hand()
    apart = [replace(mem, region="caller", offset_bytes=0) if mem.tensor == 4 else mem for mem in plan.tensors]
    events = memory_trace(replace(plan, tensors=tuple(apart)))["traceEvents"]
    assert [event["args"]["name"] for event in events if event["name"] == "process_name"][-1] == "caller"
    assert [event["name"] for event in events if event["ph"] == "X" and event["pid"] == 3] == ["tensor 4"]
    assert not [event for event in events if event["ph"] == "C" and event["pid"] == 3]
