# SPDX-License-Identifier: Apache-2.0
"""What is known of each layer, whichever file says it: the report or the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFigures:
    """One node.

    Args:
        instructions, cycles: of one inference, callees included; None: not counted, or it needs no call.
        ram_bytes: what is in use of the arenas in its step; None: it has no step.
        flash_bytes: parameters and code of its own.
        shared_bytes: code that it and other layers use.
        step: None: it needs no call.
        streams: whether rows go from it or to it while others of its step run.
    """

    node: int
    operator: str
    name: str
    implementation: str
    macs: int
    instructions: int | None
    cycles: int | None
    ram_bytes: int | None
    flash_bytes: int
    shared_bytes: int
    step: int | None
    streams: bool


def layer_figures(report: Document, model: str, run: Document | None) -> tuple[LayerFigures, ...]:
    """The layers of a model in the order of its nodes.

    Args:
        report: report.json.
        run: of the model; None: there was none.
    """
    counted = {layer["node"]: layer for layer in run["layers"]} if run else {}
    return tuple(
        LayerFigures(
            node=layer["node"],
            operator=layer["operator"],
            name=layer["name"],
            implementation=layer["implementation"],
            macs=layer["macs"],
            instructions=counted.get(layer["node"], {}).get("instructions"),
            cycles=counted.get(layer["node"], {}).get("estimated_cycles"),
            ram_bytes=layer["ram_bytes"],
            flash_bytes=layer["params_bytes"]
            + layer["generated_bytes"]
            + layer["kernel_bytes"]
            - layer["kernel_shared_bytes"],
            shared_bytes=layer["kernel_shared_bytes"],
            step=layer["step"],
            streams=layer["streams"],
        )
        for layer in report["layers"]
        if layer["model"] == model
    )


def run_of(runs: Sequence[Document], model: str) -> Document | None:
    """The document of a model's run."""
    return next((run for run in runs if run["model"] == model), None)
