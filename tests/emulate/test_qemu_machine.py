# SPDX-License-Identifier: Apache-2.0
"""Runs in QEMU: the same counts, stack and snapshots as in unicorn where both have the core, and single steps where not."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sconnx.elf.image import read_image
from sconnx.emulate.firmware import observe
from sconnx.emulate.qemu_machine import run_qemu
from sconnx.emulate.run_result import ReadMemory, RunResult
from sconnx.emulate.unicorn_machine import run_firmware
from sconnx.emulate.vectors import seeded_vectors
from sconnx.errors import SconnxError
from sconnx.reference.rule import Rule
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from tests.emulate.firmware_build import PROGRAMS, Firmware, FirmwareBuilder, told
from tests.emulate.test_instruction_count import INPUT, NAMES, counted_calls, qemu_steps
from tests.export.random_firmware import LinkedFirmware, random_model

pytestmark = pytest.mark.skipif(shutil.which("qemu-system-arm") is None, reason="qemu-system-arm is not installed")


def counted(builder: FirmwareBuilder, firmware: Firmware, names: tuple[str, ...]) -> tuple[RunResult, RunResult]:
    """What unicorn and QEMU say about one firmware."""
    hooks = builder.hooks()
    in_unicorn = run_firmware(firmware.elf, firmware.cpu, firmware.board, INPUT, count=names, native_hooks=hooks)
    return in_unicorn, run_qemu(firmware.elf, firmware.board, INPUT, count=names, native_hooks=hooks)


@pytest.mark.parametrize(("cpu", "toolchain"), [("cortex-m0plus", "gcc"), ("cortex-m33", "zig"), ("cortex-m7", "gcc")])
def test_all_results_equal_those_of_unicorn(builder: FirmwareBuilder, cpu: str, toolchain: str) -> None:
    in_unicorn, in_qemu = counted(builder, builder.build(PROGRAMS / "layers.c", cpu, toolchain_name=toolchain), NAMES)
    assert [len(calls) for calls in in_qemu.instructions.values()] == [2, 2, 2, 2]
    assert in_qemu == in_unicorn


def test_calls_by_tail_and_by_loop_and_recursions(builder: FirmwareBuilder) -> None:
    firmware = builder.build(PROGRAMS / "calls.c", "cortex-m3")
    in_unicorn, in_qemu = counted(builder, firmware, ("outer", "tail", "recursive", "looping"))
    assert in_qemu.instructions == in_unicorn.instructions
    assert in_qemu.instructions["recursive"] == (5, 5 + 6, 5 + 6 + 6)


@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
def test_cortex_m55_equals_single_steps(builder: FirmwareBuilder, toolchain: str, tmp_path: Path) -> None:
    firmware = builder.build(PROGRAMS / "layers.c", "cortex-m55", toolchain_name=toolchain)
    expected = counted_calls(read_image(firmware.elf, firmware.board.regions), qemu_steps(firmware, tmp_path / "log"))
    run = run_qemu(firmware.elf, firmware.board, INPUT, count=NAMES, native_hooks=builder.hooks())
    assert run.instructions == expected


def test_memory_at_returns(builder: FirmwareBuilder) -> None:
    """Reads of more than one packet, at the same moments and with the same content as in unicorn."""
    firmware = builder.build(PROGRAMS / "layers.c", "cortex-m4")
    arena = read_image(firmware.elf, firmware.board.regions).symbol("kws_arena")
    seen: list[tuple[str, bytes]] = []

    def reader(name: str) -> Callable[[ReadMemory], None]:
        return lambda read: seen.append((name, read(arena.address - 3, 5000)))

    callbacks = {name: reader(name) for name in NAMES}
    run_firmware(firmware.elf, firmware.cpu, firmware.board, INPUT, on_return=callbacks)
    expected = [(name, content[3:131]) for name, content in seen]
    seen.clear()
    run_qemu(firmware.elf, firmware.board, INPUT, on_return=callbacks)
    assert [len(content) for _, content in seen] == [5000] * 8
    assert [(name, content[3:131]) for name, content in seen] == expected


def test_a_model_equals_its_run_in_unicorn(tmp_path: Path, builder: FirmwareBuilder) -> None:
    """Outputs, layers, counts and stack of random operators with DSP instructions."""
    try:
        made = LinkedFirmware(tmp_path, "cortex-m7", "gcc", libs=("arm_dsp", "generic"))
    except SconnxError as error:
        pytest.skip(str(error))
    firmware = made.build(random_model(4, Rule.ONNX))
    vectors = seeded_vectors(firmware.interface, 2)
    names = [name for name in firmware.calls if name]
    on_qemu = replace(firmware, board=replace(firmware.board, run="qemu"))
    there, here = (
        observe(each, vectors, layers=True, count=names, native_hooks=builder.hooks()) for each in (firmware, on_qemu)
    )
    assert here.result == there.result
    assert len(here.layers) == len(there.layers) == 2
    for ours, theirs in zip(here.layers, there.layers, strict=True):
        assert ours.keys() == theirs.keys()
        for tensor, layer in ours.items():
            assert np.array_equal(layer.values, theirs[tensor].values)
            assert np.array_equal(layer.made, theirs[tensor].made)


@pytest.mark.parametrize(
    ("cpu", "choice", "function"),
    [
        ("cortex-m7", "w", "write_nowhere"),
        ("cortex-m7", "r", "read_nowhere"),
        ("cortex-m55", "u", "undefined_instruction"),
        ("cortex-m55", "o", "store"),
    ],
)
def test_faults_name_the_function(builder: FirmwareBuilder, cpu: str, choice: str, function: str) -> None:
    firmware = builder.build(PROGRAMS / "faults.c", cpu, toolchain_name="gcc")
    with pytest.raises(SconnxError) as caught:
        run_qemu(firmware.elf, firmware.board, choice.encode(), timeout_seconds=60)
    assert (caught.value.code, caught.value.what) == ("E501", f"a fault in {function}")
    symbol = read_image(firmware.elf).symbol(function)
    address = int(caught.value.why.split("0x")[1].split()[0], 16)
    assert symbol.address <= address < symbol.address + symbol.size_bytes


def test_endless_firmware(builder: FirmwareBuilder) -> None:
    firmware = builder.build(PROGRAMS / "faults.c", "cortex-m55", toolchain_name="gcc")
    with pytest.raises(SconnxError) as caught:
        run_qemu(firmware.elf, firmware.board, b"n", timeout_seconds=1)
    assert (caught.value.code, caught.value.what) == ("E501", "the firmware did not exit within 1 s")


def test_what_qemu_refuses(builder: FirmwareBuilder, tmp_path: Path) -> None:
    firmware = builder.build(PROGRAMS / "echo.c", "cortex-m3")
    no_machine = replace(firmware.board, qemu_machine="mps9")
    with pytest.raises(SconnxError) as caught:
        run_qemu(firmware.elf, no_machine)
    assert told(caught.value)[:2] == ("E601", "qemu-system-arm does not start")
    assert "mps9" in caught.value.why or "unsupported machine type" in caught.value.why
    (tmp_path / "plugin.so").write_bytes(b"no library")
    with pytest.raises(SconnxError, match="qemu-system-arm does not start") as caught:
        run_qemu(firmware.elf, firmware.board, count=["main"], native_hooks=tmp_path / "plugin.so")
    assert "plugin.so" in caught.value.why


def test_missing_function(builder: FirmwareBuilder) -> None:
    firmware = builder.build(PROGRAMS / "echo.c", "cortex-m3")
    with pytest.raises(SconnxError, match="symbol 'kws_run' is not in the firmware"):
        run_qemu(firmware.elf, load_board("", load_cpu("cortex-m3")), on_return={"kws_run": lambda read: None})


def test_exit_status_and_large_input(builder: FirmwareBuilder) -> None:
    firmware = builder.build(PROGRAMS / "echo.c", "cortex-m55")
    content = struct.pack("<20000H", *range(20000))
    run = run_qemu(firmware.elf, firmware.board, content)
    assert (run.stdout, run.stack_bytes > 0) == (content, True)
