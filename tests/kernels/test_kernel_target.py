# SPDX-License-Identifier: Apache-2.0
"""The kernels compile for every core without a warning, and need only what a board support has."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection
from kernel_library import DIALECT, INCLUDES, SOURCES, WARNINGS, ZIG, is_available

GCC = ("arm-none-eabi-gcc", "-mthumb")
COMMON = (*DIALECT, *WARNINGS, "-O2", "-g0", "-fno-unwind-tables", "-fno-asynchronous-unwind-tables")

TARGETS: dict[str, tuple[str, ...]] = {
    "gcc-m0plus": (*GCC, "-mcpu=cortex-m0plus", "-fno-jump-tables"),
    "gcc-m3": (*GCC, "-mcpu=cortex-m3"),
    "gcc-m4": (*GCC, "-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"),
    "gcc-m7": (*GCC, "-mcpu=cortex-m7", "-mfloat-abi=hard", "-mfpu=fpv5-d16"),
    "gcc-m33": (*GCC, "-mcpu=cortex-m33", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16"),
    "gcc-m55": (*GCC, "-mcpu=cortex-m55", "-mfloat-abi=hard", "-fno-tree-vectorize"),
    "zig-m0plus": (*ZIG, "-target", "thumb-freestanding-eabi", "-mcpu=cortex_m0plus"),
    "zig-m3": (*ZIG, "-target", "thumb-freestanding-eabi", "-mcpu=cortex_m3"),
    "zig-m4": (*ZIG, "-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m4+vfp4d16sp"),
    "zig-m7": (*ZIG, "-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m7+fp_armv8d16"),
    "zig-m33": (*ZIG, "-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m33+dsp+fp_armv8d16sp"),
    "zig-m55": (*ZIG, "-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m55+mve_fp+fp_armv8d16"),
}

PROVIDED = {
    "memcpy",
    "memset",
    "__aeabi_idiv",
    "__aeabi_idivmod",
    "__aeabi_lasr",
    "__aeabi_llsl",
    "__aeabi_llsr",
    "__aeabi_lmul",
    "__aeabi_uidiv",
    "__aeabi_uidivmod",
    *(f"__aeabi_mem{name}{width}" for name in ("cpy", "set", "clr", "move") for width in ("", "4", "8")),
}

FLOATS = {
    f"__aeabi_{name}" for name in "fadd fsub fmul fdiv fcmpeq fcmplt fcmple fcmpge fcmpgt fcmpun i2f ui2f f2iz".split()
}
"""For kernels of float32 on cores without an FPU; those of int8 need none."""

SHARED = {"sx_load_integers", "sx_store_integers", "sx_divide_s64", "sx_divide_u64"}
"""Functions of files that are always linked, for kernels of the other kind."""


def undefined_symbols(path: Path) -> set[str]:
    """Names that an object file takes from elsewhere."""
    with path.open("rb") as stream:
        table = ELFFile(stream).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        symbols = [s.name for s in table.iter_symbols() if s["st_shndx"] == "SHN_UNDEF" and s.name]
    return set(symbols)


def writable_bytes(path: Path) -> int:
    """Size of the sections that an object file has in RAM."""
    with path.open("rb") as stream:
        sections = ELFFile(stream).iter_sections()
        return sum(s.data_size for s in sections if s["sh_flags"] & 1 and s["sh_flags"] & 2)


@pytest.mark.parametrize("floats", [False, True], ids=["integers", "floats"])
@pytest.mark.parametrize("optimize", ["-O2", "-Os"])
@pytest.mark.parametrize("target", TARGETS)
def test_target(target: str, optimize: str, floats: bool, tmp_path: Path) -> None:
    """All kernels of a kind as one unit, which also shows that their internal names do not collide."""
    command = TARGETS[target]
    compiler = ZIG if command[: len(ZIG)] == ZIG else command[:1]
    if not is_available(compiler):
        pytest.skip(f"{compiler[0]} is not installed")
    unit, output = tmp_path / "kernels.c", tmp_path / "kernels.o"
    sources = [source for source in SOURCES if ("_f32" in source.stem) == floats]
    unit.write_text("".join(f'#include "{source}"\n' for source in sources))
    done = subprocess.run(
        [*command, *COMMON, optimize, *INCLUDES, "-c", str(unit), "-o", str(output)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    needs_helpers = floats and target.endswith(("m0plus", "m3"))
    shared = {path.stem for path in SOURCES} | SHARED
    assert undefined_symbols(output) - shared <= (PROVIDED | FLOATS if needs_helpers else PROVIDED)
    assert writable_bytes(output) == 0
