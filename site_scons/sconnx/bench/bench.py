# SPDX-License-Identifier: Apache-2.0
"""A bench: a row per firmware with what was counted and linked, its layers, and the figures of peers on the same models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from sconnx.bench.peers import Figure, PeerModel, Peers, Source
from sconnx.export.lowered import Lowered
from sconnx.graph.node import attributes

SCHEMA = "sconnx.bench/2"
SUMMARY = (
    "activation_ram_bytes",
    "total_ram_bytes",
    "weights_flash_bytes",
    "code_flash_bytes",
    "total_flash_bytes",
)
"""Figures of a report that its row has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One node of a row's model.

    Args:
        row: position of its firmware in `Bench.rows`.
        implementation: `lib/kernel`; empty when the node needs no call.
        kernel_dims: of a window, else empty.
        macs: multiply-accumulates of one inference.
        instructions: of one inference, callees included, counted in the emulator; None: the node needs no call, or the
            emulator cannot count.
        estimated_cycles: of one inference, by a model of the core; None: there is none.
    """

    row: int
    node: int
    name: str
    operator: str
    implementation: str
    input_dims: tuple[int, ...]
    kernel_dims: tuple[int, ...]
    output_dims: tuple[int, ...]
    macs: int
    instructions: int | None
    estimated_cycles: int | None

    @property
    def dims(self) -> str:
        """Like `32x32x3 3x3 32x32x16`: input, kernel and output without the batch."""
        every = (self.input_dims[1:], self.kernel_dims, self.output_dims[1:])
        return " ".join("x".join(map(str, dims)) for dims in every if dims)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One firmware: a model on a core, by a compiler, in a mode.

    Args:
        folder: where its files are.
        file: name of the model file.
        peer: name of the model in `peers.toml`; empty when others publish nothing of it.
        flags: of the compiler, for the core and the mode.
        externals: third-party libraries that it may use.
        instructions: of one inference, counted; None: the emulator cannot.
        estimated_cycles: of one inference, by a model of the core; None: there is none.
        stack_bytes: the most that was in use; None: the emulator does not see it.
        ram, flash: linked bytes by what they are for; all but those that are 0.
    """

    folder: str
    model: str
    file: str
    peer: str
    target: str
    board: str
    toolchain: str
    optimize: str
    flags: tuple[str, ...]
    input: str
    output: str
    externals: tuple[str, ...]
    macs: int
    instructions: int | None
    estimated_cycles: int | None
    stack_bytes: int | None
    activation_ram_bytes: int
    total_ram_bytes: int
    weights_flash_bytes: int
    code_flash_bytes: int
    total_flash_bytes: int
    ram: dict[str, int]
    flash: dict[str, int]

    @property
    def group(self) -> tuple[str, str]:
        """Rows of one table: one model, one compiler."""
        return self.model, self.toolchain

    @property
    def build(self) -> tuple[str, str, str]:
        """All but the mode: builds that differ in nothing else can be held against each other."""
        return self.model, self.target, self.toolchain


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """All rows, in the order in which they are shown: by model, compiler, core, mode."""

    rows: tuple[Row, ...]
    layers: tuple[Layer, ...]
    models: tuple[PeerModel, ...]
    sources: tuple[Source, ...]
    peers: tuple[Figure, ...]

    def to_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA, **{key: list(entries) for key, entries in asdict(self).items()}}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Bench:
        kinds = {"rows": Row, "layers": Layer, "models": PeerModel, "sources": Source, "peers": Figure}
        parts = {
            key: tuple(kind(**{name: _frozen(value) for name, value in entry.items()}) for entry in document[key])
            for key, kind in kinds.items()
        }
        return cls(**parts)

    def layers_of(self, row: Row) -> tuple[Layer, ...]:
        """The layers of a row, in the order of the graph."""
        position = self.rows.index(row)
        return tuple(layer for layer in self.layers if layer.row == position)

    def beside(self, row: Row, optimize: str) -> Row | None:
        """The same build in another mode, if there is one."""
        return next((other for other in self.rows if other.build == row.build and other.optimize == optimize), None)


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Measured:
    """The files of one firmware, and what they do not say: folder, flags, input, output, externals."""

    lowered: Lowered
    report: Mapping[str, Any]
    run: Mapping[str, Any]
    file: str
    sha256: str
    built: Mapping[str, Any]

    def row(self, peers: Peers) -> Row:
        build = self.report["build"]
        return Row(
            folder=self.built["folder"],
            model=self.run["model"],
            file=self.file,
            peer=peers.model_of(self.sha256) or "",
            target=build["target"],
            board=build["board"],
            toolchain=f"{build['toolchain']} {build['toolchain_version']}",
            optimize=build["optimize"],
            flags=tuple(self.built["flags"]),
            input=self.built["input"],
            output=self.built["output"],
            externals=tuple(self.built["externals"]),
            macs=self.run["macs"],
            instructions=self.run["instructions_per_inference"],
            estimated_cycles=self.run.get("estimated_cycles"),
            stack_bytes=self.run["stack_bytes"],
            **{key: self.report["summary"][key] for key in SUMMARY},
            ram=self._parts("ram"),
            flash=self._parts("flash"),
        )

    def _parts(self, kind: str) -> dict[str, int]:
        return {part["part"]: part["size_bytes"] for part in self.report[kind] if part["size_bytes"]}

    def layers(self, row: int) -> list[Layer]:
        counted = {layer["node"]: layer for layer in self.run["layers"]}
        graph = self.lowered.graph
        found = []
        for index, (node, choice) in enumerate(zip(graph.nodes, self.lowered.choices, strict=True)):
            kernel = next(
                (value for key, value in attributes(node.operator).items() if key.endswith("kernel_dims")), ()
            )
            measured = counted.get(index, {})
            found.append(
                Layer(
                    row=row,
                    node=index,
                    name=node.name,
                    operator=node.type,
                    implementation=f"{choice.lib}/{choice.kernel}" if choice.kernel else "",
                    input_dims=graph.dims(node.reads[:1])[0] if node.reads else (),
                    kernel_dims=cast(tuple[int, ...], kernel),
                    output_dims=graph.tensors[node.outputs[0]].dims,
                    macs=choice.macs,
                    instructions=measured.get("instructions"),
                    estimated_cycles=measured.get("estimated_cycles"),
                )
            )
        return found


def make_bench(measured: Sequence[Measured], peers: Peers) -> Bench:
    """Rows model by model, each in the order given; figures of peers for the same models and cores, core by core."""
    models = list(dict.fromkeys(each.run["model"] for each in measured))
    ordered = sorted(measured, key=lambda each: models.index(each.run["model"]))
    rows = tuple(each.row(peers) for each in ordered)
    cores = list(dict.fromkeys(row.target for row in rows))
    known = {row.peer for row in rows}
    figures = [figure for figure in peers.figures if figure.model in known and figure.core in cores]
    return Bench(
        rows=rows,
        layers=tuple(layer for position, each in enumerate(ordered) for layer in each.layers(position)),
        models=tuple(model for model in peers.models if model.name in known),
        sources=tuple(source for source in peers.sources if any(source.key == figure.source for figure in figures)),
        peers=tuple(sorted(figures, key=lambda figure: cores.index(figure.core))),
    )
