# SPDX-License-Identifier: Apache-2.0
"""What others reach on models that everyone has: `peers.toml`, with the source of every figure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("peers.toml")
MEASURES = ("instructions", "milliseconds", "ram_bytes", "code_flash_bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerModel:
    """A model that figures are published of; `sha256` is that of its file."""

    name: str
    file: str
    sha256: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where figures come from.

    Args:
        version: of what was measured, its compiler included where that is known.
        origin: where the figures can be looked up.
        counts: what they count.
    """

    key: str
    name: str
    version: str
    origin: str
    counts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one source reaches with one model on one core; None: it does not say.

    Args:
        source: key of the `Source`.
        board: what it was measured on.
        cycles: milliseconds times the board's clock, as exact as the milliseconds.
    """

    model: str
    source: str
    core: str
    board: str
    instructions: int | None
    milliseconds: float | None
    cycles: int | None
    ram_bytes: int | None
    code_flash_bytes: int | None


@dataclass(frozen=True, slots=True)
class Peers:
    """All of the file."""

    models: tuple[PeerModel, ...]
    sources: tuple[Source, ...]
    figures: tuple[Figure, ...]

    def model_of(self, sha256: str) -> str | None:
        """The name of the model whose file this is."""
        return next((model.name for model in self.models if model.sha256 == sha256), None)


def load_peers() -> Peers:
    """Read the file. Raises ValueError or KeyError when it contradicts itself."""
    document = tomllib.loads(FILE.read_text(encoding="utf-8"))
    models = tuple(PeerModel(name=name, **entry) for name, entry in document["models"].items())
    sources = tuple(Source(key=key, **entry) for key, entry in document["sources"].items())
    names = [model.name for model in models]
    figures = [figure for entry in document["figures"] for figure in _figures(entry, names)]
    if unknown := {figure.source for figure in figures} - {source.key for source in sources}:
        raise ValueError(f"{FILE.name}: figures of unknown sources {sorted(unknown)}")
    return Peers(models, sources, tuple(figures))


def _figures(entry: dict[str, Any], models: list[str]) -> list[Figure]:
    """The figures of one source on one core, a model each."""
    tables = {measure: entry.pop(measure, {}) for measure in MEASURES}
    megahertz = entry.pop("megahertz", None)
    measured = {model for table in tables.values() for model in table}
    if unknown := measured - set(models):
        raise ValueError(f"{FILE.name}: figures of unknown models {sorted(unknown)}")
    figures = []
    for model in (name for name in models if name in measured):
        values = {measure: table.get(model) for measure, table in tables.items()}
        milliseconds = values["milliseconds"]
        cycles = None if milliseconds is None else round(milliseconds * megahertz * 1000)
        figures.append(Figure(model=model, cycles=cycles, **values, **entry))
    return figures
