# SPDX-License-Identifier: Apache-2.0
"""A firmware as flash programmers want it: Intel HEX, and the raw bytes of a region.

Intel HEX: Intel, "Hexadecimal Object File Format Specification", revision A, 1988. A record is
`:` count, address, type, bytes, checksum; all bytes of it add up to 0 modulo 256. Types used: data (00), end (01), the upper
half of the addresses that follow (04), and where the program starts (05).
"""

from __future__ import annotations

from collections.abc import Iterator

from sconnx.elf.image import ElfImage
from sconnx.errors import SconnxError
from sconnx.target.board import Region

RECORD_BYTES = 16
DATA, END, UPPER_ADDRESS, START_ADDRESS = 0, 1, 4, 5
FILL = b"\xff"
"""What erased flash holds."""


def intel_hex(image: ElfImage) -> bytes:
    """All bytes that a loader writes, by ascending address."""
    lines = []
    upper = None
    for address, content in _pieces(image):
        if address >> 16 != upper:
            upper = address >> 16
            lines.append(_record(UPPER_ADDRESS, 0, upper.to_bytes(2, "big")))
        lines.append(_record(DATA, address & 0xFFFF, content))
    lines.append(_record(START_ADDRESS, 0, (image.entry | 1).to_bytes(4, "big")))
    lines.append(_record(END, 0, b""))
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _pieces(image: ElfImage) -> Iterator[tuple[int, bytes]]:
    """Up to 16 bytes each, that cross no multiple of 16 and therefore none of 64 KiB."""
    for segment in sorted(image.segments, key=lambda segment: segment.load_address):
        at = 0
        while at < len(segment.content):
            address = segment.load_address + at
            count = min(RECORD_BYTES - address % RECORD_BYTES, len(segment.content) - at)
            yield address, segment.content[at : at + count]
            at += count


def _record(kind: int, address: int, content: bytes) -> str:
    body = bytes([len(content), *address.to_bytes(2, "big"), kind]) + content
    return f":{(body + bytes([-sum(body) & 0xFF])).hex().upper()}"


def region_bytes(image: ElfImage, region: Region) -> bytes:
    """What a loader writes to a region, from its first byte to the last one written; gaps are as erased flash is.

    Raises:
        SconnxError: E503, nothing.
    """
    content = bytearray()
    for segment in sorted(image.segments, key=lambda segment: segment.load_address):
        if region.holds(segment.load_address):
            start = segment.load_address - region.origin
            content += FILL * (start - len(content)) + segment.content
    if not content:
        raise SconnxError("E503", f"nothing of the firmware lies in region '{region.name}'", where=image.file)
    return bytes(content)
