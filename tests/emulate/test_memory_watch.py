# SPDX-License-Identifier: Apache-2.0
"""The hook on loads and stores, on accesses whose addresses are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from sconnx.elf.image import ElfImage, read_image
from sconnx.emulate.machine import UnicornMachine
from sconnx.emulate.memory_watch import MemoryWatch, Span, Violation
from sconnx.emulate.native_hooks import NativeHooks
from sconnx.emulate.unicorn_binding import make_engine
from sconnx.errors import SconnxError
from sconnx.target.cpu import load_cpu
from tests.emulate.firmware_build import PROGRAMS, FirmwareBuilder, told

PAGE_BYTES = 4096
STARTS = (8, 13, PAGE_BYTES - 1)
# In touch: strb, ldrb, strh, ldrh, str, ldr of 2 bytes of code each.
SIZES = (1, 2, 4)


def watched(builder: FirmwareBuilder, load: list[Span], store: list[Span]) -> tuple[MemoryWatch, ElfImage]:
    """Run accesses.c and watch its function touch; spans are offsets in its pages."""
    firmware = builder.build(PROGRAMS / "accesses.c", "cortex-m3")
    image = read_image(firmware.elf, firmware.board.regions)
    machine = UnicornMachine(image, firmware.cpu, firmware.board, b"")
    page = image.symbol("page").address
    watch = machine.memory_watch(builder.hooks(), [(page, page + 2 * PAGE_BYTES)])

    def placed(spans: list[Span]) -> list[Span]:
        return [Span(page + span.first, page + span.end, span.owner) for span in spans]

    allowed = watch.allowed(placed(load), placed(store))
    enter, leave = {"touch": lambda: watch.set(allowed)}, {"touch": lambda memory: watch.set(None)}
    machine.watch(["touch"], None, enter, leave)
    try:
        machine.run(60)
    except SconnxError:
        assert watch.violation is not None, "the firmware did not exit by itself"
    return watch, image


def exactly(owner: int = 0, skip: tuple[int, int] = (-1, -1)) -> list[Span]:
    """The bytes that the program touches in its pages, but for one."""
    return [Span(start + i, start + i + 1, owner) for start in STARTS for i in range(max(SIZES)) if (start, i) != skip]


def test_the_bytes_that_are_touched_are_enough(builder: FirmwareBuilder) -> None:
    """Unaligned accesses and those across pages ask for their own bytes only."""
    watch, _ = watched(builder, exactly(), exactly())
    assert watch.violation is None
    assert (watch.loads, watch.stores) == (9, 9)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("byte", range(max(SIZES)))
@pytest.mark.parametrize("is_store", [True, False])
def test_each_byte_that_is_touched_is_needed(builder: FirmwareBuilder, start: int, byte: int, is_store: bool) -> None:
    less, all_of_them = exactly(skip=(start, byte)), exactly()
    watch, image = watched(builder, all_of_them if is_store else less, less if is_store else all_of_them)
    page, touch = image.symbol("page").address, image.symbol("touch").address
    size = next(size for size in SIZES if size > byte)
    assert watch.violation == Violation(
        address=page + start,
        size_bytes=size,
        first_wrong=page + start + byte,
        is_store=is_store,
        found_owner=None,
        counter=touch + 4 * SIZES.index(size) + (0 if is_store else 2),
    )


def test_a_load_finds_what_its_owner_stored(builder: FirmwareBuilder) -> None:
    watch, _ = watched(builder, exactly(owner=7), exactly(owner=7))
    assert watch.violation is None


def test_a_load_of_what_another_owner_stored(builder: FirmwareBuilder) -> None:
    watch, image = watched(builder, exactly(owner=7), exactly(owner=5))
    page, touch = image.symbol("page").address, image.symbol("touch").address
    assert watch.violation == Violation(page + 8, 1, page + 8, False, 5, touch + 2)


def test_a_load_of_what_nobody_stored(builder: FirmwareBuilder) -> None:
    """The store is allowed without an owner."""
    watch, image = watched(builder, exactly(owner=7), exactly())
    page, touch = image.symbol("page").address, image.symbol("touch").address
    assert watch.violation == Violation(page + 8, 1, page + 8, False, 0, touch + 2)


def test_nothing_is_watched_before_something_is_set(builder: FirmwareBuilder) -> None:
    firmware = builder.build(PROGRAMS / "accesses.c", "cortex-m3")
    machine = UnicornMachine(read_image(firmware.elf, firmware.board.regions), firmware.cpu, firmware.board, b"")
    watch = machine.memory_watch(builder.hooks(), [])
    assert machine.run(60) == 0
    assert (watch.loads, watch.stores, watch.violation) == (0, 0, None)


def test_owners_of_bytes_that_have_none(builder: FirmwareBuilder) -> None:
    watch = MemoryWatch(make_engine(load_cpu("cortex-m3")), NativeHooks(builder.hooks()), [(16, 32)])
    watch.own(Span(16, 32, 1))
    with pytest.raises(ValueError, match="no owners are noted at"):
        watch.own(Span(16, 33, 1))


def test_a_library_without_the_hook(builder: FirmwareBuilder, tmp_path: Path) -> None:
    source = tmp_path / "empty.c"
    source.write_text("extern int nothing;\nint nothing = 0;\n")
    library = tmp_path / "empty.so"
    toolchain = builder.toolchain("zig", load_cpu("host"))
    builder.command(toolchain.shared_library_command(str(library), str(source)))
    with pytest.raises(SconnxError) as caught:
        MemoryWatch(make_engine(load_cpu("cortex-m3")), NativeHooks(library), [])
    code, what, where, why, help = told(caught.value)
    assert (code, what, where, help) == ("E602", "cannot load the native hooks", "", "")
    assert "watch_memory" in why
