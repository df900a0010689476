# SPDX-License-Identifier: Apache-2.0
"""What a run of a firmware gave, wherever it ran."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

ReadMemory = Callable[[int, int], bytes]
"""`(address, size_bytes) -> bytes` of the running firmware."""


@dataclass(frozen=True, slots=True)
class Block:
    """Code without a branch but at its end."""

    address: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class BlockEdge:
    """`after` ran `count` times right after `before`, while `function` was the innermost one of those watched.

    Args:
        mispredicted: how many of these a predictor with local histories of 4 branches would have missed.
    """

    function: str
    before: Block
    after: Block
    count: int
    mispredicted: int


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run gave.

    Attributes:
        stdout: all bytes written to standard output.
        exit_status: of the firmware; 0 is success.
        instructions: per counted function, the exact number of instructions of each call, callees included.
        stack_bytes: the most stack that was in use at any time.
        edges: between blocks of code, told apart by the innermost counted function; empty when nobody traced them.
    """

    stdout: bytes
    exit_status: int
    instructions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    stack_bytes: int = 0
    edges: tuple[BlockEdge, ...] = ()
