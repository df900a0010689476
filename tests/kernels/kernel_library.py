# SPDX-License-Identifier: Apache-2.0
"""Compile the kernels for this machine, and call them with numpy arrays."""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import settings
from kernel_structures import ReplayImage, Structure
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
KERNELS = ROOT / "kernels"
INCLUDES = tuple(f"-I{KERNELS / folder}" for folder in ("include", "generic", "arm_dsp", "arm_mve"))
SOURCES = tuple(sorted(path for lib in ("generic", "arm_dsp", "arm_mve") for path in KERNELS.glob(f"{lib}/**/*.c")))
WARNINGS = (
    *("-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wsign-conversion", "-Wundef"),
    *("-Wcast-qual", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wdouble-promotion", "-Wvla", "-Werror"),
)
DIALECT = ("-std=c11", "-ffreestanding", "-ffp-contract=off")
ZIG = (sys.executable, "-m", "ziglang", "cc")

CONFIGURATION_VARIABLE = "SCONNX_TEST_KERNELS"
"""Environment variable: the name of the one configuration to test; unset: all but `address`."""

GUARD_BYTES = 64
GUARD = 0x5A

Int8Array = NDArray[np.int8]

kernel_settings = settings(
    max_examples=25 if os.environ.get(CONFIGURATION_VARIABLE) else 60, deadline=None, derandomize=True
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A compiler and its options; `name` is unique."""

    name: str
    compiler: tuple[str, ...]
    options: tuple[str, ...]


# What a core without an FPU and without 64-bit products computes with.
_SMALL = ("-DSX_SOFT_FLOAT=1", "-DSX_NARROW_MULTIPLY=1")
_TRAP = ("-O1", "-fsanitize=undefined")
CONFIGURATIONS = (
    Configuration("cc", ("cc",), ("-O2",)),
    Configuration("cc_soft", ("cc",), (*_TRAP, "-fsanitize-undefined-trap-on-error", *_SMALL)),
    Configuration("zig", ZIG, (*_TRAP, "-fsanitize-trap=undefined")),
    Configuration("zig_soft", ZIG, ("-O2", "-fno-sanitize=undefined", *_SMALL)),
    Configuration("address", ("cc",), ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")),
)


@functools.cache
def is_available(compiler: tuple[str, ...]) -> bool:
    """True if the compiler can be started."""
    if shutil.which(compiler[0]) is None:
        return False
    return subprocess.run([*compiler, "--version"], capture_output=True, check=False).returncode == 0


def chosen_configurations() -> tuple[Configuration, ...]:
    """The configurations to test: see CONFIGURATION_VARIABLE."""
    chosen = os.environ.get(CONFIGURATION_VARIABLE)
    if chosen:
        return tuple(c for c in CONFIGURATIONS if c.name == chosen)
    return tuple(c for c in CONFIGURATIONS if c.name != "address" and is_available(c.compiler))


def compile_library(configuration: Configuration, folder: Path) -> KernelLibrary:
    """Compile all kernels and the tests' drivers to one shared library.

    Raises:
        AssertionError: the compiler has something to say, be it a warning.
    """
    path = folder / f"{configuration.name}.so"
    drivers = sorted(Path(__file__).parent.glob("replay*.c"))
    command = [*configuration.compiler, *DIALECT, *WARNINGS, *configuration.options, *INCLUDES]
    command += ["-fPIC", "-shared", "-o", str(path), *map(str, (*drivers, *SOURCES))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), f"{configuration.name}: {done.stderr}"
    return KernelLibrary(configuration.name, ctypes.CDLL(str(path)))


@dataclass(frozen=True, slots=True)
class KernelLibrary:
    """The compiled kernels of one configuration. Every output has guard bytes, checked after the call."""

    name: str
    library: ctypes.CDLL

    def replay(
        self,
        kernel: str,
        parameters: Structure,
        image: ReplayImage,
        x: Int8Array,
        shape: tuple[int, ...],
        scratch_bytes: int = 0,
    ) -> Int8Array:
        """Run a row kernel ("conv2d_tflite") for every row of one image; x is [height, width, channels]."""
        out, scratch = Guarded(shape), Guarded((scratch_bytes,))
        call = self.library[f"replay_{kernel}"]
        call(ctypes.byref(parameters), ctypes.byref(image), address(x), out.address, scratch.address)
        scratch.checked()
        return out.checked()

    def run(
        self,
        kernel: str,
        parameters: Structure,
        operands: Sequence[Int8Array | None],
        shape: tuple[int, ...],
        in_place: int | None = None,
        scratch_bytes: int = 0,
    ) -> Int8Array:
        """Call a kernel ("add_s8_tflite") once; in_place: operand that is also the output. None is a row of padding."""
        out, scratch = Guarded(shape), Guarded((scratch_bytes,))
        addresses = [None if operand is None else address(operand) for operand in operands]
        if in_place is not None:
            source = operands[in_place]
            assert source is not None
            out.array[...] = source.reshape(shape)
            addresses[in_place] = out.address
        rows = (ctypes.c_void_p * len(addresses))(*addresses)
        self.library[f"sx_{kernel}"](ctypes.byref(parameters), rows, out.address, scratch.address)
        scratch.checked()
        return out.checked()

    def fold(
        self,
        kernel: str,
        parameters: Structure,
        image: Int8Array,
        shape: tuple[int, ...],
        scratch_bytes: int,
        in_place: bool = False,
    ) -> Int8Array:
        """Run a folding kernel over the rows of an image [height, width, channels]; in_place: its output lies in the last one."""
        size = int(np.prod(shape))
        scratch, out = Guarded((scratch_bytes,)), Guarded((max(size, image[0].size) if in_place else size,))
        assert scratch.address.value is not None and scratch.address.value % 4 == 0
        for y, row in enumerate(image):
            last = y == len(image) - 1
            if in_place and last:
                out.array[: row.size] = row.reshape(-1)
            rows = (ctypes.c_void_p * 2)(
                out.address if in_place and last else address(row), scratch.address if y else None
            )
            self.library[f"sx_{kernel}"](ctypes.byref(parameters), rows, out.address if last else None, scratch.address)
        scratch.checked()
        return out.checked()[:size].reshape(shape)

    def split(self, parameters: Structure, x: Int8Array, shapes: Sequence[tuple[int, ...]]) -> tuple[Int8Array, ...]:
        """Call split_s8_exact once, for up to four outputs."""
        outputs = [Guarded(shape) for shape in shapes]
        places = (ctypes.c_void_p * 4)(*(output.address for output in outputs))
        self.library["split_s8_exact"](ctypes.byref(parameters), (ctypes.c_void_p * 1)(address(x)), places)
        return tuple(output.checked() for output in outputs)

    def run_over(
        self,
        kernel: str,
        parameters: Structure,
        operands: Sequence[Int8Array | None],
        over: int,
        shift_bytes: int,
        size_bytes: int,
        scratch_bytes: int = 0,
    ) -> Int8Array:
        """Call a kernel once; its output begins `shift_bytes` behind the first byte of operand `over`."""
        source = operands[over]
        assert source is not None
        first = GUARD_BYTES + max(-shift_bytes, 0)
        arena = np.full(first + max(source.size, shift_bytes + size_bytes) + GUARD_BYTES, GUARD, np.int8)
        arena[first : first + source.size] = source.reshape(-1)
        before = arena.copy()
        addresses = [None if operand is None else address(operand) for operand in operands]
        addresses[over] = ctypes.c_void_p(arena.ctypes.data + first)
        rows = (ctypes.c_void_p * len(addresses))(*addresses)
        out = slice(first + shift_bytes, first + shift_bytes + size_bytes)
        scratch = Guarded((scratch_bytes,))
        place = ctypes.c_void_p(arena.ctypes.data + out.start)
        self.library[f"sx_{kernel}"](ctypes.byref(parameters), rows, place, scratch.address)
        scratch.checked()
        before[out] = arena[out]
        np.testing.assert_array_equal(arena, before, "written outside the output")
        return arena[out]

    def map(self, function: str, *operands: NDArray[Any], dtype: type[np.generic] = np.int32) -> NDArray[Any]:
        """Run one of the drivers that apply an inline function to arrays of equal length."""
        out = np.zeros(operands[0].size, dtype)
        self.library[function](*(address(operand) for operand in operands), address(out), out.size)
        return out


def address(array: NDArray[Any]) -> ctypes.c_void_p:
    """Address of a contiguous array, for a call."""
    assert array.flags.c_contiguous
    return ctypes.c_void_p(array.ctypes.data)


class Guarded:
    """An int8 array with guard bytes before and after it."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        size = int(np.prod(shape))
        self._bytes = np.full(size + 2 * GUARD_BYTES, GUARD, np.int8)
        self.array = self._bytes[GUARD_BYTES : GUARD_BYTES + size].reshape(shape)
        self.address = ctypes.c_void_p(self.array.ctypes.data)

    def checked(self) -> Int8Array:
        assert (self._bytes[:GUARD_BYTES] == GUARD).all(), "written before the output"
        assert (self._bytes[-GUARD_BYTES:] == GUARD).all(), "written after the output"
        return self.array
