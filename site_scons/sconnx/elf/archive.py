# SPDX-License-Identifier: Apache-2.0
"""A library that is not linked yet as an `ElfImage`: its objects one after the other, in the regions that they are for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

from sconnx.elf.image import ElfImage, Section, Symbol, parse_image
from sconnx.errors import SconnxError
from sconnx.target.board import Board

_MAGIC = b"!<arch>\n"
_HEADER_BYTES = 60
_WEIGHTS = ".weights_"
_RELOCATED = ".data.rel.ro"
"""Constants with addresses in code for any place, as compilers of the build machine make it: writable to a loader alone."""
_ALIGNMENT = 4
"""Of every section: what a linker script leaves between sections is not known before it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """An object that the library asks its user for, such as an arena."""

    symbol: str
    region: str
    size_bytes: int


def read_members(content: bytes, shown_name: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of each object in an archive, in its order; with long names of System V and BSD.

    Raises:
        SconnxError: E502, it is no complete archive.
    """
    if not content.startswith(_MAGIC):
        raise SconnxError("E502", "the file is no archive", where=shown_name, why="thin ones are not read")
    position, long_names = len(_MAGIC), b""
    while position < len(content):
        header, start = content[position : position + _HEADER_BYTES], position + _HEADER_BYTES
        try:
            name, size_bytes = header[:16].decode("ascii").rstrip(), _number(header[48:58].decode("ascii"))
            body = content[start : start + size_bytes]
            if len(body) < size_bytes:
                raise ValueError
            if name.startswith("#1/"):
                length = _number(name[3:])
                name, body = body[:length].rstrip(b"\0").decode(errors="replace"), body[length:]
            elif name[:1] == "/" and name[1:2].isdigit():
                name = long_names[_number(name[1:]) :].split(b"\n", 1)[0].decode(errors="replace")
        except ValueError:
            raise SconnxError("E502", "the archive is damaged", where=shown_name) from None
        position = start + size_bytes + size_bytes % 2
        if name == "//":
            long_names = body
        elif name not in ("/", "/SYM64/") and not name.startswith("__.SYMDEF"):
            yield name.removesuffix("/"), body


def _number(text: str) -> int:
    """A number without a sign, with spaces behind it. Raises ValueError."""
    if not text.rstrip().isdecimal():
        raise ValueError(text)
    return int(text)


@dataclass
class _Layout:
    """Places sections one after the other in the regions of a board; the build machine is one memory without a name."""

    board: Board
    ends: dict[str, int] = field(default_factory=dict)

    def address(self, region: str, size_bytes: int) -> int:
        """Of the next `size_bytes` in a region."""
        origin = self.board.region(region).origin if region else 0
        address = self.ends.get(region, origin)
        address += -address % _ALIGNMENT
        self.ends[region] = address + size_bytes
        return address

    def place(self, section: Section) -> Section:
        """The section where the linker script of the board would put it."""
        size, is_bss = section.size_bytes, section.kind == "bss"
        if not self.board.regions:
            region = load_region = ""
        else:
            load_region = self.board.flash.name
            is_ram = section.kind in ("data", "bss") and not section.name.startswith(_RELOCATED)
            region = self.board.ram.name if is_ram else load_region
            if section.name.startswith(_WEIGHTS):
                region = section.name.removeprefix(_WEIGHTS)
                load_region = region if self.board.region(region).kind == "flash" else load_region
        address = self.address(region, size)
        if is_bss:
            return replace(section, address=address, region=region, load_address=None, load_region="")
        load = address if load_region == region else self.address(load_region, size)
        return replace(section, address=address, region=region, load_address=load, load_region=load_region)


def read_archive(path: Path, board: Board, reserved: Sequence[Reserved]) -> ElfImage:
    """All objects of an archive, and what it asks for, as `image_of_objects`.

    Raises:
        SconnxError: E502, it is no archive of ELF objects; E701, a section is for a region that the board has not.
    """
    return image_of_objects(path.name, archive_members(path), board, reserved)


def archive_members(path: Path) -> list[tuple[str, bytes]]:
    """Name and content of each object in the archive. Raises SconnxError E502 when it cannot be read or is none."""
    try:
        return list(read_members(path.read_bytes(), path.name))
    except OSError as error:
        raise SconnxError(
            "E502", "cannot read the library", where=path.name, why=error.strerror or str(error)
        ) from None


def image_of_objects(
    shown_name: str, objects: Iterable[tuple[str, bytes]], board: Board, reserved: Sequence[Reserved]
) -> ElfImage:
    """Objects as if they were linked: each section is called `<object>:<section>`.

    Addresses are made up, code is not relocated, no section is left out as unused. Raises SconnxError as `read_archive`.
    """
    layout = _Layout(board)
    sections: list[Section] = []
    symbols: list[Symbol] = []
    for name, body in objects:
        image = parse_image(BytesIO(body), f"{shown_name}({name})")
        placed = {section.name: layout.place(section) for section in image.sections}
        sections += [replace(section, name=f"{name}:{section.name}") for section in placed.values()]
        for symbol in image.symbols:
            if symbol.section:
                there = placed[symbol.section]
                address, section_name = there.address + symbol.address, f"{name}:{symbol.section}"
                symbols.append(replace(symbol, address=address, section=section_name, region=there.region))
    for each in reserved:
        region = each.region if board.regions else ""
        address = layout.address(region, each.size_bytes)
        sections.append(Section(each.symbol, address, each.size_bytes, None, region, "", "bss"))
        symbols.append(Symbol(each.symbol, address, each.size_bytes, "object", True, each.symbol, region))
    return ElfImage(shown_name, 0, tuple(sections), tuple(symbols), (), board.regions)
