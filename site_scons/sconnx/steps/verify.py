# SPDX-License-Identifier: Apache-2.0
"""verify: all vectors on the board's emulator, every layer against the reference, every output against golden vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.emulate.firmware import observe
from sconnx.export.library import load_operators
from sconnx.graph.json_form import read_graph, to_bytes
from sconnx.graph.model import Model
from sconnx.graph.params import Params
from sconnx.report.compare import verify
from sconnx.steps.emulation import read_inputs
from sconnx.steps.rules import rule_folders


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    load_operators(rule_folders(options))
    given = read_inputs(options, inputs)
    observation = observe(
        given.firmware,
        given.vectors,
        layers=given.firmware.board.run == "unicorn",
        audit=options["audit"],
        native_hooks=given.native_hooks,
    )
    model = Model(read_graph(given.graph), Params.from_npz(given.params))
    verdict = verify(given.firmware, model, given.vectors, observation, given.vectors_source)
    return (to_bytes(verdict),)
