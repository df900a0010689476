# SPDX-License-Identifier: Apache-2.0
"""Finding toolchains, and the command lines made for them."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sconnx.errors import SconnxError
from sconnx.target import toolchain as module
from sconnx.target.cpu import cpu_names, load_cpu
from sconnx.target.toolchain import OPTIMIZE, Toolchain, find_toolchain
from tests.emulate.firmware_build import CORTEX_M, FirmwareBuilder, told


@pytest.fixture
def gcc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toolchain:
    """A compiler that only knows its version."""
    for name, text in (
        ("arm-none-eabi-gcc", "#!/bin/sh\necho 12.3.4\n"),
        ("arm-none-eabi-ar", "#!/bin/sh\n"),
    ):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    return find_toolchain("gcc", load_cpu("cortex-m4"))


def test_gcc_commands(gcc: Toolchain) -> None:
    cpu = ("-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16")
    assert gcc.version == "12.3.4"
    compile_command = gcc.compile_command("a.c", "a.o", optimize="ram", includes=["inc"], defines=["N=1"])
    assert compile_command[0].endswith("arm-none-eabi-gcc")
    assert compile_command[1:5] == cpu
    assert compile_command[-6:] == ("-DN=1", "-Iinc", "-c", "a.c", "-o", "a.o")
    assert {"-std=c11", "-ffp-contract=off", "-g0", "-ffreestanding", "-Os", "-Werror"} < set(compile_command)
    link_command = gcc.link_command("f.elf", ["a.o", "libk.a"], "link.ld")
    assert link_command[-4:] == ("-T", "link.ld", "-o", "f.elf")
    assert {"-nostdlib", "a.o", "libk.a", *cpu} < set(link_command)
    assert gcc.archive_command("libk.a", ["a.o"])[1:] == ("rcsD", "libk.a", "a.o")


def test_host_links_without_script() -> None:
    host = find_toolchain("zig", load_cpu("host"))
    assert "-T" not in host.link_command("f", ["a.o"])
    assert "-ffreestanding" not in host.compile_flags


@pytest.mark.parametrize("name", cpu_names())
def test_zig_has_flags_for_every_cpu(name: str) -> None:
    zig = find_toolchain("zig", load_cpu(name))
    assert zig.version == importlib.metadata.version("ziglang")
    assert Path(zig.cc[0]).is_file()
    assert [level for level, _ in zig.optimize] == list(OPTIMIZE)
    assert any(flag.startswith("-mcpu=") for flag in zig.compile_flags)


def test_unknown_names(gcc: Toolchain) -> None:
    with pytest.raises(SconnxError) as caught:
        find_toolchain("gc", load_cpu("host"))
    assert told(caught.value) == (
        "E701",
        "toolchain='gc' is not known",
        "",
        "",
        "did you mean 'gcc'? known values: zig, gcc, clang",
    )
    with pytest.raises(SconnxError, match="optimize='fast' is not known"):
        gcc.optimize_flags("fast")


def test_gcc_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SconnxError) as caught:
        find_toolchain("gcc", load_cpu("cortex-m3"))
    assert told(caught.value) == (
        "E601",
        "toolchain 'gcc' is not installed",
        "",
        "'arm-none-eabi-gcc' is not on PATH",
        "install it with your system's packages, or choose toolchain=zig",
    )


def test_a_part_of_clang_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process needs no linker of LLVM, a firmware does."""
    for name in ("clang", "llvm-ar"):
        (tmp_path / name).write_text("#!/bin/sh\necho 19.1.7\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    host = find_toolchain("clang", load_cpu("host"))
    assert (host.version, host.cc, host.ar) == ("19.1.7", (f"{tmp_path}/clang",), (f"{tmp_path}/llvm-ar",))
    with pytest.raises(SconnxError) as caught:
        find_toolchain("clang", load_cpu("cortex-m3"))
    assert told(caught.value) == (
        "E601",
        "toolchain 'clang' is not installed",
        "",
        "'ld.lld' is not on PATH",
        "install it with your system's packages, or choose toolchain=zig",
    )


def test_zig_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(SconnxError) as caught:
        find_toolchain("zig", load_cpu("cortex-m3"))
    assert told(caught.value) == (
        "E601",
        "toolchain 'zig' is not installed",
        "",
        "this Python has no package 'ziglang'",
        "run 'pip install ziglang', or choose toolchain=gcc",
    )


def test_loading_is_light() -> None:
    """Target loading runs in every start of a build."""
    code = (
        "import sys, sconnx.target.board, sconnx.target.cpu, sconnx.target.toolchain as t;"
        "t.find_toolchain('zig', sconnx.target.cpu.load_cpu('cortex-m4'));"
        "print(sorted({'numpy', 'onnx', 'jinja2', 'elftools', 'unicorn', 'importlib.metadata'} & set(sys.modules)))"
    )
    paths = f"import sys; sys.path[:0] = {sys.path!r}; "
    done = subprocess.run([sys.executable, "-c", paths + code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


INSTRUCTIONS = {
    "div": "sdiv r0, r1, r2",
    "mul64": "umull r0, r1, r2, r3",
    "dsp": "smlad r0, r1, r2, r3",
    "fpu_sp": "vadd.f32 s0, s1, s2",
    "fpu_dp": "vadd.f64 d0, d1, d2",
    "mve": "vadd.i32 q0, q1, q2",
    "mve_fp": "vadd.f32 q0, q1, q2",
}


@pytest.mark.parametrize("toolchain", ["zig", "gcc", "clang"])
@pytest.mark.parametrize("name", CORTEX_M)
def test_the_assembler_refuses_what_a_cpu_lacks(
    builder: FirmwareBuilder, tmp_path: Path, name: str, toolchain: str
) -> None:
    """The emulators are laxer: their Cortex-M3 executes SMLAD."""
    cpu = load_cpu(name)
    has = [text for feature, text in INSTRUCTIONS.items() if cpu.has(feature)]
    lacks = [text for feature, text in INSTRUCTIONS.items() if not cpu.has(feature)]

    def errors(instructions: list[str]) -> int:
        lines = "".join(f'    __asm__ volatile("{text}");\n' for text in instructions)
        (tmp_path / "a.c").write_text(f"void f(void);\nvoid f(void) {{\n{lines}}}\n")
        command = builder.toolchain(toolchain, cpu).compile_command("a.c", "a.o", optimize="balanced")
        done = subprocess.run(
            command, cwd=tmp_path, env=builder.environment, capture_output=True, text=True, check=False
        )
        return len(re.findall(r":\d+: error: ", done.stderr, re.IGNORECASE))

    assert errors(has) == 0
    assert errors(lacks) == len(lacks)
