# SPDX-License-Identifier: Apache-2.0
"""What a run of a firmware gave, wherever it ran."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

ReadMemory = Callable[[int, int], bytes]
"""`(address, size_bytes) -> bytes` of the running firmware."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run gave.

    Attributes:
        stdout: all bytes written to standard output.
        exit_status: of the firmware; 0 is success.
        instructions: per counted function, the exact number of instructions of each call, callees included.
        stack_bytes: the most stack that was in use at any time.
    """

    stdout: bytes
    exit_status: int
    instructions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    stack_bytes: int = 0
