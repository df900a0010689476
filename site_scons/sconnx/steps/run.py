# SPDX-License-Identifier: Apache-2.0
"""run: one inference on the board's emulator -> run.json with outputs and exact instruction counts, and estimated cycles."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.cycles.estimate import MODELS, estimate
from sconnx.elf.image import read_image
from sconnx.emulate.firmware import Firmware, Observation, observe_all
from sconnx.graph.json_form import to_bytes
from sconnx.report.models import of_models
from sconnx.steps.emulation import read_inputs

SCHEMA = "sconnx.run/1"


def _document(firmware: Firmware, observation: Observation) -> dict[str, Any]:
    counts, cycles = observation.result.instructions, _cycles(firmware, observation)
    model = MODELS.get(firmware.cpu.unicorn_model) if cycles else None
    graph = firmware.graph
    calls = [sum(counts.get(f"{graph.name}_{function}", ())) for function in ("push_row", "run")]
    return {
        "schema": SCHEMA,
        "model": graph.name,
        "target": firmware.cpu.name,
        "board": firmware.board.name,
        "instructions_per_inference": sum(calls) or None,
        "estimated_cycles": sum(cycles.get(name, 0) for name in _counted(firmware)) or None,
        "cycles_error_percent": model.error_percent if model else None,
        "macs": sum(choice.macs for choice in firmware.lowered.choices),
        "stack_bytes": observation.result.stack_bytes or None,
        "outputs": {
            port.name: [_plain(value) for value in values.ravel().tolist()]
            for port, values in zip(firmware.interface.outputs, observation.outputs[0], strict=True)
        },
        "layers": [
            {
                "node": index,
                "operator": graph.nodes[index].type,
                "name": graph.nodes[index].name,
                "instructions": sum(counts[call]) if call in counts else None,
                "estimated_cycles": cycles.get(call),
                "macs": firmware.lowered.choices[index].macs,
            }
            for index, call in enumerate(firmware.calls)
            if call
        ],
    }


def _plain(value: float) -> float | str:
    """JSON has no word for numbers that are none or infinite: `nan`, `inf`, `-inf`."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _cycles(firmware: Firmware, observation: Observation) -> dict[str, int]:
    """By function, without counted ones that it calls; empty where the core has no model or nothing was traced."""
    model, edges = MODELS.get(firmware.cpu.unicorn_model), observation.result.edges
    return estimate(edges, read_image(firmware.elf, firmware.board.regions), model) if model and edges else {}


def _counted(firmware: Firmware) -> list[str]:
    """The functions of a model whose instructions are of interest."""
    pushes = [f"{firmware.graph.name}_push_row"] if firmware.schedule.input_policy == "stream" else []
    return [f"{firmware.graph.name}_run", *pushes, *(name for name in firmware.calls if name)]


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    given, hooks = read_inputs(options, inputs)
    firmwares = [model.firmware for model in given]
    is_counted = firmwares[0].board.is_emulated
    count = [name for firmware in firmwares for name in _counted(firmware)] if is_counted else []
    observations = observe_all(
        firmwares,
        [model.vectors[:1] for model in given],
        count=count,
        trace=firmwares[0].cpu.unicorn_model in MODELS,
        native_hooks=hooks,
    )
    documents = [_document(*pair) for pair in zip(firmwares, observations, strict=True)]
    return (to_bytes(of_models(documents)),)
