# SPDX-License-Identifier: Apache-2.0
"""What a region of a board has for tensors and weights, and what our own firmware keeps there."""

from __future__ import annotations

from collections.abc import Iterable

from sconnx.target.board import Board, Region

RESERVED_BYTES = 64
"""What the board support keeps in the region of the stack besides it."""


def free_bytes(board: Board, region: Region, stack_bytes: int | None) -> int:
    """What a region has for tensors and weights.

    Args:
        stack_bytes: reserved for the stack; None: the board's default.
    """
    stack = board.stack_bytes if stack_bytes is None else stack_bytes
    reserved = stack + RESERVED_BYTES if region == board.ram else 0
    return max(region.size_bytes - reserved, 0)


def caller_bytes(sizes_bytes: Iterable[int]) -> int:
    """What outputs take that the caller of our own firmware keeps beside the stack."""
    return sum(-(-size_bytes // 8) * 8 for size_bytes in sizes_bytes)
