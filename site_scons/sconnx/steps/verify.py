# SPDX-License-Identifier: Apache-2.0
"""verify: all vectors on the board's emulator, every layer against the reference, every output against golden vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.emulate.firmware import observe_all
from sconnx.export.library import load_operators
from sconnx.graph.json_form import read_graph, to_bytes
from sconnx.graph.model import Model
from sconnx.graph.params import Params
from sconnx.report.compare import verify
from sconnx.report.models import of_models
from sconnx.steps.emulation import read_inputs
from sconnx.steps.rules import rule_folders


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    load_operators(rule_folders(options))
    given, hooks = read_inputs(options, inputs)
    firmwares = [model.firmware for model in given]
    observations = observe_all(
        firmwares,
        [model.vectors for model in given],
        layers=firmwares[0].board.is_emulated,
        audit=options["audit"],
        native_hooks=hooks,
    )
    verdicts = [
        verify(
            each.firmware,
            Model(read_graph(each.graph), Params.from_npz(each.params)),
            each.vectors,
            observation,
            each.vectors_source,
        )
        for each, observation in zip(given, observations, strict=True)
    ]
    return (to_bytes(of_models(verdicts)),)
