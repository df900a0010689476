# SPDX-License-Identifier: Apache-2.0
"""E310: the tensors do not fit. By how much, what is large where it is fullest, and what would help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sconnx.errors import SconnxError
from sconnx.memory.buffers import shown_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """A buffer at the fullest step; `key` is its tensor or stands for its scratch buffer."""

    key: int
    label: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """What does not fit in a region.

    Args:
        step: the fullest one.
        largest: the largest buffers there, the largest first.
    """

    region: str
    requested_bytes: int
    available_bytes: int
    step: int
    largest: tuple[Large, ...]

    @property
    def missing_bytes(self) -> int:
        return self.requested_bytes - self.available_bytes


class DoesNotFit(SconnxError):
    """E310.

    Args:
        names: of tensors and scratch buffers in the source model, by their keys.
        help: what would fit.
    """

    def __init__(self, shortfall: Shortfall, names: Mapping[int, str] | None = None, help: str = "") -> None:
        named = ", ".join(_named(large, (names or {}).get(large.key, "")) for large in shortfall.largest)
        super().__init__(
            "E310",
            f"the tensors do not fit in {shortfall.region}: requested {shortfall.requested_bytes:,}, "
            f"available {shortfall.available_bytes:,}, missing {shortfall.missing_bytes:,} bytes",
            where=shortfall.region,
            why=f"largest at step {shortfall.step}: {named}",
            help=help,
        )
        self.shortfall = shortfall


def _named(large: Large, name: str) -> str:
    return f"{large.label} '{shown_name(name)}' {large.size_bytes:,}" if name else f"{large.label} {large.size_bytes:,}"
