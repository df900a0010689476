# SPDX-License-Identifier: Apache-2.0
"""Two reports, and where there are any two runs, side by side: figures of the firmware, of its layers, of its symbols."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any

SCHEMA = "sconnx.diff/1"
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number before and now; None: it is not there."""

    name: str
    unit: str
    before: int | None
    now: int | None

    @property
    def growth(self) -> int:
        return (self.now or 0) - (self.before or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerChange:
    """A layer whose figures differ; `status` is changed, added or removed."""

    status: str
    model: str
    operator: str
    name: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolChange:
    """A symbol of another size; 0 where it is not there."""

    name: str
    part: str
    before_bytes: int
    now_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """All of it.

    Args:
        before, now: how each was built, in a line.
        figures: of the whole firmware, equal ones included; gates are held against these.
    """

    before: str
    now: str
    figures: tuple[Figure, ...]
    parts: tuple[Figure, ...]
    layers: tuple[LayerChange, ...]
    symbols: tuple[SymbolChange, ...]

    def to_json(self) -> dict[str, Any]:
        document = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        return {"schema": SCHEMA, **document}


_SUMMARY = {
    "activation_ram_bytes": "Activation RAM",
    "total_ram_bytes": "Total RAM",
    "weights_flash_bytes": "Weights Flash",
    "code_flash_bytes": "Code Flash",
    "total_flash_bytes": "Total Flash",
}


def compare(before: Document, now: Document, runs_before: Sequence[Document], runs_now: Sequence[Document]) -> Diff:
    """The difference of two report.json, with the documents of run.json by model; these may be missing on one side."""
    return Diff(
        before=_build_line(before),
        now=_build_line(now),
        figures=tuple(figures_of(before, now, runs_before, runs_now)),
        parts=tuple(
            figure
            for memory in ("RAM", "flash")
            for figure in _parts(memory, before[memory.lower()], now[memory.lower()])
            if figure.growth
        ),
        layers=tuple(_layers(before, now, runs_before, runs_now)),
        symbols=tuple(_symbols(before["symbols"], now["symbols"])),
    )


def _build_line(report: Document) -> str:
    build = report["build"]
    tool = f"{build['toolchain']} {build['toolchain_version']}"
    return f"{build['model']} for {build['target']} on {build['board']} ({tool}, optimize={build['optimize']})"


def figures_of(
    before: Document, now: Document, runs_before: Sequence[Document], runs_now: Sequence[Document]
) -> Iterable[Figure]:
    """Of the whole firmware: bytes by kind, its stack, and of each model that was run what was counted."""
    for key, name in _SUMMARY.items():
        yield Figure(name=name, unit="bytes", before=before["summary"][key], now=now["summary"][key])
    yield Figure(name="Stack", unit="bytes", before=_stack(before), now=_stack(now))
    models = dict.fromkeys(run["model"] for run in (*runs_before, *runs_now))
    for model in models:
        of = f" of {model}" if len(models) > 1 else ""
        for key, name, unit in (
            ("instructions_per_inference", "Instructions", "instructions"),
            ("estimated_cycles", "Estimated cycles", "cycles"),
        ):
            values = (_of_run(model, key, runs) for runs in (runs_before, runs_now))
            figure = Figure(name=f"{name}{of}", unit=unit, before=next(values), now=next(values))
            if figure.before is not None or figure.now is not None:
                yield figure


def _stack(report: Document) -> int | None:
    stack = report.get("stack")
    return stack["rows"][0]["size_bytes"] if stack and stack["rows"] else None


def _of_run(model: str, key: str, runs: Sequence[Document]) -> int | None:
    return next((run[key] for run in runs if run["model"] == model), None)


def _parts(memory: str, before: Sequence[Document], now: Sequence[Document]) -> Iterable[Figure]:
    sizes = [{part["part"]: part["size_bytes"] for part in parts} for parts in (before, now)]
    for name in dict.fromkeys((*sizes[0], *sizes[1])):
        yield Figure(name=f"{memory}: {name}", unit="bytes", before=sizes[0].get(name), now=sizes[1].get(name))


def _layers(
    before: Document, now: Document, runs_before: Sequence[Document], runs_now: Sequence[Document]
) -> Iterable[LayerChange]:
    """Layers are told apart by operator and name, in their order; the same pair may occur again."""
    old, new = (_rows(report, runs) for report, runs in ((before, runs_before), (now, runs_now)))
    matcher = SequenceMatcher(None, [row[0] for row in old], [row[0] for row in new], autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            for (key, values), (_, later) in zip(old[i1:i2], new[j1:j2], strict=True):
                figures = tuple(figure for figure in _side_by_side(values, later) if figure.growth)
                if figures:
                    yield _change("changed", key, figures)
            continue
        for key, values in old[i1:i2]:
            yield _change("removed", key, _side_by_side(values, {}))
        for key, later in new[j1:j2]:
            yield _change("added", key, _side_by_side({}, later))


_MARK = re.compile(r"(?<=_init_of_header)_[0-9a-f]{8}$")
_UNITS = {"MACs": "", "parameters": "bytes", "RAM in use": "bytes", "instructions": "instructions"}
_Key = tuple[str, str, str]


def _rows(report: Document, runs: Sequence[Document]) -> list[tuple[_Key, dict[str, int | None]]]:
    counted = {(run["model"], row["node"]): row["instructions"] for run in runs for row in run["layers"]}
    single = report["build"]["model"]
    return [
        (
            (layer.get("model", single), layer["operator"], layer["name"]),
            {
                "MACs": layer["macs"],
                "parameters": layer["params_bytes"],
                "RAM in use": layer.get("ram_bytes"),
                "instructions": counted.get((layer.get("model", single), layer["node"])),
            },
        )
        for layer in report["layers"]
    ]


def _side_by_side(before: Mapping[str, int | None], now: Mapping[str, int | None]) -> tuple[Figure, ...]:
    pairs = {name: (before.get(name), now.get(name)) for name in _UNITS}
    # A count that only one side was asked for is no change of the layer.
    shown = {name: pair for name, pair in pairs.items() if not (before and now and None in pair)}
    return tuple(
        Figure(name=name, unit=_UNITS[name], before=pair[0], now=pair[1]) for name, pair in shown.items() if any(pair)
    )


def _change(status: str, key: _Key, figures: tuple[Figure, ...]) -> LayerChange:
    model, operator, name = key
    return LayerChange(status=status, model=model, operator=operator, name=name, figures=figures)


def _unmarked(symbol: str) -> str:
    """A symbol without the digest of its header, which is another one after any change: it is the same function."""
    return _MARK.sub("", symbol)


def _symbols(before: Sequence[Document], now: Sequence[Document]) -> list[SymbolChange]:
    """The largest change first."""
    parts = {_unmarked(row["name"]): row["part"] for row in (*before, *now)}
    sizes: list[dict[str, int]] = [{}, {}]
    for side, rows in zip(sizes, (before, now), strict=True):
        for row in rows:
            name = _unmarked(row["name"])
            side[name] = side.get(name, 0) + row["size_bytes"]
    changes = [
        SymbolChange(name=name, part=part, before_bytes=sizes[0].get(name, 0), now_bytes=sizes[1].get(name, 0))
        for name, part in parts.items()
    ]
    changed = [change for change in changes if change.before_bytes != change.now_bytes]
    return sorted(changed, key=lambda change: (-abs(change.now_bytes - change.before_bytes), change.name))
