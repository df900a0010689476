# SPDX-License-Identifier: Apache-2.0
"""Boards: memory regions and how a firmware runs on them, from `data/boards/*.toml` or the user's file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from sconnx.errors import SconnxError
from sconnx.target.cpu import Cpu
from sconnx.target.toml_file import DATA, Table, read_toml, unknown_name

KINDS = ("flash", "ram")
RUNNERS = ("unicorn", "qemu", "native", "none")
CONSOLES = {"semihosting": "semihosting.c", "none": "standalone.c"}
"""What stands for standard input and output of our own firmware, and the file of support/ that does."""
VECTORS_ALIGN = 128
QEMU = "qemu-system-arm"
ADDRESS_SPACE_BYTES = 1 << 32
_RESERVED = re.compile(r"isr_vector|text|rodata|stack|data|bss|caller|(arena|weights)(_.*)?|.*_arena")


@dataclass(frozen=True, slots=True)
class Region:
    """One memory: `[origin, end)`, in bytes.

    Attributes:
        access_cycles: what an access costs, to order memories from fast to slow.
    """

    name: str
    kind: str
    origin: int
    size_bytes: int
    access_cycles: int = 1

    @property
    def end(self) -> int:
        """The first address after the region."""
        return self.origin + self.size_bytes

    def holds(self, address: int) -> bool:
        """True when the address lies in the region."""
        return self.origin <= address < self.end


@dataclass(frozen=True, slots=True)
class Board:
    """A board, or a machine of an emulator.

    Attributes:
        name: the value of `board=`, or the stem of the user's file.
        cpus: the CPUs that its firmware may be built for.
        run: `unicorn`, `qemu`, `native` (a process of this machine), or `none` (only the user's tools can).
        qemu_machine: the value of QEMU's -machine; may be empty.
        stack_bytes: the stack reserved when the user does not say.
        regions: in the order of the file; the first flash and the first RAM are what the linker script fills.
        console: where our own firmware reads inputs and writes outputs: `semihosting` (an emulator or a debugger), or
            `none`: it runs once, with zeros, and keeps the outputs.
        boot_words: what the chip's boot ROM looks for behind the vectors; 32 bits each.
    """

    name: str
    description: str
    cpus: tuple[str, ...]
    run: str
    qemu_machine: str
    stack_bytes: int
    regions: tuple[Region, ...]
    console: str = "semihosting"
    boot_words: tuple[int, ...] = ()

    @property
    def is_emulated(self) -> bool:
        """True when instructions can be counted and layers read while its firmware runs."""
        return self.run in ("unicorn", "qemu")

    @property
    def flash(self) -> Region:
        """The region that holds vectors, code, constants and the image of .data."""
        return self._first("flash")

    @property
    def ram(self) -> Region:
        """The region that holds stack, data, bss and the arena."""
        return self._first("ram")

    @property
    def stack_region(self) -> str:
        """The name of the region with the stack; a process of this machine has just one memory."""
        return self.ram.name if self.regions else "ram"

    def region(self, name: str) -> Region:
        """The region called `name`.

        Raises:
            SconnxError: E701, the board has no such region.
        """
        for region in self.regions:
            if region.name == name:
                return region
        raise unknown_name("region", name, [region.name for region in self.regions])

    def region_at(self, address: int) -> Region | None:
        """The region that the address lies in."""
        return next((region for region in self.regions if region.holds(address)), None)

    def _first(self, kind: str) -> Region:
        for region in self.regions:
            if region.kind == kind:
                return region
        raise SconnxError("E702", f"board '{self.name}' has no {kind} region")


def load_board(name: str, cpu: Cpu) -> Board:
    """The board called `name`, or described by the file `name` when that ends in `.toml`.

    An empty name is the CPU's default board, which is for that CPU whatever the board says: a new CPU may use a known board.

    Raises:
        SconnxError: E701, no such board, or not one for this CPU; E702, a mistake in the file.
    """
    name = name or cpu.board
    board = read_board(Path(name), name) if name.endswith(".toml") else _known_board(name)
    if cpu.name not in board.cpus and name != cpu.board:
        raise SconnxError(
            "E701",
            f"board '{board.name}' is not for target '{cpu.name}'",
            help=f"its targets: {', '.join(board.cpus)}; the default board of {cpu.name}: {cpu.board}",
        )
    return board


def board_names() -> tuple[str, ...]:
    """All boards that come with sconnx, sorted."""
    return tuple(sorted(path.stem for path in (DATA / "boards").glob("*.toml")))


@lru_cache(maxsize=8)
def _known_board(name: str) -> Board:
    known = board_names()
    if name not in known:
        raise unknown_name("board", name, known)
    return read_board(DATA / "boards" / f"{name}.toml", f"{name}.toml")


def read_board(path: Path, shown_name: str) -> Board:
    """Read a board file, called `shown_name` in messages.

    Raises:
        SconnxError: E701 or E702, naming the file and the key.
    """
    top = read_toml(path, shown_name)
    regions = top.table("regions", {})
    board = Board(
        name=path.stem,
        description=top.text("description", ""),
        cpus=top.strings("cpus"),
        run=_one_of(top, "run", RUNNERS, "unicorn"),
        qemu_machine=top.text("qemu_machine", ""),
        stack_bytes=top.integer("stack_bytes"),
        regions=tuple(_region(regions.table(name), name) for name in regions.names()),
        console=_one_of(top, "console", tuple(CONSOLES), "semihosting"),
        boot_words=top.integers("boot_words", []),
    )
    top.end()
    _check(board, top)
    return board


def _one_of(table: Table, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
    value = table.text(key, default)
    if value not in allowed:
        raise table.error(key, f"is '{value}', it must be one of: {', '.join(allowed)}")
    return value


def _region(table: Table, name: str) -> Region:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise table.error("", "is not a region name: use a to z, 0 to 9 and _")
    if _RESERVED.fullmatch(name):
        raise table.error("", "is a name that sconnx uses for sections of a firmware; use another one")
    region = Region(
        name,
        _one_of(table, "kind", KINDS),
        table.integer("origin"),
        table.integer("size_bytes"),
        table.integer("access_cycles", 1),
    )
    if region.origin % 8 or region.size_bytes % 8:
        raise table.error("origin", "and size_bytes must be multiples of 8")
    if not 0 < region.size_bytes <= ADDRESS_SPACE_BYTES - region.origin:
        raise table.error("size_bytes", f"is {region.size_bytes}, the region must not be empty or pass 4 GiB")
    table.end()
    return region


def _check(board: Board, top: Table) -> None:
    for low, high in pairwise(sorted(board.regions, key=lambda region: region.origin)):
        if high.origin < low.end:
            raise top.error(
                f"regions.{high.name}.origin",
                f"is 0x{high.origin:08x}, which overlaps region '{low.name}' that ends at 0x{low.end:08x}",
            )
    if board.stack_bytes % 8:
        raise top.error("stack_bytes", f"is {board.stack_bytes}, it must be a multiple of 8")
    if any(word >> 32 for word in board.boot_words):
        raise top.error("boot_words", "has a word of more than 32 bits")
    if board.run == "native":
        return
    if board.console == "none" and board.run != "none":
        raise top.error("run", f"is '{board.run}', which needs a console: run = \"none\"")
    for kind in KINDS:
        if not any(region.kind == kind for region in board.regions):
            raise top.error("regions", f"has no region of kind '{kind}'")
    if board.flash.origin % VECTORS_ALIGN:
        what = f"is 0x{board.flash.origin:08x}; the vectors are there, and must be at a multiple of {VECTORS_ALIGN}"
        raise top.error(f"regions.{board.flash.name}.origin", what)
    if board.stack_bytes > board.ram.size_bytes:
        raise top.error("stack_bytes", f"is {board.stack_bytes}, region '{board.ram.name}' is smaller")
