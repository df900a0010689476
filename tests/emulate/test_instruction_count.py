# SPDX-License-Identifier: Apache-2.0
"""Instruction counts against two oracles: a hook on every instruction, and QEMU's single-step trace."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from sconnx.elf.image import ElfImage, read_image
from sconnx.emulate.instruction_count import NativeCounter, thumb_instructions
from sconnx.emulate.machine import UnicornMachine
from sconnx.emulate.unicorn_binding import load_unicorn, make_engine
from sconnx.emulate.unicorn_machine import run_firmware
from sconnx.errors import SconnxError
from sconnx.target.cpu import load_cpu
from tests.emulate.firmware_build import IN_UNICORN, PROGRAMS, Firmware, FirmwareBuilder

NAMES = ("kws_run", "kws_step_0", "kws_step_1", "kws_step_2")
# The second input makes step 1 loop less often: its calls have different counts.
INPUT = random.Random(1).randbytes(64) + bytes(64)


def is_call(image: ElfImage, address: int) -> bool:
    """True for the instruction BL (Armv7-M ARM, A7.7.18); a tail call is a B."""
    for segment in image.segments:
        offset = address - segment.load_address
        if 0 <= offset < len(segment.content):
            first, second = segment.content[offset + 1], segment.content[offset + 3]
            return first & 0xF8 == 0xF0 and second & 0xD0 == 0xD0
    return False


def counted_calls(image: ElfImage, trace: Iterable[tuple[int, int]]) -> dict[str, tuple[int, ...]]:
    """Counts per call from `(address, instructions issued there)`; a call ends when its return address runs."""
    entries = {image.symbol(name).address: name for name in NAMES}
    counts: dict[str, list[int]] = {name: [] for name in NAMES}
    active: list[tuple[str, int, int]] = []
    total = previous = 0
    for address, issued in trace:
        while active and active[-1][1] == address:
            name, _, start = active.pop()
            counts[name].append(total - start)
        if address in entries:
            return_address = previous + 4 if is_call(image, previous) else active[-1][1]
            active.append((entries[address], return_address, total))
        total += issued
        previous = address
    return {name: tuple(values) for name, values in counts.items()}


def single_steps(firmware: Firmware, image: ElfImage) -> list[tuple[int, int]]:
    """Every instruction by unicorn's code hook, which is silent about the skipped ones in an IT block.

    So an IT instruction stands for its whole block here, and the hooks in the block for nothing.
    """
    machine = UnicornMachine(image, firmware.cpu, firmware.board, INPUT)
    trace: list[tuple[int, int]] = []
    covered = range(0)

    def step(engine: object, address: int, size_bytes: int, user: object) -> None:
        nonlocal covered
        opcode = int.from_bytes(machine.read(address, 2), "little")
        is_it = size_bytes == 2 and opcode >> 8 == 0xBF and opcode & 0xF != 0
        if is_it:
            length = 4 - ((opcode & -opcode).bit_length() - 1)
            end = address + 2
            for _ in range(length):
                end += 4 if machine.read(end + 1, 1)[0] >= 0xE8 else 2
            covered = range(address + 2, end)
            trace.append((address, 1 + length))
        elif address in covered:
            trace.append((address, 0))
        else:
            trace.append((address, 1))

    machine._engine.hook_add(load_unicorn().UC_HOOK_CODE, step)
    assert machine.run(60) == 0
    return trace


def qemu_steps(firmware: Firmware, log: Path) -> list[tuple[int, int]]:
    """Every instruction, skipped ones included, by QEMU's trace of translation blocks of one instruction."""
    command = ["qemu-system-arm", "-machine", firmware.board.qemu_machine, "-kernel", str(firmware.elf)]
    command += ["-display", "none", "-serial", "none", "-monitor", "none"]
    command += ["-semihosting-config", "enable=on,target=native"]
    command += ["-singlestep", "-d", "exec,nochain", "-D", str(log)]
    subprocess.run(command, input=INPUT, capture_output=True, check=True, timeout=120)
    return [
        (int(address, 16), 1)
        for address in re.findall(r"^Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/", log.read_text(), re.MULTILINE)
    ]


@pytest.mark.parametrize(
    ("cpu", "toolchain"),
    [*((cpu, "zig") for cpu in IN_UNICORN), ("cortex-m0plus", "gcc"), ("cortex-m4", "gcc")],
)
def test_counts_equal_single_steps(builder: FirmwareBuilder, cpu: str, toolchain: str) -> None:
    firmware = builder.build(PROGRAMS / "layers.c", cpu, toolchain_name=toolchain)
    image = read_image(firmware.elf, firmware.board.regions)
    expected = counted_calls(image, single_steps(firmware, image))
    arguments = (firmware.elf, firmware.cpu, firmware.board, INPUT)
    python = run_firmware(*arguments, count=NAMES)
    native = run_firmware(*arguments, count=NAMES, native_hooks=builder.hooks())
    assert python.instructions == expected
    assert native.instructions == expected
    assert [len(values) for values in expected.values()] == [2, 2, 2, 2]
    assert len(set(expected["kws_step_1"])) == 2


@pytest.mark.parametrize("cpu", ["cortex-m3", "cortex-m33"])
def test_counts_equal_qemu(builder: FirmwareBuilder, cpu: str, tmp_path: Path) -> None:
    if shutil.which("qemu-system-arm") is None:
        pytest.skip("qemu-system-arm is not installed")
    firmware = builder.build(PROGRAMS / "layers.c", cpu)
    image = read_image(firmware.elf, firmware.board.regions)
    expected = counted_calls(image, qemu_steps(firmware, tmp_path / "trace.log"))
    run = run_firmware(firmware.elf, firmware.cpu, firmware.board, INPUT, count=NAMES)
    assert run.instructions == expected


def test_calls_by_tail_and_by_loop(builder: FirmwareBuilder) -> None:
    """calls.c in assembly: known counts for a tail call, a recursion, and a branch back to the first instruction."""
    firmware = builder.build(PROGRAMS / "calls.c", "cortex-m3")
    names = ("outer", "tail", "recursive", "looping")
    for library in (None, builder.hooks()):
        run = run_firmware(firmware.elf, firmware.cpu, firmware.board, count=names, native_hooks=library)
        assert run.instructions == {
            "outer": (5, 5),
            "tail": (3, 3),
            "recursive": (5, 5 + 6, 5 + 6 + 6),
            "looping": (9 + 1,),
        }


def test_thumb_instructions() -> None:
    # movs r0, #0; movw r0, #0x1234; bl; bx lr
    assert thumb_instructions(bytes.fromhex("0020 41f2 3420 00f0 00f8 7047")) == 4
    assert thumb_instructions(b"") == 0


def test_library_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SconnxError, match="cannot load the native hooks") as caught:
        NativeCounter(make_engine(load_cpu("cortex-m3")), tmp_path / "absent.so", 0, 16)
    assert caught.value.code == "E602"
