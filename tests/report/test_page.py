# SPDX-License-Identifier: Apache-2.0
"""report.html: what it says, that it needs nothing from outside, and how a browser lays it out."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sconnx.graph.graph import Removed
from sconnx.memory.buffers import buffers
from sconnx.memory.meminfo import MemoryPlan
from sconnx.report.page import report_page
from sconnx.report.parts import PartSize
from sconnx.report.report import Build, LayerRow, RegionRow, Report, Summary
from sconnx.report.text import report_text
from tests.memory.plans import by_hand, planned, pools
from tests.report.chromium import measure, screenshot

HOSTILE = "</td></table><script>document.title='gone'</script><img src=x onerror=alert(1)>\"'&\n\u202e"
LONG = "model/" + "layer/" * 40 + "end"


def report(plan: MemoryPlan, name: str = "conv") -> Report:
    return Report(
        build=Build(
            model="kws",
            target="cortex-m7",
            board="desk",
            toolchain="zig",
            toolchain_version="0.17.1",
            optimize="ram",
        ),
        rule="tflite",
        numerics="bit-exact",
        models=(),
        summary=Summary(
            activation_ram_bytes=plan.arena_bytes,
            total_ram_bytes=5000,
            weights_flash_bytes=20000,
            code_flash_bytes=1234,
            total_flash_bytes=21234,
        ),
        regions=(RegionRow(name="ram", kind="ram", size_bytes=10000, used_bytes=5000),),
        plan_arena_bytes=plan.arena_bytes,
        plan_lower_bound_bytes=0,
        state_bytes=0,
        ram=(PartSize(part="arena", size_bytes=4000), PartSize(part="stack", size_bytes=1000)),
        flash=(PartSize(part="weights", size_bytes=20000), PartSize(part="alignment gaps", size_bytes=0)),
        stack=None,
        sections=(),
        symbols=(),
        layers=(
            LayerRow(
                model="net",
                node=0,
                name=name,
                operator="Conv2D",
                implementation="sx_conv2d",
                macs=1200,
                params_bytes=40,
                step=0,
                streams=True,
            ),
            LayerRow(
                model="net",
                node=1,
                name=name,
                operator="Mean",
                implementation="alias",
                macs=34,
                params_bytes=0,
                step=None,
                streams=False,
            ),
        ),
        removed=Removed(channels=1700, macs=5000, constant_bytes=2048),
        modes=plan.modes,
    )


class Page(HTMLParser):
    """The texts of table cells by the id of the heading before them, and what else matters."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.tags: list[str] = []
        self.links: list[str] = []
        self._heading = ""
        self._in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [f"{name}={value}" for name, value in attributes if name in ("src", "href", "srcset", "data")]
        if tag == "h2":
            self._heading = dict(attributes).get("id") or ""
        if tag == "tr":
            self.tables.setdefault(self._heading, []).append([])
        if tag in ("td", "th"):
            self._in_cell = True
            self.tables[self._heading][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.tables[self._heading][-1][-1] += data


def test_the_tables() -> None:
    plan = planned(pools(), "ram", "keep")[2]
    tables = Page(report_page(report(plan), {"net": plan})).tables
    assert tables["regions"] == [["region", "used", "size", "%"], ["ram", "5,000", "10,000", "50.0"]]
    assert tables["layers"] == [
        ["node", "operator", "implementation", "MACs", "parameter bytes", "step", "streams", "name"],
        ["0", "Conv2D", "sx_conv2d", "1,200", "40", "0", "row by row", "conv"],
        ["1", "Mean", "alias", "34", "0", "", "", "conv"],
    ]
    assert tables["modes"][1:] == [
        [mode.optimize, mode.input, f"{mode.arena_bytes:,}", str(mode.streaming_nodes), str(mode.turn_calls)]
        for mode in plan.modes
    ]
    assert [row[0] for row in tables["buffers"][1:]] == [
        f"{'ring' if mem.ring_rows else 'tensor'} {mem.tensor}"
        for mem in sorted(plan.tensors, key=lambda mem: (mem.first, mem.tensor))
    ]
    # The tables of RAM and flash have no id of their own.
    assert tables[""][:3] == [
        ["arena", "4,000", "80.0 %", ""],
        ["stack", "1,000", "20.0 %", ""],
        ["total", "5,000", "", ""],
    ]


def test_what_is_not_bit_exact_and_what_is_kept_between_runs_is_said() -> None:
    plain = report(by_hand())
    lines = report_text(plain).splitlines()
    numerics = "integers bit-exact, float32 (in 1 of 2 layers) within 0.001"
    changed = report_text(replace(plain, numerics=numerics, state_bytes=1096)).splitlines()
    assert changed[2] == f"  {numerics}"
    assert [line for line in changed if line not in lines] == [
        f"  {numerics}",
        "  Activation RAM     200  plan 200, 1,096 of it state",
    ]


def test_what_import_removed_is_said() -> None:
    plan = by_hand()
    made = report(plan)
    assert made.size == "2 layers, 1,234 MACs (removed: 1,700 dead channels, 5,000 MACs, 2,048 bytes of weights)"
    assert made.to_json()["removed"] == {"channels": 1700, "macs": 5000, "constant_bytes": 2048}
    assert made.size in report_page(made, {"net": plan})


def test_the_buffers_of_a_plan_by_hand() -> None:
    plan = by_hand()
    page = report_page(report(plan), {"net": plan})
    rows = Page(page).tables["buffers"]
    assert rows[0] == ["buffer", "region", "offset", "bytes", "first step", "last step", "relation", "name"]
    words = "overlaps 0 by 32 bytes, shares 32 bytes with 1"
    assert rows[3] == ["tensor 2", "fast", "32", "64", "0", "2", words, "conv 2"]
    assert (
        "<p>fast: peak at step 0, 128 of 160 bytes in use; 2 nodes take turns, row by row: 0 Conv2D, 1 Mean. "
        "Alive there: tensor 0 (64), tensor 2 (64), ring 1 (48), scratch of node 1 (32).</p>"
    ) in page
    assert "<small>plan 200; fast 32 above the lower bound, slow proven optimal</small>" in page
    assert '"modes"' not in page, "a large model has no table of modes"


def test_it_needs_nothing_from_outside() -> None:
    plan = by_hand()
    page = report_page(report(plan), {"net": plan})
    parsed = Page(page)
    assert parsed.links == [] and not {"script", "link", "img", "iframe"} & set(parsed.tags)
    assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org/2000/svg)", page)


def test_names_of_the_model_are_no_markup() -> None:
    plan = by_hand(HOSTILE)
    page = report_page(report(plan, HOSTILE), {"net": plan})
    assert page.isascii() and page == report_page(report(plan, HOSTILE), {"net": plan})
    assert not {"script", "img"} & set(Page(page).tags)
    harmless = by_hand()
    assert Page(page).tags == Page(report_page(report(harmless), {"net": harmless})).tags


@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_has_nothing_to_scroll_sideways_but_within_the_page(tmp_path: Path, width: int) -> None:
    plan = planned(pools(), "ram", "keep")[2]
    page = report_page(report(plan, LONG), {"net": plan})
    found = measure(
        page,
        tmp_path,
        width,
        "[page.documentElement.clientWidth, page.documentElement.scrollWidth, page.querySelectorAll('.buffer > rect').length,"
        "page.querySelector('.sx-timeline').getBoundingClientRect().width, page.title,"
        "page.querySelectorAll('table').length, [...page.querySelectorAll('.label')].every(label => {"
        "const box = label.getBBox(), view = page.querySelector('.sx-timeline').viewBox.baseVal;"
        "return box.x >= 0 && box.x + box.width <= view.width})]",
    )
    client, scroll, rectangles, drawn, title, tables, labels_inside = found
    assert client == width and scroll == width, "the page is wider than its window"
    assert rectangles == len(buffers(plan))
    assert drawn >= 860, "too small to read"
    assert (title, tables, labels_inside) == ("kws: memory report", 6, True)


def test_labels_fit_where_a_browser_draws_them(tmp_path: Path) -> None:
    """The width that the picture reckons with is not less than what the font takes."""
    plan = by_hand()
    page = report_page(report(plan), {"net": plan})
    script = "[...page.querySelectorAll('.label')].map(label => [label.textContent.length, label.getBBox().width])"
    found = measure(page, tmp_path, 1280, script)
    assert found
    assert all(width <= 6.2 * length + 4 for length, width in found), found


def test_a_picture_of_it(tmp_path: Path) -> None:
    plan = by_hand()
    picture = screenshot(report_page(report(plan), {"net": plan}), tmp_path, 1280)
    assert picture.startswith(b"\x89PNG") and len(picture) > 20_000
