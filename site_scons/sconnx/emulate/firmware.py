# SPDX-License-Identifier: Apache-2.0
"""Run a firmware on the vectors of its models, wherever its board runs, and take outputs and layers apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sconnx.codegen.interface import Interface
from sconnx.codegen.symbols import step_name
from sconnx.elf.image import read_image
from sconnx.emulate.audit import AuditCount, Auditor
from sconnx.emulate.layers import Layer, LayerReader
from sconnx.emulate.permits import Permits
from sconnx.emulate.process import run_native
from sconnx.emulate.qemu_machine import run_qemu
from sconnx.emulate.run_result import RunResult
from sconnx.emulate.unicorn_machine import run_firmware
from sconnx.emulate.vectors import Vector
from sconnx.errors import SconnxError
from sconnx.export.lowered import Lowered
from sconnx.graph.graph import Graph
from sconnx.memory.meminfo import MemoryPlan
from sconnx.schedule.schedule import Schedule
from sconnx.target.board import Board
from sconnx.target.cpu import Cpu

Array = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Firmware:
    """A linked firmware and what is known about it and one of its models."""

    elf: Path
    cpu: Cpu
    board: Board
    lowered: Lowered
    interface: Interface
    schedule: Schedule
    plan: MemoryPlan

    @property
    def graph(self) -> Graph:
        """The lowered graph: its nodes are what the firmware runs."""
        return self.lowered.graph

    @property
    def calls(self) -> tuple[str, ...]:
        """The function of each node in the graph; nodes without code have none, and an empty name."""
        return tuple(
            step_name(self.graph.name, node) if self.schedule.calls(self.lowered, node) else ""
            for node in range(len(self.graph.nodes))
        )

    def layer_reader(self) -> LayerReader:
        outputs = {port.tensor: port.identifier for port in self.interface.outputs}
        image = read_image(self.elf, self.board.regions)
        return LayerReader(self.lowered, self.schedule, self.plan, outputs, image, self.board)

    def permits(self) -> Permits:
        image = read_image(self.elf, self.board.regions)
        return Permits(self.lowered, self.schedule, self.plan, self.interface, image, self.board)


@dataclass(slots=True)
class Observation:
    """What one firmware run showed.

    outputs[k][i] is output i of vector k; layers[k][t] what was observed of tensor t for vector k; audit is None where
    nobody asked for one.
    """

    result: RunResult
    outputs: list[list[Array]]
    layers: list[dict[int, Layer]] = field(default_factory=list)
    audit: AuditCount | None = None


def observe(
    firmware: Firmware,
    vectors: Sequence[Vector],
    *,
    layers: bool = False,
    audit: bool = False,
    count: Sequence[str] = (),
    trace: bool = False,
    native_hooks: Path | None = None,
) -> Observation:
    """Run all vectors on a firmware of one model; see `observe_all`."""
    (found,) = observe_all(
        [firmware], [vectors], layers=layers, audit=audit, count=count, trace=trace, native_hooks=native_hooks
    )
    return found


def observe_all(
    firmwares: Sequence[Firmware],
    vectors: Sequence[Sequence[Vector]],
    *,
    layers: bool = False,
    audit: bool = False,
    count: Sequence[str] = (),
    trace: bool = False,
    native_hooks: Path | None = None,
) -> list[Observation]:
    """Run all vectors, one inference each, the models in turn. One that has fewer vectors begins again with its first.

    Args:
        firmwares: one firmware, with each of its models in the order in which main runs them.
        vectors: those of each model.
        layers: also read the output of every node after it ran (emulator only).
        audit: also watch every load and store (emulator only); this needs the native hooks.
        count: functions whose instructions are counted.
        trace: also tell the edges between blocks of code in these functions (unicorn only); this needs the native hooks.

    Raises:
        SconnxError: E501 when the firmware faults or ends early, E504 when the board cannot run or be audited here, E512 when
            the audit finds a load or store that is not allowed.
    """
    rounds = max(len(own) for own in vectors)
    stdin = b"".join(own[k % len(own)].stdin for k in range(rounds) for own in vectors)
    firmware = firmwares[0]
    if audit:
        _check_auditable(firmwares)
    if firmware.board.run == "none":
        raise SconnxError("E504", f"board '{firmware.board.name}' cannot be run here", where=firmware.elf.name)
    if firmware.board.run == "native":
        result = run_native(firmware.elf, stdin)
        return [Observation(result, outputs) for outputs in _split(firmwares, result, rounds)]
    readers = [each.layer_reader() for each in firmwares] if layers else []
    auditor = Auditor(firmware.permits()) if audit else None
    on_return = {name: call for reader in readers for name, call in reader.callbacks().items()}
    if firmware.board.run == "qemu":
        result = run_qemu(
            firmware.elf, firmware.board, stdin, count=count, on_return=on_return, native_hooks=native_hooks
        )
    else:
        result = run_firmware(
            firmware.elf,
            firmware.cpu,
            firmware.board,
            stdin,
            count=count,
            on_return=on_return,
            auditor=auditor,
            trace=trace,
            native_hooks=native_hooks,
        )
    outputs = _split(firmwares, result, rounds)
    audited = auditor.count() if auditor else None
    return [
        Observation(result, outputs[model], readers[model].seen if readers else [], audited)
        for model in range(len(firmwares))
    ]


def _check_auditable(firmwares: Sequence[Firmware]) -> None:
    """Raise SconnxError E504 unless every load and store can be seen, and belongs to one model."""
    firmware = firmwares[0]
    if firmware.board.run != "unicorn":
        raise SconnxError(
            "E504",
            f"board '{firmware.board.name}' cannot be audited",
            where=firmware.elf.name,
            why="only the emulator unicorn shows every load and store",
            help="leave out audit=1, or build for a Cortex-M that unicorn has",
        )
    if len(firmwares) > 1:
        raise SconnxError(
            "E504",
            f"a firmware of {len(firmwares)} models cannot be audited",
            where=firmware.elf.name,
            help="audit each model in a firmware of its own: its code and its plan are the same",
        )


def _split(firmwares: Sequence[Firmware], result: RunResult, rounds: int) -> list[list[list[Array]]]:
    """The outputs by model, vector and port."""
    ports = [firmware.interface.outputs for firmware in firmwares]
    expected_bytes = rounds * sum(port.size_bytes for outputs in ports for port in outputs)
    if result.exit_status != 0 or len(result.stdout) != expected_bytes:
        raise SconnxError(
            "E501",
            f"the firmware ended with status {result.exit_status} after {len(result.stdout)} bytes of output",
            where=firmwares[0].elf.name,
            why=f"{expected_bytes} bytes were expected",
        )
    found: list[list[list[Array]]] = [[] for _ in firmwares]
    position = 0
    for _ in range(rounds):
        for model, outputs in enumerate(ports):
            row = []
            for port in outputs:
                content = result.stdout[position : position + port.size_bytes]
                row.append(np.frombuffer(content, port.dtype).reshape(port.dims))
                position += port.size_bytes
            found[model].append(row)
    return found
