# SPDX-License-Identifier: Apache-2.0
"""The few elements of SVG that a chart needs, as text. Whatever comes in as text is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def escaped(text: str) -> str:
    """Printable ASCII of any text, safe as content and as an attribute of SVG and HTML."""
    return escape(ascii(text)[1:-1], quote=True)


def number(value: float) -> str:
    """A coordinate: at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def rect(x: float, y: float, width: float, height: float, kind: str = "") -> str:
    where = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    return f"<rect{_class(kind)} {where}/>"


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "") -> str:
    ends = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f"<line{_class(kind)} {ends}/>"


def text(x: float, y: float, content: str, kind: str = "", anchor: str = "start") -> str:
    where = f'x="{number(x)}" y="{number(y)}"' + ("" if anchor == "start" else f' text-anchor="{anchor}"')
    return f"<text{_class(kind)} {where}>{escaped(content)}</text>"


def group(kind: str, title: Sequence[str], *elements: str) -> str:
    """Elements with a tooltip of several lines."""
    lines = "\n".join(map(escaped, title))
    return f"<g{_class(kind)}><title>{lines}</title>{''.join(elements)}</g>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
