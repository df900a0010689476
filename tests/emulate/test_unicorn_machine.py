# SPDX-License-Identifier: Apache-2.0
"""Faults, snapshots and stack use of firmwares in unicorn."""

from __future__ import annotations

import random
import struct
from dataclasses import replace

import pytest

from sconnx.elf.image import read_image
from sconnx.emulate.machine import PAINT, UnicornMachine
from sconnx.emulate.run_result import ReadMemory
from sconnx.emulate.unicorn_machine import run_firmware
from sconnx.errors import SconnxError
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from tests.emulate.firmware_build import IN_UNICORN, PROGRAMS, Firmware, FirmwareBuilder

STACK_BYTES = 2048
INPUT = random.Random(5).randbytes(64)


def fault(firmware: Firmware, choice: str, timeout_seconds: int = 60) -> SconnxError:
    with pytest.raises(SconnxError) as caught:
        run_firmware(firmware.elf, firmware.cpu, firmware.board, choice.encode(), timeout_seconds=timeout_seconds)
    assert caught.value.code == "E501"
    return caught.value


@pytest.fixture(params=IN_UNICORN)
def faulty(request: pytest.FixtureRequest, builder: FirmwareBuilder) -> Firmware:
    return builder.build(PROGRAMS / "faults.c", request.param)


def test_faults_are_named(faulty: Firmware) -> None:
    ram, flash = faulty.board.ram, faulty.board.flash
    expected = {
        "f": f"write to read-only flash at 0x{flash.origin + 0x40:08x} in write_flash",
        "w": "write to unmapped memory at 0x70000000 in write_nowhere",
        "r": "read from unmapped memory at 0x70000000 in read_nowhere",
        "j": "jump to unmapped memory at 0x70000000 in jump_nowhere",
        "u": f"an instruction that {faulty.cpu.name} does not have in undefined_instruction",
        "b": "breakpoint in other_breakpoint",
        "o": f"write to unmapped memory at 0x{ram.end + 0xFFC:08x} in store",
    }
    assert {choice: fault(faulty, choice).what for choice in expected} == expected


def test_stack_overflow(faulty: Firmware) -> None:
    error = fault(faulty, "s")
    assert error.what.startswith(f"stack overflow: access to 0x{faulty.board.ram.origin - 0x1000 >> 12:05x}")
    assert error.what.endswith(", below the stack, in recurse")


def test_fault_place_is_exact(builder: FirmwareBuilder) -> None:
    """Many blocks are chained before the fault; the place is the store instruction and no other."""
    firmware = builder.build(PROGRAMS / "faults.c", "cortex-m4", toolchain_name="gcc")
    store = read_image(firmware.elf, firmware.board.regions).symbol("store")
    # In the code that GCC makes of it: movs r3, #3; str r3, [r0].
    assert fault(firmware, "o").why == f"done by the code at 0x{store.address + 2:08x} (store + 2)"


@pytest.mark.parametrize("cpu", IN_UNICORN)
def test_unaligned_access_faults_on_v6m_only(builder: FirmwareBuilder, cpu: str) -> None:
    firmware = builder.build(PROGRAMS / "faults.c", cpu)
    if firmware.cpu.has("unaligned"):
        for choice in (b"a", b"h"):
            assert run_firmware(firmware.elf, firmware.cpu, firmware.board, choice).exit_status == 7
    else:
        assert fault(firmware, "a").what == "unaligned access in read_unaligned"
        assert fault(firmware, "h").what == "unaligned access in write_unaligned"


def test_exit_status_and_timeout(builder: FirmwareBuilder) -> None:
    firmware = builder.build(PROGRAMS / "faults.c", "cortex-m3")
    assert run_firmware(firmware.elf, firmware.cpu, firmware.board, b"").exit_status == 7
    assert fault(firmware, "n", 1).what == "the firmware did not exit within 1 s in never_return"


@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
def test_snapshots_after_each_step(builder: FirmwareBuilder, toolchain: str) -> None:
    """What the arena holds when a step returns, against the arithmetic of layers.c in Python."""
    firmware = builder.build(PROGRAMS / "layers.c", "cortex-m4", toolchain_name=toolchain)
    arena = read_image(firmware.elf, firmware.board.regions).symbol("kws_arena")
    seen: list[tuple[str, tuple[int, ...]]] = []

    def snapshot(name: str) -> None:
        callbacks[name] = lambda read: seen.append((name, struct.unpack("64b", read(arena.address + 64, 64))))

    callbacks: dict[str, object] = {}
    names = ("kws_step_0", "kws_step_1", "kws_step_2", "kws_run")
    for name in names:
        snapshot(name)
    run = run_firmware(firmware.elf, firmware.cpu, firmware.board, INPUT * 2, on_return=callbacks)  # type: ignore[arg-type]
    expected = python_layers(struct.unpack("64b", INPUT))
    assert seen == [*zip(names, (*expected, expected[2]), strict=True)] * 2
    assert run.stdout == struct.pack("64b", *expected[2]) * 2


def python_layers(values: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    sums = [sum(values[k] * values[(i * 7 + k) % 64] for k in range(64)) for i in range(64)]
    first = [min(127, max(-128, (total * (1 << 26) + (1 << 30)) >> 31)) for total in sums]
    second = []
    for value in first:
        while value > 10:
            value = value * 2 // 3 - 1
        second.append(value)
    return tuple(first), tuple(second), tuple(int(value * 0.75) for value in second)


def test_watching_changes_nothing(builder: FirmwareBuilder) -> None:
    firmware = builder.build(PROGRAMS / "layers.c", "cortex-m7")

    def ignore(read: ReadMemory) -> None:
        read(firmware.board.ram.origin, 4)

    plain = run_firmware(firmware.elf, firmware.cpu, firmware.board, INPUT)
    watched = run_firmware(
        firmware.elf, firmware.cpu, firmware.board, INPUT, count=["kws_run"], on_return={"kws_step_1": ignore}
    )
    assert (plain.stdout, plain.stack_bytes) == (watched.stdout, watched.stack_bytes)


@pytest.mark.parametrize("depth", [1, 5])
def test_stack_bytes(builder: FirmwareBuilder, depth: int) -> None:
    """The firmware is stack.c, which writes exactly the words of its recursion; the stack pointer tells how deep."""
    firmware = builder.build(PROGRAMS / "stack.c", "cortex-m3", stack_bytes=STACK_BYTES)
    run = run_firmware(firmware.elf, firmware.cpu, firmware.board, bytes([depth]))
    (lowest,) = struct.unpack("<I", run.stdout)
    top = read_image(firmware.elf, firmware.board.regions).symbol("sx_stack_top").address
    assert run.stack_bytes == top - lowest


def test_fresh_stack_is_unused(builder: FirmwareBuilder) -> None:
    firmware = builder.build(PROGRAMS / "echo.c", "cortex-m3", stack_bytes=STACK_BYTES)
    image = read_image(firmware.elf, firmware.board.regions)
    machine = UnicornMachine(image, firmware.cpu, firmware.board, b"")
    assert machine.stack_bytes() == 0
    stack = image.find_section(".stack")
    assert stack is not None
    assert machine.read(stack.address, STACK_BYTES) == PAINT * STACK_BYTES


def test_wrong_board(builder: FirmwareBuilder) -> None:
    firmware = builder.build(PROGRAMS / "echo.c", "cortex-m33")
    cpu = load_cpu("cortex-m4")
    with pytest.raises(SconnxError, match="lie outside the board's memory") as caught:
        run_firmware(firmware.elf, cpu, load_board("", cpu))
    assert (caught.value.code, caught.value.help) == (
        "E502",
        "was it linked for another board than 'mps2-an386'?",
    )


def test_missing_function_and_cpu(builder: FirmwareBuilder) -> None:
    firmware = builder.build(PROGRAMS / "echo.c", "cortex-m3")
    with pytest.raises(SconnxError, match="symbol 'kws_run' is not in the firmware"):
        run_firmware(firmware.elf, firmware.cpu, firmware.board, count=["kws_run"])
    unknown = replace(firmware.cpu, name="cortex-m55", unicorn_model="IN_UNICORN55")
    with pytest.raises(SconnxError, match="unicorn has no cortex-m55") as caught:
        run_firmware(firmware.elf, unknown, firmware.board)
    assert caught.value.code == "E601"
