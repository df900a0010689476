# SPDX-License-Identifier: Apache-2.0
"""The memory plan as a picture: steps from left to right, bytes of the arena from below, a rectangle per buffer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sconnx.memory.buffers import Buffer, buffer_name, buffers, live_bytes, peak_step, relations, step_count
from sconnx.memory.meminfo import Arena, MemoryPlan
from sconnx.report.show_memory import gap_text, what_runs
from sconnx.report.svg import group, line, number, rect, text

LEFT, RIGHT, HEAD, PLOT, FOOT = 66.0, 14.0, 38.0, 270.0, 44.0
"""Of a panel: the margins beside the plot, above it, its height, below it; in pixels where nothing scales the picture."""
LEGEND = 30.0
LEAST_WIDTH, LEAST_STEP = 880.0, 13.0
HEADROOM = 1.08
CHARACTER, LABEL = 6.2, 13.0
"""Width of a character and height of a line in a label, on the safe side."""
KINDS = (("tensor", "tensor"), ("ring", "ring of rows"), ("scratch", "scratch"))
STATE = ("state", "kept between runs")

STYLE = """
.sx-timeline{--ink:#1f2933;--faint:#6b7785;--grid:#dfe4ea;--paper:#fff;--peak:#c62828;--band:#c62828;
--tensor:#2f6fbf;--ring:#b45309;--scratch:#6d4bb5;--state:#1f7a5c;font:11px system-ui,sans-serif}
@media screen and (prefers-color-scheme:dark){.sx-timeline{--ink:#e4e9ef;--faint:#96a3b1;--grid:#343d48;--paper:#161b21;
--peak:#ff8a80;--band:#ff8a80;--tensor:#6aa7f0;--ring:#f0a84b;--scratch:#b79af2;--state:#58c49b}}
.sx-timeline text{fill:var(--ink)}.sx-timeline .faint{fill:var(--faint)}.sx-timeline .title{font-size:13px;font-weight:600}
.sx-timeline .grid{stroke:var(--grid)}.sx-timeline .step{fill:transparent}.sx-timeline .band{fill:var(--band);opacity:.13}
.sx-timeline .arena{stroke:var(--peak);stroke-width:1.5}.sx-timeline .bound{stroke:var(--ink);stroke-dasharray:5 4}
.sx-timeline .halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
.sx-timeline .figure{fill:var(--peak);font-weight:600}
.sx-timeline .state rect{fill:var(--state);stroke:var(--state);fill-opacity:.38}
.sx-timeline .tensor rect{fill:var(--tensor);stroke:var(--tensor)}.sx-timeline .ring rect{fill:url(#sx-ring);stroke:var(--ring)}
.sx-timeline .scratch rect{fill:url(#sx-scratch);stroke:var(--scratch)}.sx-timeline .tensor rect{fill-opacity:.38}
.sx-timeline .buffer:hover rect{stroke-width:2.5}.sx-timeline .label{pointer-events:none;
paint-order:stroke;stroke:var(--paper);stroke-opacity:.6;stroke-width:2.5px;stroke-linejoin:round}
""".strip()
PATTERNS = (
    '<pattern id="sx-ring" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="7" height="7" style="fill:var(--ring);opacity:.25"/>'
    '<rect width="2.5" height="7" style="fill:var(--ring);opacity:.5"/></pattern>'
    '<pattern id="sx-scratch" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" style="fill:var(--scratch);opacity:.25"/>'
    '<circle cx="3" cy="3" r="1.2" style="fill:var(--scratch);opacity:.7"/></pattern>'
)


@dataclass(frozen=True, slots=True)
class Box:
    """Where something is, in pixels."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Box) -> bool:
        beside = self.x + self.width <= other.x or other.x + other.width <= self.x
        return not beside and self.y < other.y + other.height and other.y < self.y + self.height


@dataclass(slots=True)
class _Panel:
    """One arena.

    Args:
        top: of the plot, in pixels.
        labels: where text stands already.
    """

    plan: MemoryPlan
    arena: Arena
    top: float
    width: float
    words: dict[int, str]
    labels: list[Box] = field(default_factory=list)

    @property
    def steps(self) -> int:
        return step_count(self.plan)

    @property
    def bottom(self) -> float:
        return self.top + PLOT

    def x(self, step: int) -> float:
        return LEFT + step * self.width / self.steps

    def y(self, offset_bytes: int) -> float:
        return self.bottom - offset_bytes * PLOT / (max(self.arena.size_bytes, 1) * HEADROOM)

    def elements(self) -> Iterator[str]:
        peak = peak_step(self.plan, self.arena.region)
        used = live_bytes(self.plan, self.arena.region)
        yield text(LEFT, self.top - 18, f"{self.arena.region}: {self.arena.size_bytes:,} bytes", "title")
        yield text(LEFT, self.top - 4, self._summary(peak, used[peak]), "faint")
        yield from self._axes(peak, used)
        yield rect(self.x(peak), self.top, self.x(peak + 1) - self.x(peak), PLOT, "band")
        there = [buffer for buffer in buffers(self.plan) if buffer.mem.region == self.arena.region]
        # The figures of the lines have their place before labels take it, and lie on top.
        limits = [*self._limits()]
        there.sort(key=lambda buffer: -(buffer.last - buffer.first) * buffer.mem.size_bytes)
        for buffer in there:
            yield self._buffer(buffer)
        yield from limits
        # The small ones first: they have fewer places for a label.
        for buffer in reversed(there):
            yield from self._label(buffer)

    def _summary(self, peak: int, used_bytes: int) -> str:
        gap = "proven optimal" if self.arena.is_optimal else f"{gap_text(self.arena)} above the lower bound"
        return f"{gap}; peak at step {peak}, {used_bytes:,} bytes in use"

    def _axes(self, peak: int, used: tuple[int, ...]) -> Iterator[str]:
        for offset_bytes in ticks(int(self.arena.size_bytes * HEADROOM)):
            y = self.y(offset_bytes)
            yield line(LEFT, y, LEFT + self.width, y, "grid")
            yield text(LEFT - 6, y + 4, f"{offset_bytes:,}", "faint", "end")
        column = self.width / self.steps
        every = next(every for every in (1, 2, 5, 10, 20, 50, 100, 1000) if every * column >= 24)
        for step in range(self.steps):
            centre = self.x(step) + column / 2
            tooltip = [f"step {step}: {used[step]:,} bytes in use", *self._runs(step)]
            yield group("", tooltip, rect(self.x(step), self.top, column, PLOT, "step"))
            if step == peak or (step % every == 0 and abs(step - peak) * column >= 24):
                name = str(step) if step < self.steps - 1 or column < 30 else "after"
                yield text(centre, self.bottom + 15, name, "figure" if step == peak else "faint", "middle")
            runs = self._runs_shortly(step)
            if len(runs) * CHARACTER <= column:
                yield text(centre, self.bottom + 29, runs, "faint", "middle")
        yield line(LEFT, self.bottom, LEFT + self.width, self.bottom, "grid")

    def _runs(self, step: int) -> list[str]:
        if step >= len(self.plan.steps):
            return []
        info = self.plan.steps[step]
        return [what_runs(info), *(f"node {node.node} {node.operator} {node.name}" for node in info.nodes)]

    def _runs_shortly(self, step: int) -> str:
        if step >= len(self.plan.steps):
            return ""
        info = self.plan.steps[step]
        if len(info.nodes) > 1:
            return f"{len(info.nodes)} in turns"
        return info.nodes[0].operator if info.nodes else "push" if info.pushed is not None else "the run"

    def _limits(self) -> Iterator[str]:
        """The lines of the arena's size and of the lower bound, with their figures."""
        end = LEFT + self.width
        size_bytes, bound_bytes = self.arena.size_bytes, self.arena.lower_bound_bytes
        figure = f"arena {size_bytes:,}" + (" = lower bound" if size_bytes == bound_bytes else "")
        size_y, bound_y = self.y(size_bytes), self.y(bound_bytes)
        yield line(LEFT, size_y, end, size_y, "arena")
        yield self._figure(end - 4, size_y - 4, figure, "figure halo")
        if size_bytes != bound_bytes:
            yield line(LEFT, bound_y, end, bound_y, "bound")
            yield self._figure(end - 4, max(bound_y, size_y + 2) + 12, f"lower bound {bound_bytes:,}", "halo")

    def _figure(self, end: float, baseline: float, content: str, kind: str) -> str:
        width = len(content) * CHARACTER
        self.labels.append(Box(end - width, baseline - LABEL + 3, width, LABEL))
        return text(end, baseline, content, kind, "end")

    def _box(self, buffer: Buffer) -> Box:
        """At least a pixel high, so that a small buffer is seen."""
        x, top, bottom = self.x(buffer.first), self.y(buffer.mem.end_bytes), self.y(buffer.mem.offset_bytes)
        return Box(x, min(top, bottom - 1), self.x(buffer.last) - x, max(bottom - top, 1.0))

    def _buffer(self, buffer: Buffer) -> str:
        box = self._box(buffer)
        shape = rect(box.x + 0.5, box.y, max(box.width - 1, 1.0), box.height)
        return group(f"buffer {buffer.mem.kind}", self._tooltip(buffer), shape)

    def _tooltip(self, buffer: Buffer) -> list[str]:
        mem = buffer.mem
        lines = [
            f"{buffer_name(mem)} {mem.name}".rstrip(),
            f"{mem.size_bytes:,} bytes at offset {mem.offset_bytes:,} of {mem.region}",
            f"steps {buffer.first} to {buffer.last - 1}",
            self.words[mem.tensor],
            *(f"{buffer_name(inside)} {inside.name}: {self.words[inside.tensor]}" for inside in buffer.inside),
        ]
        return [line for line in lines if line]

    def _label(self, buffer: Buffer) -> Iterator[str]:
        """The longest label that fits in the box and touches no other one; none: the tooltip must do."""
        mem, box = buffer.mem, self._box(buffer)
        short = buffer_name(mem) if mem.scratch_of is not None else str(mem.tensor)
        named = [f"{mem.name} {mem.size_bytes:,}"] if mem.name.isascii() and mem.name.isprintable() else []
        for content in (*named, f"{short}: {mem.size_bytes:,}", short):
            width = len(content) * CHARACTER + 6
            if width > box.width or box.height < LABEL:
                continue
            for x in (box.x, box.x + (box.width - width) / 2, box.x + box.width - width):
                for y in (box.y + (box.height - LABEL) / 2, box.y, box.y + box.height - LABEL):
                    place = Box(x, y, width, LABEL)
                    if not any(place.meets(other) for other in self.labels):
                        self.labels.append(place)
                        yield text(x + 4, y + LABEL - 3, content, "label")
                        return


def ticks(highest: int) -> list[int]:
    """Multiples of a power of two from 0 on, at most 8."""
    distance = 1
    while distance * 7 < highest:
        distance *= 2
    return list(range(0, highest + 1, distance))


def timeline_svg(plan: MemoryPlan) -> str:
    """An SVG element, a panel per arena. It needs nothing from outside, and follows the colour scheme of whoever shows it."""
    width = max(LEAST_WIDTH, LEAST_STEP * step_count(plan))
    words = relations(plan)
    panel_height = HEAD + PLOT + FOOT
    total = LEFT + width + RIGHT, LEGEND + panel_height * len(plan.arenas)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sx-timeline" role="img" aria-label="Memory over the schedule" '
        f'viewBox="0 0 {number(total[0])} {number(total[1])}" width="{number(total[0])}" height="{number(total[1])}">',
        f"<style>{STYLE}</style><defs>{PATTERNS}</defs>",
        *_legend(any(mem.is_state for mem in plan.tensors)),
    ]
    for position, arena in enumerate(plan.arenas):
        panel = _Panel(plan, arena, LEGEND + position * panel_height + HEAD, width, words)
        parts += panel.elements()
    return "\n".join([*parts, "</svg>"]) + "\n"


def _legend(has_state: bool) -> Iterator[str]:
    x = LEFT
    for kind, name in (*KINDS, STATE) if has_state else KINDS:
        yield f'<g class="{kind}">{rect(x, 9, 16, 11)}</g>' + text(x + 22, 18.5, name)
        x += 40 + len(name) * CHARACTER
    yield line(x, 14.5, x + 20, 14.5, "arena") + text(x + 26, 18.5, "size of the arena")
    x += 44 + 17 * CHARACTER
    yield line(x, 14.5, x + 20, 14.5, "bound") + text(x + 26, 18.5, "lower bound")
    x += 44 + 11 * CHARACTER
    yield rect(x, 9, 16, 11, "band") + text(x + 22, 18.5, "peak")
