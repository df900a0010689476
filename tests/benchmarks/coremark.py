# SPDX-License-Identifier: Apache-2.0
"""How far the estimates of cycles are from published CoreMark/MHz, with a checkout of github.com/eembc/coremark (d5fad6b).

PYTHONPATH=site_scons .venv/bin/python -m tests.benchmarks.coremark FOLDER

The boards run from memory without wait states or with an accelerator before the flash; figures: README of
github.com/PaulStoffregen/CoreMark, built with GCC. Ours is built with arm-none-eabi-gcc, without the flag that is there for our
kernels.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from sconnx.cycles.estimate import MODELS, estimate
from sconnx.elf.image import read_image
from sconnx.emulate.unicorn_machine import run_firmware
from sconnx.target.cpu import load_cpu
from tests.emulate.firmware_build import FirmwareBuilder

ITERATIONS = 10
PUBLISHED = {
    ("cortex-m4", "ram"): (("Teensy 3.2, 72 MHz", 1.76), ("Metro M4, 180 MHz", 1.79)),
    ("cortex-m4", "balanced"): (("Teensy 3.2, 72 MHz", 2.34), ("Metro M4, 180 MHz", 2.545)),
    ("cortex-m4", "speed"): (("Teensy 3.2, 72 MHz", 2.34), ("Metro M4, 180 MHz", 2.545)),
    ("cortex-m7", "balanced"): (("Teensy 4.0, 600 MHz", 2313.57 / 600),),
    ("cortex-m7", "speed"): (("Teensy 4.0, 600 MHz", 2313.57 / 600),),
}
"""Of each board the figure for small code, or the one for fast code, whose flags are not given in detail."""
DEFINES = (
    *("HAS_FLOAT=0", "HAS_TIME_H=0", "USE_CLOCK=0", "MAIN_HAS_NOARGC=1", "MEM_METHOD=MEM_STATIC", 'FLAGS_STR=""'),
    *("PERFORMANCE_RUN=1", f"ITERATIONS={ITERATIONS}"),
)
PORT = """
#include "sx_io.h"
#include <stdint.h>
void portable_init(void *, int *, char **);
void portable_fini(void *);
void start_time(void);
void stop_time(void);
uint32_t get_time(void);
uint32_t time_in_secs(uint32_t);
int ee_printf(const char *, ...);
volatile int32_t seed1_volatile = 0, seed2_volatile = 0, seed3_volatile = 0x66, seed4_volatile = %d, seed5_volatile = 0;
uint32_t default_num_contexts = 1;
void portable_init(void *p, int *count, char **arguments) { (void)p, (void)count, (void)arguments; }
void portable_fini(void *p) { (void)p; }
void start_time(void) {}
void stop_time(void) {}
uint32_t get_time(void) { return 0; }
uint32_t time_in_secs(uint32_t ticks) { return ticks + 11u; }
int ee_printf(const char *format, ...) {
    size_t length = 0;
    while (format[length] != 0) length++;
    sx_io_write(format, length);
    return 0;
}
"""
SOURCES = ("core_main.c", "core_list_join.c", "core_matrix.c", "core_state.c", "core_util.c")


def coremark_per_mhz(checkout: Path, folder: Path, cpu_name: str, optimize: str) -> float:
    """Estimated, from the cycles of the timed function."""
    builder, cpu = FirmwareBuilder(folder), load_cpu(cpu_name)
    found = builder.toolchain("gcc", cpu)
    toolchain = replace(
        found, compile_flags=tuple(flag for flag in found.compile_flags if flag != "-fno-schedule-insns")
    )
    objects = []
    for source in SOURCES:
        objects.append(str(folder / source.replace(".c", ".o")))
        files, includes = (str(checkout / source), objects[-1]), (str(checkout), str(checkout / "barebones"))
        command = toolchain.compile_command(
            *files, optimize=optimize, includes=includes, defines=DEFINES, warnings=False
        )
        builder.command((*command, "-include", "stddef.h"))
    (folder / "port.c").write_text(PORT % ITERATIONS)
    firmware = builder.build(folder / "port.c", cpu_name, toolchain_name="gcc", objects=objects)
    run = run_firmware(firmware.elf, cpu, firmware.board, count=["iterate"], trace=True, native_hooks=builder.hooks())
    assert b"Correct operation validated" in run.stdout, run.stdout
    cycles = estimate(run.edges, read_image(firmware.elf, firmware.board.regions), MODELS[cpu.unicorn_model])
    return 1e6 * ITERATIONS / cycles["iterate"]


def main() -> None:
    """A line for each core and level of optimisation."""
    for (cpu, optimize), boards in PUBLISHED.items():
        with tempfile.TemporaryDirectory() as folder:
            estimated = coremark_per_mhz(Path(sys.argv[1]), Path(folder), cpu, optimize)
        for board, published in boards:
            print(f"{cpu} {optimize:>8}  {estimated:.3f}  {board}: {published:.3f}, {estimated / published - 1:+.1%}")


if __name__ == "__main__":
    main()
