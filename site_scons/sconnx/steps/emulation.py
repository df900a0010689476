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
from sconnx.target.board import Board, load_board
from sconnx.target.cpu import Cpu, load_cpu


@dataclass(frozen=True, slots=True)
class EmulationInputs:
    """Of one model of the firmware."""

    firmware: Firmware
    graph: Path
    params: Path
    vectors: list[Vector]
    vectors_source: str


def read_inputs(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[list[EmulationInputs], Path]:
    """What belongs to each model, and the native hooks.

    Args:
        inputs: as `EMULATION` in steps/names.py lists them.
    """
    elf, *files = inputs
    hooks = files.pop(FILES_OF_MODEL)
    cpu = load_cpu(options["target"])
    board = load_board(options["board"], cpu)
    return [_model(elf, cpu, board, files[first:end]) for first, end in _parts(files)], hooks


FILES_OF_MODEL = 6


def _parts(files: Sequence[Path]) -> list[tuple[int, int]]:
    """Where the files of each model begin and end: behind the last that it needs there may be vectors, or the next graph."""
    firsts = [0]
    while (following := firsts[-1] + FILES_OF_MODEL) < len(files):
        has_vectors = files[following].name != files[0].name
        firsts.append(following + has_vectors)
    ends = [*firsts[1:], len(files)]
    return [(first, end) for first, end in zip(firsts, ends, strict=True) if first < end]


def _model(elf: Path, cpu: Cpu, board: Board, files: Sequence[Path]) -> EmulationInputs:
    graph, params, interface_path, lowered_path, schedule, plan, *given = files
    lowered, interface = read_lowered(lowered_path), read_interface(interface_path)
    firmware = Firmware(elf, cpu, board, lowered, interface, read_schedule(schedule), read_plan(plan))
    vectors = read_vectors(given[0], interface, lowered.graph.rule) if given else seeded_vectors(interface)
    return EmulationInputs(firmware, graph, params, vectors, given[0].name if given else "seeded random inputs")
