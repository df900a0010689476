# SPDX-License-Identifier: Apache-2.0
"""What the steps `run` and `verify` share: their inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sconnx.codegen.interface import read_interface
from sconnx.emulate.firmware import Firmware
from sconnx.emulate.vectors import Vector, read_vectors, seeded_vectors
from sconnx.export.lowered import read_lowered
from sconnx.memory.meminfo import read_plan
from sconnx.schedule.schedule import read_schedule
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu


@dataclass(frozen=True, slots=True)
class EmulationInputs:
    firmware: Firmware
    graph: Path
    params: Path
    native_hooks: Path
    vectors: list[Vector]
    vectors_source: str


def read_inputs(options: Mapping[str, Any], inputs: Sequence[Path]) -> EmulationInputs:
    """firmware.elf, graph.json, params.npz, interface, lowered, schedule, meminfo, native hooks, maybe vectors."""
    elf, graph, params, interface_path, lowered_path, schedule, plan, hooks, *given = inputs
    cpu = load_cpu(options["target"])
    lowered, interface = read_lowered(lowered_path), read_interface(interface_path)
    board = load_board(options["board"], cpu)
    firmware = Firmware(elf, cpu, board, lowered, interface, read_schedule(schedule), read_plan(plan))
    vectors = read_vectors(given[0], interface, lowered.graph.rule) if given else seeded_vectors(interface)
    source = given[0].name if given else "seeded random inputs"
    return EmulationInputs(firmware, graph, params, hooks, vectors, source)
