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
from sconnx.graph.json_form import read_graph
from sconnx.memory.meminfo import read_plan
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu


@dataclass(frozen=True, slots=True)
class EmulationInputs:
    firmware: Firmware
    params: Path
    native_counter: Path
    vectors: list[Vector]
    vectors_source: str


def read_inputs(options: Mapping[str, Any], inputs: Sequence[Path]) -> EmulationInputs:
    """firmware.elf, graph.json, params.npz, interface.json, meminfo.json, block counter, and maybe a vectors file."""
    elf, graph_path, params, interface_path, plan, counter, *given = inputs
    cpu = load_cpu(options["target"])
    graph, interface = read_graph(graph_path), read_interface(interface_path)
    firmware = Firmware(elf, cpu, load_board(options["board"], cpu), graph, interface, read_plan(plan))
    vectors = read_vectors(given[0], interface, graph.rule) if given else seeded_vectors(interface)
    source = given[0].name if given else "seeded random inputs"
    return EmulationInputs(firmware, params, counter, vectors, source)
