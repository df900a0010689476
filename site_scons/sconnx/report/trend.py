# SPDX-License-Identifier: Apache-2.0
"""How figures changed from build to build: a small line chart each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sconnx.history.history import Entry
from sconnx.report.svg import group, line, number, text
from sconnx.report.timeline import CHARACTER

WIDTH, HEIGHT = 400.0, 170.0
LEFT, RIGHT, TOP, BOTTOM = 12.0, 12.0, 44.0, 26.0
LEAST_SPREAD = 0.02
"""A chart shows at least so much of the figure, so that a few bytes do not look like a cliff."""

STYLE = """
.sx-trend{--ink:#1f2933;--faint:#5f6c7a;--grid:#dfe4ea;--paper:#fff;--line:#2f6fbf;--more:#c62828;--less:#1f7a5c;
font:11px system-ui,sans-serif}
@media screen and (prefers-color-scheme:dark){.sx-trend{--ink:#e4e9ef;--faint:#96a3b1;--grid:#343d48;--paper:#161b21;
--line:#6aa7f0;--more:#ff8a80;--less:#58c49b}}
.sx-trend text{fill:var(--ink)}.sx-trend .faint{fill:var(--faint)}.sx-trend .title{font-size:13px;font-weight:600}
.sx-trend .value{font-size:13px;font-weight:600}.sx-trend .more{fill:var(--more)}.sx-trend .less{fill:var(--less)}
.sx-trend .halo{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
.sx-trend .grid{stroke:var(--grid)}.sx-trend .course{fill:none;stroke:var(--line);stroke-width:1.8;stroke-linejoin:round}
.sx-trend .point circle{fill:var(--paper);stroke:var(--line);stroke-width:1.8}.sx-trend .point:hover circle{fill:var(--line)}
""".strip()

FIGURES = (
    ("Total RAM", "ram_bytes", "bytes"),
    ("Activation RAM", "arena_bytes", "bytes"),
    ("Total Flash", "flash_bytes", "bytes"),
    ("Stack", "stack_bytes", "bytes"),
    ("Instructions", "instructions", ""),
    ("Estimated cycles", "cycles", ""),
)


@dataclass(frozen=True, slots=True)
class _Point:
    x: float
    y: float
    value: int
    entry: Entry


def trend_charts(entries: Sequence[Entry]) -> list[str]:
    """An SVG element for each figure that some entry has, from the first entry at the left to the last."""
    charts = []
    for title, key, unit in FIGURES:
        known = [(position, entry, getattr(entry, key)) for position, entry in enumerate(entries)]
        known = [each for each in known if each[2] is not None]
        if known:
            charts.append(_chart(title, unit, known, len(entries)))
    return charts


def _chart(title: str, unit: str, known: Sequence[tuple[int, Entry, int]], count: int) -> str:
    values = [value for _, _, value in known]
    middle = (max(values) + min(values)) / 2
    spread = max((max(values) - min(values)) * 1.15, middle * LEAST_SPREAD, 2.0)
    low = middle - spread / 2
    plot = HEIGHT - TOP - BOTTOM
    column = (WIDTH - LEFT - RIGHT - 12) / max(count - 1, 1)
    points = [
        _Point(
            LEFT + 6 + position * column if count > 1 else WIDTH / 2,
            TOP + plot * (1 - (value - low) / spread),
            value,
            entry,
        )
        for position, entry, value in known
    ]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sx-trend" role="img" aria-label="{title} over {len(known)} builds" '
        f'viewBox="0 0 {number(WIDTH)} {number(HEIGHT)}"><style>{STYLE}</style>',
        *_head(title, unit, values),
        line(LEFT, TOP + plot, WIDTH - RIGHT, TOP + plot, "grid"),
        *_extremes(points),
        f'<path class="course" d="M{"L".join(f"{number(p.x)} {number(p.y)}" for p in points)}"/>',
        *(group("point", _tooltip(point, unit), _circle(point)) for point in points),
        *_revisions(points),
    ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _circle(point: _Point) -> str:
    return f'<circle cx="{number(point.x)}" cy="{number(point.y)}" r="3.5"/>'


def _head(title: str, unit: str, values: Sequence[int]) -> Iterator[str]:
    """The last value, and how it differs from the one before."""
    yield text(LEFT, 18, title, "title")
    yield text(WIDTH - RIGHT, 18, f"{values[-1]:,} {unit}".strip(), "value", "end")
    if len(values) > 1:
        growth = values[-1] - values[-2]
        share = f" ({100 * growth / values[-2]:+.1f} %)" if values[-2] else ""
        words = f"{growth:+,}{share}" if growth else "unchanged"
        yield text(WIDTH - RIGHT, 33, words, "more" if growth > 0 else "less" if growth else "faint", "end")


def _extremes(points: Sequence[_Point]) -> Iterator[str]:
    """Lines at the least and the largest value, with their figures at the left, one where they are equal."""
    for value, y in dict.fromkeys(
        (chosen.value, chosen.y)
        for chosen in (min(points, key=lambda each: each.value), max(points, key=lambda each: each.value))
    ):
        yield line(LEFT, y, WIDTH - RIGHT, y, "grid")
        yield text(LEFT, y - 7, f"{value:,}", "faint halo")


def _tooltip(point: _Point, unit: str) -> list[str]:
    entry = point.entry
    revision = f"{entry.revision or 'no repository'} {entry.date}".rstrip()
    return [f"{point.value:,} {unit}".strip(), revision, entry.toolchain, f"report {entry.report[:12]}"]


def _revisions(points: Sequence[_Point]) -> Iterator[str]:
    """As many as have room, the last one always."""
    free = WIDTH
    for point in reversed(points):
        words = point.entry.short_revision
        half = len(words) * CHARACTER / 2
        x = min(max(point.x, LEFT + half), WIDTH - RIGHT - half)
        if x + half <= free:
            free = x - half - 2 * CHARACTER
            yield text(x, HEIGHT - 9, words, "faint", "middle")
