# SPDX-License-Identifier: Apache-2.0
"""report.html and page.html: what they say, that they need nothing from outside, and how a browser lays them out and sorts."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from sconnx.export.lowered import Lowered
from sconnx.graph.graph import Removed
from sconnx.history.history import Entry
from sconnx.memory.buffers import buffers
from sconnx.memory.meminfo import MemoryPlan
from sconnx.report.budget import BudgetRow, Contributor
from sconnx.report.finding import Finding
from sconnx.report.kernel_use import KernelRow
from sconnx.report.page import report_page
from sconnx.report.parts import PartSize
from sconnx.report.reconcile import Reconciled
from sconnx.report.report import Build, LayerRow, RegionRow, Report, Summary
from sconnx.report.stack import CallRow, Stack, StackRow
from sconnx.report.text import report_text
from tests.memory.plans import by_hand, planned, pools
from tests.report.chromium import DARK, measure, screenshot
from tests.tiny_models import lowered_of

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
            runtime_ram_bytes=8,
            stack_bytes=1000,
            total_ram_bytes=5000,
            weights_flash_bytes=20000,
            code_flash_bytes=1234,
            total_flash_bytes=21234,
        ),
        regions=(
            RegionRow(name="ram", kind="ram", size_bytes=10000, used_bytes=5000, plan_bytes=4900, difference_bytes=100),
        ),
        plan_arena_bytes=plan.arena_bytes,
        plan_lower_bound_bytes=0,
        state_bytes=0,
        ram=(PartSize(part="arena", size_bytes=4000), PartSize(part="stack", size_bytes=1000)),
        flash=(PartSize(part="weights", size_bytes=20000), PartSize(part="alignment gaps", size_bytes=0)),
        stack=Stack(
            reserved_bytes=1000,
            rows=(
                StackRow(
                    function="Reset_Handler",
                    size_bytes=950,
                    path=(CallRow(function="Reset_Handler", size_bytes=0), CallRow(function="net_run", size_bytes=950)),
                    unknown=("net_run calls itself",),
                ),
            ),
        ),
        sections=(),
        symbols=(),
        layers=(
            LayerRow(
                model="kws",
                node=0,
                name=name,
                operator="Conv2D",
                implementation="sx_conv2d",
                macs=1200,
                params_bytes=40,
                step=0,
                streams=True,
                kernel_bytes=1000,
                kernel_shared_bytes=900,
                generated_bytes=60,
                ram_bytes=128,
            ),
            LayerRow(
                model="kws",
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


def two_nodes(name: str = "conv") -> Lowered:
    """A graph for the two layers of the report."""
    lowered = lowered_of(pools())
    graph = lowered.graph
    nodes = tuple(replace(node, name=name) for node in graph.nodes[:2])
    kept = nodes[-1].outputs[0] + 1
    return replace(
        lowered,
        graph=replace(graph, nodes=nodes, tensors=graph.tensors[:kept], outputs=nodes[-1].outputs),
        choices=lowered.choices[:2],
    )


def page_of(report: Report, plan: MemoryPlan, lowered: Lowered | None = None, **more: Any) -> str:
    return report_page(report.to_json(), {report.build.model: (lowered or two_nodes(), plan)}, **more)


RUN = {
    "model": "kws",
    "instructions_per_inference": 3600,
    "estimated_cycles": 4567,
    "cycles_error_percent": 9,
    "macs": 1234,
    "layers": [{"node": 0, "instructions": 3500, "estimated_cycles": 4500}],
}


def entry(revision: str, **figures: Any) -> Entry:
    known = {
        "ram_bytes": 5000,
        "arena_bytes": 4000,
        "flash_bytes": 21234,
        "stack_bytes": 950,
        "instructions": 3600,
        "cycles": None,
    }
    return Entry(
        revision=revision,
        date="2026-11-01T10:00:00+01:00",
        model="kws",
        target="cortex-m7",
        toolchain="zig 0.17.1",
        optimize="ram",
        report="0" * 64,
        **{**known, **figures},
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
    tables = Page(page_of(report(plan), plan)).tables
    assert tables["layers"] == [
        [
            *("node", "operator", "MACs", "RAM in use", "flash", "shared code"),
            *("step", "streams", "implementation", "name"),
        ],
        ["0", "Conv2D", "1,200", "128", "200", "900", "0", "row by row", "sx_conv2d", "conv"],
        ["1", "Mean", "34", "", "0", "0", "", "", "alias", "conv"],
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


def test_what_was_not_counted_is_left_out_and_how_to_get_it_is_said() -> None:
    plan = by_hand()
    plain, counted = page_of(report(plan), plan), page_of(report(plan), plan, runs=[RUN])
    how = "Instructions and cycles: ./sconsw page has the emulator count them."
    assert how in plain and how not in counted
    library = replace(report(plan), regions=())
    assert how not in page_of(library, plan), "which no emulator runs"
    assert Page(counted).tables["layers"] == [
        [
            *("node", "operator", "MACs", "instructions", "est. cycles", "RAM in use"),
            *("flash", "shared code", "step", "streams", "implementation", "name"),
        ],
        ["0", "Conv2D", "1,200", "3,500", "4,500", "128", "200", "900", "0", "row by row", "sx_conv2d", "conv"],
        ["1", "Mean", "34", "", "", "", "0", "0", "", "", "alias", "conv"],
    ]
    assert "<li>Instructions <b>3,600</b> <small>of one inference, counted, 2.92 per MAC</small></li>" in counted
    assert (
        "<li>Cycles, estimated <b>4,567</b> <small>without wait states; CoreMark is within 9 %</small></li>" in counted
    )
    assert "<b>3,600</b>" not in plain and "% of the MACs" in plain and "100.0 % of the instructions" in counted


def test_regions_budgets_and_the_deepest_calls() -> None:
    plan = by_hand()
    largest = (Contributor(what="arena", size_bytes=4000),)
    budgets = (
        BudgetRow(
            memory="ram",
            model="",
            region="dtcm",
            budget_bytes=4500,
            margin_bytes=10,
            used_bytes=4500,
            missing_bytes=10,
            largest=largest,
        ),
        BudgetRow(
            memory="flash",
            model="kws",
            region="",
            budget_bytes=9000,
            margin_bytes=0,
            used_bytes=4500,
            missing_bytes=0,
            largest=largest,
        ),
    )
    page = page_of(replace(report(plan), budgets=budgets), plan)

    def bar(kind: str, name: str, words: str, percent: str, *notes: str) -> str:
        small = "".join(f"<small>{note}</small>\n" for note in notes)
        head = f'<div class="bar{kind}"><div class="words"><b>{name}</b><span>{words}</span></div>\n'
        return f'{head}<div class="rail"><i style="width: {percent}%"></i></div>\n{small}</div>'

    unknown = "Not counted: net_run calls itself"
    assert bar("", "ram", "5,000 of 10,000", "50.0", "50.0 %; plan 4,900, other +100") in page
    assert bar(" close", "Reset_Handler", "950 of 1,000 reserved", "95.0", unknown) in page
    missing = "10 missing, besides a margin of 10"
    assert bar(" over", "ram in dtcm", "4,500 of 4,500", "100.0", missing, "largest: arena 4,000") in page
    assert bar("", "flash of kws", "4,500 of 9,000", "50.0", "4,500 free", "largest: arena 4,000") in page
    assert '<ol class="calls"><li>Reset_Handler<b>0</b></li><li>net_run<b>950</b></li></ol>' in page
    assert 'id="budgets"' not in page_of(report(plan), plan)


def test_what_fails_the_build_is_said_first() -> None:
    plan = by_hand()
    finding = Finding(check="budget ram", code="E410", what="too much", where="kws", why="largest: arena", help="less")
    page = page_of(replace(report(plan), findings=(finding,)), plan)
    spans = "<span>largest: arena</span><span>less</span>"
    assert f'<div class="problem"><b>kws: error[E410]: too much</b>{spans}</div>\n<nav' in page
    assert 'class="problem"' not in page_of(report(plan), plan)


def test_the_reconciliation() -> None:
    plan = by_hand()

    def row(part: str, plan_bytes: int, elf_bytes: int, cause: str) -> Reconciled:
        return Reconciled(
            region="flash",
            section=".text",
            part=part,
            plan_bytes=plan_bytes,
            elf_bytes=elf_bytes,
            difference_bytes=elf_bytes - plan_bytes,
            cause=cause,
        )

    rows = (row("weights", 900, 900, ""), row("kernels", 0, 1200, "code of the kernels"), row("unexplained", 0, 4, ""))
    kernels = (KernelRow(name="sx_conv2d", size_bytes=1200, layers=("kws:0", "kws:1")),)
    page = page_of(replace(report(plan), reconciliation=rows, kernels=kernels), plan)
    tables = Page(page).tables
    assert tables["reconciliation"] == [
        ["region", "section", "part", "plan", "linked", "difference", "cause"],
        ["flash", ".text", "weights", "900", "900", "0", ""],
        ["flash", ".text", "kernels", "0", "1,200", "+1,200", "code of the kernels"],
        ["flash", ".text", "unexplained", "0", "4", "+4", ""],
    ]
    assert page.count('<tr class="warning">') == 1
    assert tables["kernels"][1] == ["sx_conv2d", "1,200", "2", "kws:0, kws:1"]


def test_the_trend() -> None:
    plan = by_hand()
    history = [entry("a" * 40, ram_bytes=5200), entry("b" * 40, ram_bytes=4900), entry("dirty")]
    page = page_of(report(plan), plan, history=history)
    assert Page(page).tables["history"][1:] == [
        ["dirty", "2026-11-01", "zig 0.17.1", "5,000", "4,000", "21,234", "950", "3,600", ""],
        ["bbbbbbb", "2026-11-01", "zig 0.17.1", "4,900", "4,000", "21,234", "950", "3,600", ""],
        ["aaaaaaa", "2026-11-01", "zig 0.17.1", "5,200", "4,000", "21,234", "950", "3,600", ""],
    ]
    charts = re.findall(r'aria-label="([^"]+) over (\d+) builds"', page)
    assert charts == [(name, "3") for name in ("Total RAM", "Activation RAM", "Total Flash", "Stack", "Instructions")]
    assert ">+100 (+2.0 %)</text>" in page and page.count(">unchanged</text>") == 4
    assert "sx-trend" not in page_of(report(plan), plan)


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
    assert made.size in page_of(made, plan)


def test_the_buffers_of_a_plan_by_hand() -> None:
    plan = by_hand()
    page = page_of(report(plan), plan)
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


def everything(name: str = "conv") -> str:
    """A page with all its parts, and the name wherever the model may have names."""
    plan = by_hand(name)
    history = [entry("a" * 40), replace(entry("b" * 40, stack_bytes=None), revision=name, date=name, toolchain=name)]
    return page_of(report(plan, name), plan, two_nodes(name), runs=[RUN], history=history)


def test_it_needs_nothing_from_outside() -> None:
    page = everything()
    parsed = Page(page)
    assert all(link.startswith("href=#") for link in parsed.links)
    assert not {"link", "img", "iframe", "object", "form"} & set(parsed.tags) and parsed.tags.count("script") == 1
    assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org/2000/svg)", page)
    assert page.isascii() and page == everything()


def test_links_within_the_page_lead_somewhere() -> None:
    plan = by_hand()
    for page in (everything(), page_of(report(plan), plan)):
        targets = [link.removeprefix("href=#") for link in Page(page).links]
        ids = re.findall(r'<(?:h2|section) id="([^"]+)"', page)
        assert set(targets) <= set(ids) and len(ids) == len(set(ids))


def test_names_of_the_model_are_no_markup() -> None:
    hostile = everything(HOSTILE)
    assert hostile.isascii() and "alert(1)>" not in hostile
    assert Page(hostile).tags == Page(everything()).tags


@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_has_nothing_to_scroll_sideways_but_within_the_page(tmp_path: Path, width: int) -> None:
    lowered, _, plan = planned(pools(), "ram", "keep")
    lowered = replace(lowered, graph=replace(two_nodes(LONG).graph), choices=lowered.choices[:2])
    history = [entry(f"{number:040x}", ram_bytes=5000 + 7 * number) for number in range(40)]
    page = page_of(report(plan, LONG), plan, lowered, runs=[RUN], history=history)
    found = measure(
        page,
        tmp_path,
        width,
        "[page.documentElement.clientWidth, page.documentElement.scrollWidth, page.querySelectorAll('.buffer > rect').length,"
        "page.querySelector('.sx-timeline').getBoundingClientRect().width, page.title,"
        "f.contentWindow.performance.getEntriesByType('resource').length,"
        "[...page.querySelectorAll('.label, .sx-graph text, .sx-trend text')].every(label => {"
        "const box = label.getBBox(), view = label.ownerSVGElement.viewBox.baseVal;"
        "return box.x >= 0 && box.x + box.width <= view.width})]",
    )
    client, scroll, rectangles, drawn, title, requests, labels_inside = found
    assert client == width and scroll == width, "the page is wider than its window"
    assert rectangles == len(buffers(plan))
    assert drawn >= 860, "too small to read"
    assert (title, requests, labels_inside) == ("kws: report", 0, True)


def test_a_browser_sorts(tmp_path: Path) -> None:
    """Quantities from the largest, then from the least; what has no value is last in both; a name from its first letter."""
    script = """(() => {
        const table = page.querySelector("#layers ~ .scroll table"), heads = [...table.tHead.rows[0].cells];
        const click = name => {
            const head = heads.find(head => head.textContent === name);
            head.querySelector("button").click();
            return [...table.tBodies[0].rows].map(row => row.cells[0].textContent).join(" ")
                + heads.map(head => head.getAttribute("aria-sort") ? ` ${head.textContent} ${head.ariaSort}` : "").join("");
        };
        return ["MACs", "MACs", "instructions", "instructions", "operator", "node", "node"].map(click);
    })()"""
    assert measure(everything(), tmp_path, 1280, script) == [
        "0 1 MACs descending",
        "1 0 MACs ascending",
        "0 1 instructions descending",
        "0 1 instructions ascending",
        "0 1 operator ascending",
        "0 1 node ascending",
        "1 0 node descending",
    ]


@pytest.mark.parametrize("flags", [(), (DARK,)])
def test_all_text_stands_out_from_what_is_behind_it(tmp_path: Path, flags: tuple[str, ...]) -> None:
    """In both colour schemes, by the ratio of WCAG 2.2, 1.4.3."""
    script = """(() => {
        const channels = colour => colour.match(/[0-9.]+/g).map(Number);
        const light = colour => channels(colour).slice(0, 3).map(value => value / 255)
            .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
            .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
        const style = element => f.contentWindow.getComputedStyle(element);
        const behind = element => {
            for (; element; element = element.parentElement)
                if (!/, 0\\)$/.test(style(element).backgroundColor)) return style(element).backgroundColor;
        };
        const texts = "h1, h2, p, a, small, b, th, td, li, span, svg text:not(.halo):not(.label)";
        const ratios = [...page.querySelectorAll(texts)].map(element => {
            const colour = element.ownerSVGElement ? style(element).fill : style(element).color;
            const both = [light(colour), light(behind(element))].sort((a, b) => b - a);
            return [(both[0] + 0.05) / (both[1] + 0.05), element.outerHTML.slice(0, 80), colour, behind(element)];
        });
        return [light(style(page.body).backgroundColor), ratios.sort((a, b) => a[0] - b[0])[0]];
    })()"""
    paper, (ratio, *worst) = measure(everything(), tmp_path, 1280, script, *flags)
    assert (paper < 0.1) == bool(flags)
    assert ratio >= 4.5, worst


def test_labels_fit_where_a_browser_draws_them(tmp_path: Path) -> None:
    """The width that the picture reckons with is not less than what the font takes."""
    plan = by_hand()
    page = page_of(report(plan), plan)
    script = "[...page.querySelectorAll('.label')].map(label => [label.textContent.length, label.getBBox().width])"
    found = measure(page, tmp_path, 1280, script)
    assert found
    assert all(width <= 6.2 * length + 4 for length, width in found), found


def test_a_picture_of_it(tmp_path: Path) -> None:
    plan = by_hand()
    picture = screenshot(page_of(report(plan), plan), tmp_path, 1280)
    assert picture.startswith(b"\x89PNG") and len(picture) > 20_000
