# SPDX-License-Identifier: Apache-2.0
"""The tables of a bench as rows of words, for the console and for the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sconnx.bench.bench import Bench, Layer, Row

NAME_LETTERS = 28


@dataclass(frozen=True, slots=True)
class Table:
    """Words in columns: a header, rows, and an l or r per column."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    align: str


def number(value: int | None) -> str:
    """With commas; empty when it is not known."""
    return "" if value is None else f"{value:,}"


def per_mac(instructions: int | None, macs: int) -> str:
    return f"{instructions / macs:.2f}" if instructions is not None and macs else ""


def percent(value: int | None, of: int | None) -> str:
    return f"{100 * value / of:.0f} %" if value is not None and of else ""


def compact(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> Table:
    """A table without the columns that are empty in all rows."""
    kept = [column for column in range(len(header)) if any(row[column] for row in rows)]
    words = tuple(tuple(row[column] for column in kept) for row in (header, *rows))
    return Table(title, words, "".join(align[column] for column in kept))


def summaries(bench: Bench, seconds: Callable[[str], float | None]) -> list[tuple[str, list[Table]]]:
    """Of each model its title, a table per compiler, and what peers reach.

    Args:
        seconds: how long the commands took that built a folder; None: not known.
    """
    found = []
    for model, rows in groupby(bench.rows, key=lambda row: row.model):
        of_model = list(rows)
        tables = [_summary(bench, list(part), seconds) for _, part in groupby(of_model, key=lambda row: row.group)]
        peer = next((each for each in bench.models if each.name == of_model[0].peer), None)
        known = f": {peer.title}" if peer else ""
        others = [_peers(bench, of_model[0])] if any(figure.model == of_model[0].peer for figure in bench.peers) else []
        found.append((f"{model} ({of_model[0].file}){known}", [*tables, *others]))
    return found


def _summary(bench: Bench, rows: Sequence[Row], seconds: Callable[[str], float | None]) -> Table:
    first = rows[0]
    externals = f" with {', '.join(first.externals)}" if first.externals else ""
    title = f"{first.toolchain}{externals}, input={first.input}, output={first.output}"
    counts = ("instructions", "per MAC", "of speed", "est. cycles")
    header = ("core", "optimize", *counts, "arena", "of ram", "all RAM", "weights", "other flash", "build s")
    words = [(*_row_cells(bench, row), _seconds(seconds(row.folder))) for row in rows]
    return compact(title, header, words, "ll" + "r" * 10)


def _row_cells(bench: Bench, row: Row) -> tuple[str, ...]:
    speed, ram = bench.beside(row, "speed"), bench.beside(row, "ram")
    return (
        row.target,
        row.optimize,
        number(row.instructions),
        per_mac(row.instructions, row.macs),
        percent(row.instructions, speed.instructions) if speed else "",
        number(row.estimated_cycles),
        number(row.activation_ram_bytes),
        percent(row.activation_ram_bytes, ram.activation_ram_bytes) if ram else "",
        number(row.total_ram_bytes),
        number(row.weights_flash_bytes),
        number(row.code_flash_bytes),
    )


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _peers(bench: Bench, row: Row) -> Table:
    names = {source.key: source.name for source in bench.sources}
    header = ("core", "who", "board", "instructions", "cycles", "ms", "RAM", "code flash")
    rows = [
        (
            figure.core,
            names[figure.source],
            figure.board,
            number(figure.instructions),
            f"{figure.cycles / 1e6:.2f} M" if figure.cycles else "",
            f"{figure.milliseconds:g}" if figure.milliseconds else "",
            number(figure.ram_bytes),
            number(figure.code_flash_bytes),
        )
        for figure in bench.peers
        if figure.model == row.peer
    ]
    return compact("others, same model, on these cores", header, rows, "lllrrrrr")


def layer_table(bench: Bench, rows: Sequence[Row]) -> Table:
    """The layers of a model, with instructions in each of a few of its builds; layers that differ have rows of their own."""
    common, builds = _labels(rows)
    header = ("node", "operator", "name", "dims", "MACs", *(word for build in builds for word in (build, "per MAC")))
    words = []
    for layer, present in _by_layer(bench, rows):
        cells = [str(layer.node), layer.operator, shown_name(layer.name), layer.dims, number(layer.macs or None)]
        for each in present:
            cells += [number(each.instructions), per_mac(each.instructions, each.macs)] if each else ["", ""]
        words.append(cells)
    return compact(f"instructions by layer, counted: {common}", header, words, "rlllr" + "rr" * len(rows))


def cycle_table(bench: Bench, rows: Sequence[Row]) -> Table:
    """The same layers, with estimated cycles."""
    common, builds = _labels(rows)
    header = ("node", "operator", "name", *(f"est. cycles {build}".removesuffix(" instructions") for build in builds))
    words = [
        (
            *(str(layer.node), layer.operator, shown_name(layer.name)),
            *(number(each.estimated_cycles) if each else "" for each in present),
        )
        for layer, present in _by_layer(bench, rows)
    ]
    return compact(f"cycles by layer, estimated: {common}", header, words, "rll" + "r" * len(rows))


def _by_layer(bench: Bench, rows: Sequence[Row]) -> Iterator[tuple[Layer, list[Layer | None]]]:
    """Each layer, and what it is in each of the builds."""
    counted = [{(layer.node, layer.operator, layer.macs): layer for layer in bench.layers_of(row)} for row in rows]
    for key in sorted({key for layers in counted for key in layers}):
        present = [layers.get(key) for layers in counted]
        yield next(each for each in present if each is not None), present


def _labels(rows: Sequence[Row]) -> tuple[str, list[str]]:
    """What builds have in common, and of each the rest."""
    described = [(row.target, row.toolchain, f"input={row.input}", f"optimize={row.optimize}") for row in rows]
    parts = list(zip(*described, strict=True))
    common = ", ".join(part[0] for part in parts if len(set(part)) == 1)
    differing = [[word.removeprefix("optimize=") for word in part] for part in parts if len(set(part)) > 1]
    return common, [" ".join(words) for words in zip(*differing, strict=True)] if differing else ["instructions"]


def shown_name(name: str) -> str:
    """The first of the names that a converter has joined, in ASCII, its end where it is too long."""
    first = ascii(name.split(";")[0])[1:-1]
    return first if len(first) <= NAME_LETTERS else f"..{first[2 - NAME_LETTERS :]}"


def memory_table(rows: Sequence[Row], kind: str, parts_of: Callable[[Row], Mapping[str, int]]) -> Table:
    """Linked bytes by what they are for, a column per build."""
    parts = dict.fromkeys(part for row in rows for part in parts_of(row))
    words = [(part, *(number(parts_of(row).get(part)) for row in rows)) for part in parts]
    words.append(("total", *(number(sum(parts_of(row).values())) for row in rows)))
    _, builds = _labels(rows)
    header = (kind, *(builds if len(rows) > 1 else ["bytes"]))
    return compact(f"bytes of {kind} by what they are for, as linked", header, words, "l" + "r" * len(rows))
