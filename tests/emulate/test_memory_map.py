# SPDX-License-Identifier: Apache-2.0
"""Regions become pages with the right permissions."""

from __future__ import annotations

import pytest

from sconnx.emulate.memory_map import Mapping, memory_map
from sconnx.errors import SconnxError
from sconnx.target.board import Region

SYSTEM = Mapping(0xE000E000, 4096, writable=True, executable=False)


def test_permissions_and_page_edges() -> None:
    regions = [
        Region("ram", "ram", 0x20000000, 10 << 10),
        Region("flash", "flash", 0x08001800, 64 << 10),
        Region("itcm", "ram", 0, 8192),
    ]
    assert memory_map(regions, ["itcm", "flash"]) == (
        Mapping(0, 8192, writable=True, executable=True),
        Mapping(0x08001000, 0x11000, writable=False, executable=True),
        Mapping(0x20000000, 12 << 10, writable=True, executable=False),
        SYSTEM,
    )


def test_shared_page() -> None:
    with pytest.raises(SconnxError) as caught:
        memory_map([Region("a", "ram", 0x20000000, 1024), Region("b", "flash", 0x20000400, 1024)])
    assert (caught.value.code, caught.value.what) == (
        "E702",
        "regions 'a' and 'b' share a page of 4096 bytes",
    )
