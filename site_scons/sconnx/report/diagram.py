# SPDX-License-Identifier: Apache-2.0
"""The graph of a model as a picture: a box per layer, lines for the tensors between them, from inputs at the top to outputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sconnx.export.lowered import Lowered
from sconnx.graph.node import Node, expand
from sconnx.graph.tensor import State, Tensor
from sconnx.memory.buffers import shown_name
from sconnx.report.layer_figures import LayerFigures
from sconnx.report.layout import Layout, layered
from sconnx.report.svg import group, number, rect, text

WIDTH, HEIGHT, PILL = 268.0, 58.0, 26.0
"""Of a box, and the height of an input or output; in pixels, the picture is not scaled."""
BEND, GAP, BETWEEN, MARGIN = 8.0, 18.0, 30.0, 10.0
"""Width of a line that passes a layer, distance of neighbours, of layers, to the edge."""
BAR = 4.0
FITS = 38
"""Characters of a line of a box."""

STYLE = """
.sx-graph{--ink:#1f2933;--faint:#5f6c7a;--line:#9aa5b1;--paper:#fff;--box:#f6f8fa;--edge:#c3ccd6;--load:#2f6fbf;--ring:#b45309;
--track:#e3e8ee;font:11px system-ui,sans-serif}
@media screen and (prefers-color-scheme:dark){.sx-graph{--ink:#e4e9ef;--faint:#96a3b1;--line:#66727f;--paper:#161b21;
--box:#1d232b;--edge:#404a56;--load:#6aa7f0;--ring:#f0a84b;--track:#2b333d}}
.sx-graph text{fill:var(--ink)}.sx-graph .faint{fill:var(--faint)}.sx-graph .title{font-size:12.5px;font-weight:600}
.sx-graph .code{font:10.5px ui-monospace,Menlo,Consolas,monospace;fill:var(--faint)}
.sx-graph .wire{fill:none;stroke:var(--line);stroke-width:1.4}.sx-graph .tip{fill:var(--line);stroke:none}
.sx-graph .box{fill:var(--box);stroke:var(--edge)}.sx-graph .idle .box{stroke-dasharray:4 3;fill:var(--paper)}
.sx-graph .port .box{fill:var(--paper);stroke:var(--load)}
.sx-graph .vertex:hover .box{stroke:var(--ink);stroke-width:1.6}.sx-graph .stripe{fill:var(--ring)}
.sx-graph .load{fill:var(--load)}.sx-graph .track{fill:var(--track)}
""".strip()


@dataclass(frozen=True, slots=True)
class _Vertex:
    """What is drawn in one place; `tooltip` has lines."""

    kind: str
    height: float
    tooltip: tuple[str, ...]
    parts: tuple[str, ...]


def diagram_svg(lowered: Lowered, figures: Sequence[LayerFigures]) -> str:
    """An SVG element of the lowered graph, a figure for each of its nodes. It needs nothing from outside."""
    vertices, edges = _vertices(lowered, figures), _edges(lowered)
    layout = layered(len(vertices), edges, WIDTH, BEND, GAP)
    tops = _tops(layout, vertices)
    width = max(layout.width, WIDTH) + 2 * MARGIN
    shift = (width - layout.width) / 2
    size = f'width="{number(width)}" height="{number(tops[-1] - BETWEEN + MARGIN)}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sx-graph" role="img" aria-label="Graph of {len(figures)} layers" '
        f'viewBox="0 0 {number(width)} {number(tops[-1] - BETWEEN + MARGIN)}" {size}>',
        f"<style>{STYLE}</style>",
        *_wires(layout, vertices, tops, shift),
    ]
    for index, vertex in enumerate(vertices):
        x, y = layout.centres[index] + shift - WIDTH / 2, tops[layout.layers[index]]
        content = f'<g transform="translate({number(x)} {number(y)})">{"".join(vertex.parts)}</g>'
        parts.append(group(f"vertex {vertex.kind}", vertex.tooltip, content))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _edges(lowered: Lowered) -> list[tuple[int, int]]:
    """Between vertices: what is given, the nodes, what is kept, in this order."""
    graph = lowered.graph
    first = len(graph.given)
    maker = {tensor: position for position, tensor in enumerate(graph.given)}
    edges = []
    for index, node in enumerate(graph.nodes):
        edges += [(maker[tensor], first + index) for tensor in node.reads if tensor in maker]
        maker |= dict.fromkeys(node.outputs, first + index)
    last = first + len(graph.nodes)
    return edges + [(maker[tensor], last + index) for index, tensor in enumerate(graph.kept) if tensor in maker]


def _vertices(lowered: Lowered, figures: Sequence[LayerFigures]) -> list[_Vertex]:
    graph = lowered.graph
    counts = [layer.instructions for layer in figures]
    is_counted = any(count is not None for count in counts)
    weights = [(count or 0) if is_counted else layer.macs for count, layer in zip(counts, figures, strict=True)]
    whole = max(sum(weights), 1)
    given = [
        _port("state" if isinstance(graph.tensors[tensor], State) else "input", graph.tensors[tensor])
        for tensor in graph.given
    ]
    kept = [_port("output", graph.tensors[tensor]) for tensor in graph.outputs]
    kept += [_port("next state", graph.tensors[update.state]) for update in graph.states]
    share_of = "instructions" if is_counted else "MACs"
    boxes = [
        _box(lowered, node, layer, weight / whole, share_of)
        for node, layer, weight in zip(graph.nodes, figures, weights, strict=True)
    ]
    return [*given, *boxes, *kept]


def dims_text(tensor: Tensor) -> str:
    """`25x5x64`, without a batch of 1."""
    dims = tensor.dims[1:] if len(tensor.dims) > 1 and tensor.dims[0] == 1 else tensor.dims
    return "x".join(map(str, dims)) or "scalar"


def _tensor_line(role: str, tensor: Tensor) -> str:
    return f"{role}: {'x'.join(map(str, tensor.dims)) or 'scalar'} {tensor.dtype.value} {tensor.name}".rstrip()


def _port(role: str, tensor: Tensor) -> _Vertex:
    shape = f"{dims_text(tensor)} {tensor.dtype.value}"
    name = _fitting(tensor.name, FITS - len(role) - len(shape))
    parts = (
        _frame(PILL, PILL / 2),
        text(14, 17, role, "title"),
        text(20 + 7.5 * len(role), 17, name, "faint"),
        text(WIDTH - 14, 17, shape, "", "end"),
    )
    return _Vertex("port", PILL, (_tensor_line(role, tensor),), parts)


def _box(lowered: Lowered, node: Node, layer: LayerFigures, share: float, share_of: str) -> _Vertex:
    graph = lowered.graph
    outputs = [graph.tensors[tensor] for tensor in node.outputs]
    shape = dims_text(outputs[0]) + (f" +{len(outputs) - 1}" if len(outputs) > 1 else "")
    title = f"{layer.node} {layer.operator}"
    choice = lowered.choices[layer.node]
    parts = [
        _frame(HEIGHT, 6),
        text(12, 17, _fitting(title, 34 - len(shape), keep_start=True), "title"),
        text(WIDTH - 10, 17, shape, "", "end"),
        text(12, 32, _fitting(choice.kernel or f"no call: {layer.implementation}", FITS, keep_start=True), "code"),
        text(12, 46, _fitting(layer.name, FITS), "faint"),
    ]
    if layer.streams:
        parts.append(rect(0, 6, 4, HEIGHT - 12, "stripe"))
    if choice.kernel:
        length = WIDTH - 24
        parts.append(rect(12, HEIGHT - BAR - 3, length, BAR, "track"))
        if share:
            parts.append(rect(12, HEIGHT - BAR - 3, max(length * share, 1.0), BAR, "load"))
    return _Vertex(
        "layer" if choice.kernel else "layer idle",
        HEIGHT,
        tuple(_box_tooltip(lowered, node, layer, share, share_of)),
        tuple(parts),
    )


def _box_tooltip(lowered: Lowered, node: Node, layer: LayerFigures, share: float, share_of: str) -> Iterator[str]:
    graph, choice = lowered.graph, lowered.choices[layer.node]
    yield f"{layer.node} {layer.operator} {layer.name}".rstrip()
    members = [single.type for single in expand(node)]
    if members != [node.type]:
        yield f"stands for {', '.join(members)}"
    yield f"{choice.lib}/{choice.kernel}" if choice.kernel else f"no call: {layer.implementation}"
    constants = set(graph.constants)
    for role, tensors in (("reads", node.reads), ("writes", node.outputs)):
        yield from (_tensor_line(role, graph.tensors[tensor]) for tensor in tensors if tensor not in constants)
    yield f"{layer.macs:,} MACs, {layer.flash_bytes:,} bytes of flash for itself"
    if layer.instructions is not None:
        yield f"{layer.instructions:,} instructions"
    if share:
        yield f"{100 * share:.1f} % of the {share_of}"
    if layer.step is not None:
        turns = ", takes turns with others, row by row" if layer.streams else ""
        ram = f"; {layer.ram_bytes:,} bytes of RAM in use" if layer.ram_bytes is not None else ""
        yield f"step {layer.step}{turns}{ram}"


def _fitting(name: str, characters: int, keep_start: bool = False) -> str:
    """Printable ASCII of at most so many characters; of a name the end tells more."""
    shown = ascii(name)[1:-1] if keep_start else shown_name(name)
    if len(shown) <= characters:
        return shown
    kept = max(characters - 3, 0)
    return f"{shown[:kept]}..." if keep_start else f"...{shown[len(shown) - kept :]}"


def _frame(height: float, radius: float) -> str:
    size = f'width="{number(WIDTH)}" height="{number(height)}"'
    return f'<rect class="box" x="0" y="0" {size} rx="{number(radius)}"/>'


def _tops(layout: Layout, vertices: Sequence[_Vertex]) -> list[float]:
    """Where each layer begins; one more: behind the last."""
    heights = [0.0] * layout.layer_count
    for layer, vertex in zip(layout.layers, vertices, strict=True):
        heights[layer] = max(heights[layer], vertex.height)
    tops = [MARGIN]
    for height in heights:
        tops.append(tops[-1] + height + BETWEEN)
    return tops


def _wires(layout: Layout, vertices: Sequence[_Vertex], tops: Sequence[float], shift: float) -> Iterator[str]:
    """A path per vertex that lines come from, with their tips."""
    wires: dict[int, list[str]] = {}
    tips = []
    for link in layout.links:
        path = wires.setdefault(link.source, [])
        is_first = link.layer == layout.layers[link.source]
        next_top = tops[link.layer + 1]
        below = next_top - BETWEEN
        start, end = link.start + shift, link.end + shift
        middle = (below + next_top) / 2
        if is_first:
            below = tops[link.layer] + vertices[link.source].height
        path.append(f"M{number(start)} {number(below)}")
        if abs(start - end) < 0.05:
            path.append(f"V{number(next_top)}")
        else:
            bends = f"{number(start)} {number(middle + 6)} {number(end)} {number(middle - 6)}"
            path.append(f"V{number(next_top - BETWEEN)}C{bends} {number(end)} {number(next_top)}")
        if link.target is None:
            path.append(f"V{number(tops[link.layer + 2] - BETWEEN)}")
        else:
            tips.append(f"M{number(end)} {number(next_top)}l-3.5 -7h7z")
    for path in wires.values():
        yield f'<path class="wire" d="{"".join(path)}"/>'
    yield f'<path class="tip" d="{"".join(tips)}"/>'
