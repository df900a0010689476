# SPDX-License-Identifier: Apache-2.0
"""An ELF file as frozen data: what is loaded where, what every symbol costs, how full every memory is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from elftools.common.exceptions import ELFError
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

from sconnx.errors import SconnxError
from sconnx.target.board import Region


@dataclass(frozen=True, slots=True)
class Section:
    """One section that occupies memory when the firmware runs.

    Attributes:
        address: where the running program sees it.
        load_address: where its bytes are stored before the start; None when it has none (kind `bss`).
        region: of `address`; empty when it lies in no region of the board.
        load_region: of `load_address`; empty for kind `bss`.
        kind: `code`, `rodata`, `data` (initialised and writable) or `bss` (no bytes in the file).
        alignment_bytes: what its address is a multiple of.
    """

    name: str
    address: int
    size_bytes: int
    load_address: int | None
    region: str
    load_region: str
    kind: str
    alignment_bytes: int = 1

    @property
    def end(self) -> int:
        """The first address after the section."""
        return self.address + self.size_bytes


@dataclass(frozen=True, slots=True)
class Symbol:
    """A function, an object or a linker label; the address of a function has no Thumb bit.

    Attributes:
        file: name of the source file of a local symbol; of a global one it is empty.
    """

    name: str
    address: int
    size_bytes: int
    kind: str
    is_global: bool
    section: str
    region: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """Bytes that a loader writes to `load_address`."""

    load_address: int
    content: bytes


@dataclass(frozen=True, slots=True)
class RegionUse:
    """What of a region is taken: `used_bytes` by sections, `gap_bytes` between them for alignment."""

    region: Region
    used_bytes: int
    gap_bytes: int

    @property
    def free_bytes(self) -> int:
        """What is left; negative when the firmware does not fit."""
        return self.region.size_bytes - self.used_bytes - self.gap_bytes


@dataclass(frozen=True, slots=True)
class ElfImage:
    """A linked firmware; sections and symbols are sorted by address."""

    file: str
    entry: int
    sections: tuple[Section, ...]
    symbols: tuple[Symbol, ...]
    segments: tuple[Segment, ...]
    regions: tuple[Region, ...]

    def find_symbol(self, name: str) -> Symbol | None:
        """The symbol with this name, a global one before local ones; None when there is none."""
        named = [symbol for symbol in self.symbols if symbol.name == name]
        return next((symbol for symbol in named if symbol.is_global), named[0] if named else None)

    def symbol(self, name: str) -> Symbol:
        """The symbol with this name.

        Raises:
            SconnxError: E503, there is none.
        """
        found = self.find_symbol(name)
        if found is None:
            raise SconnxError(
                "E503",
                f"symbol '{name}' is not in the firmware",
                where=self.file,
                help="it may have been dropped as unused, or inlined, or stripped",
            )
        return found

    def find_section(self, name: str) -> Section | None:
        """The section with this name; None when it is absent or empty."""
        return next((section for section in self.sections if section.name == name), None)

    def function_at(self, address: int) -> Symbol | None:
        """The function whose code includes the address."""
        for symbol in self.symbols:
            if symbol.kind == "function" and symbol.address <= address < symbol.address + symbol.size_bytes:
                return symbol
        return None

    def content(self, address: int, size_bytes: int) -> bytes:
        """Bytes of the file, by where the running program sees them.

        Raises:
            SconnxError: E503, they are not in the file.
        """
        section = next((each for each in self.sections if each.address <= address < each.end), None)
        if section is not None and section.load_address is not None:
            loaded = section.load_address + address - section.address
            for segment in self.segments:
                first = loaded - segment.load_address
                if 0 <= first <= len(segment.content) - size_bytes:
                    return segment.content[first : first + size_bytes]
        raise SconnxError("E503", f"{size_bytes} bytes at 0x{address:08x} are not in the firmware", where=self.file)

    def use(self, region_name: str) -> RegionUse:
        """How full a region is: what runs or lies there, and the load images of sections that run elsewhere.

        Raises:
            KeyError: the image was read without a region of this name.
        """
        region = {region.name: region for region in self.regions}[region_name]
        spans = []
        for section in self.sections:
            if section.region == region_name:
                spans.append((section.address, section.size_bytes))
            if section.load_region == region_name and section.load_address != section.address:
                spans.append((section.load_address or 0, section.size_bytes))
        used_bytes = sum(size for _, size in spans)
        end = max((start + size for start, size in spans), default=region.origin)
        return RegionUse(region, used_bytes, end - region.origin - used_bytes)


def read_image(path: Path, regions: Sequence[Region] = (), shown_name: str = "") -> ElfImage:
    """Read an ELF file, called `shown_name` in messages (the file's own name when empty).

    Raises:
        SconnxError: E502, the file is not a complete ELF file.
    """
    name = shown_name or path.name
    try:
        with path.open("rb") as stream:
            return parse_image(stream, name, regions)
    except OSError as error:
        why = error.strerror or str(error)
        raise SconnxError("E502", "cannot read the firmware", where=name, why=why) from None


def parse_image(stream: BinaryIO, name: str, regions: Sequence[Region] = ()) -> ElfImage:
    """The ELF file, linked or not, in a stream, called `name` in messages. Raises SconnxError E502 as `read_image`."""
    try:
        return _image(ELFFile(stream), name, tuple(regions))
    except (ELFError, ValueError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        # pyelftools checks little: a damaged file fails somewhere in its parsing with one of these.
        raise SconnxError("E502", "the file is not a valid ELF file", where=name, why=str(error)) from None


def _image(elf: Any, name: str, regions: tuple[Region, ...]) -> ElfImage:
    loads = [segment for segment in elf.iter_segments() if segment["p_type"] == "PT_LOAD"]
    by_index = {
        index: _section(section, loads, regions)
        for index, section in enumerate(elf.iter_sections())
        if section["sh_flags"] & SH_FLAGS.SHF_ALLOC and section["sh_size"]
    }
    table = elf.get_section_by_name(".symtab")
    is_arm = elf["e_machine"] == "EM_ARM"
    symbols = []
    file = ""
    for entry in [] if table is None else table.iter_symbols():
        # Local symbols follow the name of their source file.
        if entry["st_info"]["type"] == "STT_FILE":
            file = PurePath(entry.name).name
        symbols.append(_symbol(entry, file, by_index, regions, is_arm))
    return ElfImage(
        file=name,
        entry=elf["e_entry"] & ~1 if is_arm else elf["e_entry"],
        sections=tuple(sorted(by_index.values(), key=lambda section: (section.address, section.name))),
        symbols=tuple(
            sorted(
                (symbol for symbol in symbols if symbol is not None),
                key=lambda symbol: (symbol.address, symbol.name, symbol.section),
            )
        ),
        segments=tuple(Segment(load["p_paddr"], load.data()) for load in loads if load["p_filesz"]),
        regions=regions,
    )


def _section(section: Any, loads: list[Any], regions: tuple[Region, ...]) -> Section:
    address: int = section["sh_addr"]
    flags = section["sh_flags"]
    if section["sh_type"] == "SHT_NOBITS":
        kind = "bss"
    elif flags & SH_FLAGS.SHF_EXECINSTR:
        kind = "code"
    else:
        kind = "data" if flags & SH_FLAGS.SHF_WRITE else "rodata"
    load_address = None if kind == "bss" else _load_address(section, loads)
    return Section(
        name=section.name,
        address=address,
        size_bytes=section["sh_size"],
        load_address=load_address,
        region=_region_name(regions, address),
        load_region="" if load_address is None else _region_name(regions, load_address),
        kind=kind,
        alignment_bytes=max(section["sh_addralign"], 1),
    )


def _load_address(section: Any, loads: list[Any]) -> int:
    """The physical address, by the segment that holds the section's bytes in the file."""
    for load in loads:
        skip: int = section["sh_offset"] - load["p_offset"]
        if skip >= 0 and skip + section["sh_size"] <= load["p_filesz"]:
            physical: int = load["p_paddr"]
            return physical + skip
    address: int = section["sh_addr"]
    return address


_KINDS = {"STT_FUNC": "function", "STT_OBJECT": "object", "STT_NOTYPE": "label"}


def _symbol(
    symbol: Any, file: str, by_index: dict[int, Section], regions: tuple[Region, ...], is_arm: bool
) -> Symbol | None:
    """None for what is no address: section and file names, undefined symbols, mapping symbols ($t, $d)."""
    kind = _KINDS.get(symbol["st_info"]["type"])
    index = symbol["st_shndx"]
    if kind is None or index == "SHN_UNDEF" or not symbol.name or symbol.name.startswith("$"):
        return None
    address = symbol["st_value"]
    if kind == "function" and is_arm:
        address &= ~1
    section = by_index.get(index)
    is_global = symbol["st_info"]["bind"] != "STB_LOCAL"
    return Symbol(
        name=symbol.name,
        address=address,
        size_bytes=symbol["st_size"],
        kind=kind,
        is_global=is_global,
        section=section.name if section else "",
        region=_region_name(regions, address),
        file="" if is_global else file,
    )


def _region_name(regions: tuple[Region, ...], address: int) -> str:
    return next((region.name for region in regions if region.holds(address)), "")
