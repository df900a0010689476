# SPDX-License-Identifier: Apache-2.0
"""Every byte of a region once: the symbol that it belongs to, or why it is there without one.

Nothing but the ELF file is asked. Bytes between symbols are padding where the next symbol's address explains their count and
they hold what linkers fill with; other unnamed bytes are literals among constants, and unexplained anywhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sconnx.elf.image import ElfImage, Section, Symbol
from sconnx.report.parts import FIRMWARE_PARTS, GAPS, LITERALS, PADDING, STACK, START, UNEXPLAINED, VECTORS, part_in

LARGEST_ALIGNMENT_BYTES = 16
_WHOLE = {".stack": STACK, ".isr_vector": VECTORS}
# Zeros, `nop` as 16 and 32 bits, `mov r8, r8`, and the undefined instruction that lld fills gaps in code with.
_FILL = {bytes.fromhex(text) for text in ("0000", "00bf", "aff3", "0080", "c046", "d4d4")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Bytes of a region that are there for one reason.

    Args:
        section: empty for a gap between sections.
        symbol: None: the bytes have no name of their own.
    """

    region: str
    section: str
    part: str
    size_bytes: int
    symbol: Symbol | None = None


def extents(image: ElfImage, region: str, models: Sequence[str]) -> tuple[Extent, ...]:
    """All that lies in a region, images of sections that run elsewhere included; the sum is what is in use, with the gaps."""
    found: list[Extent] = []
    reached = image.use(region).region.origin
    for address, section in _spans(image, region):
        found += _gap(region, reached, address, section)
        found += (
            Extent(region=region, section=section.name, part=part, size_bytes=size_bytes, symbol=symbol)
            for part, size_bytes, symbol in _section(image, section, models)
        )
        reached = max(reached, address + section.size_bytes)
    return tuple(found)


def process_extents(image: ElfImage, models: Sequence[str]) -> tuple[Extent, ...]:
    """Of a process of the build machine, which has no memory regions, what belongs to its models and their kernels."""
    prefixes = (*(f"{model}_" for model in models), "sx_")
    return tuple(
        Extent(region="", section=section.name, part=part_in(symbol, models), size_bytes=size_bytes, symbol=symbol)
        for section in image.sections
        for symbol, size_bytes, _ in _named(image, section)
        if symbol.name.startswith(prefixes) and part_in(symbol, models) not in FIRMWARE_PARTS
    )


def _spans(image: ElfImage, region: str) -> list[tuple[int, Section]]:
    """The sections of a region by the addresses that they have there."""
    spans = []
    for section in image.sections:
        if section.region == region:
            spans.append((section.address, section))
        if section.load_region == region and section.load_address not in (None, section.address):
            spans.append((section.load_address or 0, section))
    return sorted(spans, key=lambda span: (span[0], span[1].name))


def _gap(region: str, reached: int, address: int, section: Section) -> Iterator[Extent]:
    """The bytes before a section: those that its alignment takes, and those that nothing explains."""
    if address > reached:
        part = GAPS if address - reached < max(section.alignment_bytes, 8) else UNEXPLAINED
        yield Extent(region=region, section="", part=part, size_bytes=address - reached)


def _section(image: ElfImage, section: Section, models: Sequence[str]) -> Iterator[tuple[str, int, Symbol | None]]:
    """(part, bytes, symbol) of what is in a section."""
    if section.name in _WHOLE:
        yield _WHOLE[section.name], section.size_bytes, None
        return
    reached = section.address
    for symbol, size_bytes, end in _named(image, section):
        yield from _unnamed(image, section, reached, end - size_bytes)
        yield part_in(symbol, models), size_bytes, symbol
        reached = end
    yield from _unnamed(image, section, reached, section.end)


def _named(image: ElfImage, section: Section) -> Iterator[tuple[Symbol, int, int]]:
    """(symbol, bytes of its own, its end), by address: aliases count once, and of overlapping symbols the first has the bytes.

    A function of an assembler file may have no size: it goes on to the next symbol.
    """
    here = [symbol for symbol in image.symbols if symbol.section == section.name and symbol.kind != "label"]
    starts = sorted({symbol.address for symbol in here} | {section.end})
    reached = section.address
    for symbol in sorted(here, key=lambda each: (each.address, -each.size_bytes, each.name)):
        end = symbol.address + symbol.size_bytes
        if not symbol.size_bytes and symbol.kind == "function":
            end = next(start for start in starts if start > symbol.address or start == section.end)
        start, end = max(symbol.address, reached), min(end, section.end)
        if end > start:
            yield symbol, end - start, end
            reached = end


def _unnamed(image: ElfImage, section: Section, start: int, end: int) -> Iterator[tuple[str, int, Symbol | None]]:
    """The bytes [start, end) of a section that no symbol has; labels enclose the table of what the start copies."""
    first, last = (image.find_symbol(f"sx_copies_{which}") for which in ("start", "end"))
    if first and last and start <= first.address < last.address <= end and first.section == section.name:
        yield from _unnamed(image, section, start, first.address)
        yield START, last.address - first.address, None
        yield from _unnamed(image, section, last.address, end)
        return
    if end > start:
        yield _why_unnamed(image, section, start, end), end - start, None


def _why_unnamed(image: ElfImage, section: Section, start: int, end: int) -> str:
    """Padding is less than what the address behind it is a multiple of, and holds nothing."""
    if end - start < min(end & -end, LARGEST_ALIGNMENT_BYTES) and _is_fill(image, section, start, end):
        return PADDING
    return LITERALS if section.kind in ("rodata", "data") else UNEXPLAINED


def _is_fill(image: ElfImage, section: Section, start: int, end: int) -> bool:
    if section.load_address is None or not image.segments:
        return True
    content = image.content(start, end - start)
    # An odd byte at either end is half of a filler.
    if start % 2:
        content = b"\0" + content if content[0] == 0 else content[:1] + content
    if len(content) % 2:
        content = content + b"\0" if content[-1] == 0 else content + content[-1:]
    return all(content[at : at + 2] in _FILL for at in range(0, len(content), 2))
