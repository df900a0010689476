# SPDX-License-Identifier: Apache-2.0
"""Decoding, and both pipelines on sequences whose cycles are documented or were measured by others."""

from __future__ import annotations

from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from sconnx.cycles import cortex_m4, cortex_m7
from sconnx.cycles.instruction import Instruction, Kind, decode, kind_of
from sconnx.target.cpu import load_cpu
from tests.emulate.firmware_build import FirmwareBuilder

NONE: frozenset[int] = frozenset()


@pytest.fixture(scope="module")
def assembler(builder: FirmwareBuilder, tmp_path_factory: pytest.TempPathFactory) -> Assembler:
    return Assembler(builder, tmp_path_factory.mktemp("assembled"))


class Assembler:
    """Decoded instructions from their text, `;` between them."""

    def __init__(self, builder: FirmwareBuilder, folder: Path) -> None:
        self._builder, self._folder = builder, folder

    def __call__(self, text: str) -> tuple[Instruction, ...]:
        source, target = self._folder / "a.c", self._folder / "a.o"
        body = "".join(f'"{line.strip()}\\n\\t"' for line in text.split(";"))
        source.write_text(f"void f(void);\n__attribute__((naked)) void f(void) {{ __asm__({body}); }}\n")
        toolchain = self._builder.toolchain("zig", load_cpu("cortex-m7"))
        self._builder.command(toolchain.compile_command(str(source), str(target), optimize="balanced"))
        with target.open("rb") as stream:
            code: bytes = ELFFile(stream).get_section_by_name(".text.f").data()
        # Behind the function the compiler puts an undefined instruction, or nothing.
        return decode(code, 0)[: len(text.split(";"))]


def test_operands_and_their_roles(assembler: Assembler) -> None:
    smlad, load, shifted, store, pop = assembler(
        "smlad r0, r1, r2, r3; ldr r4, [r5, #8]!; add r6, r7, r0, lsl #2; strh r1, [r2, r3]; pop {r4, r5, pc}"
    )
    assert (smlad.kind, smlad.accumulator, smlad.reads) == (Kind.MULTIPLY, "r3", {"r1", "r2", "r3"})
    assert (load.kind, load.early, load.base, load.offset, load.written_back) == (Kind.LOAD, {"r5"}, "r5", 8, "r5")
    assert (shifted.kind, shifted.is_shifted, shifted.early) == (Kind.ALU, True, {"r0"})
    assert (store.kind, store.early, store.base, store.size_bytes) == (Kind.STORE, {"r2", "r3"}, "", 2)
    assert (pop.kind, pop.transfers, pop.sets_counter) == (Kind.LOAD_SEVERAL, 3, True)


def test_kinds_of_mnemonics() -> None:
    kinds = {
        Kind.ALU: "adds mov and eors bic cmp lsls orr nop",
        Kind.FIELD: "sxtb16 uxtab ssat sel pkhbt qadd16 uadd8",
        Kind.MULTIPLY: "mul mla smlad smull umaal smmulr",
        Kind.BRANCH: "b bl bx cbz",
        Kind.IF_THEN: "it itte",
        Kind.FLOAT: "vadd vcvt vmov",
        Kind.LOAD: "ldr ldrsb vldr",
        Kind.LOAD_SEVERAL: "ldm ldmdb ldrd pop vpop",
        Kind.STORE_SEVERAL: "push strd stm",
    }
    for kind, names in kinds.items():
        assert {name: kind_of(name) for name in names.split()} == dict.fromkeys(names.split(), kind)


def test_conditions_are_no_part_of_a_name(assembler: Assembler) -> None:
    _, add, branch = assembler("it ne; addne r0, r1; bne .")
    assert (add.name, branch.name, branch.kind) == ("add", "b", Kind.BRANCH)


def test_what_is_no_instruction() -> None:
    found = decode(bytes.fromhex("00bf ffffffff 70b5"), 0x100)
    assert [(each.name, each.size_bytes) for each in found] == [("nop", 2), ("unknown", 4), ("push", 2)]


@pytest.mark.parametrize(
    ("text", "cycles"),
    [
        ("adds r0, #1; adds r0, #1", 2),
        ("ldr r0, [r1]", 2),
        ("ldr r0, [r1]; ldr r2, [r1, #4]; ldr r3, [r1, #8]", 4),
        ("ldr r0, [r1]; ldr r2, [r0]", 4),
        ("ldr r0, [r1]; str r0, [r2]", 3),
        ("smlad r0, r1, r2, r0; smlald r0, r1, r2, r3", 2),
        ("ldm r0, {r1, r2, r3, r4}", 5),
        ("push {r4, r5, lr}", 4),
        ("vmul.f32 s0, s1, s2; vfma.f32 s0, s1, s2; vdiv.f32 s0, s1, s2", 1 + 3 + 14),
        ("adds r0, #1; it eq; moveq r1, #0", 2),
        ("udiv r0, r1, r2", 6),
    ],
)
def test_cortex_m4(assembler: Assembler, text: str, cycles: int) -> None:
    """The reference manual's tables 3-1 and 7-1."""
    assert cortex_m4.cycles(assembler(text), NONE) == cycles


def test_a_taken_branch_refills_the_pipeline(assembler: Assembler) -> None:
    branch = assembler("bne .")
    assert cortex_m4.cycles(branch, NONE) == 1
    assert cortex_m4.cycles(branch, frozenset([0])) == 1 + cortex_m4.REFILL


@pytest.mark.parametrize(
    ("text", "cycles"),
    [
        ("adds r0, #1; adds r1, #1", 1),
        ("smlad r0, r1, r2, r0; smlad r0, r3, r4, r0; smlad r0, r1, r4, r0; smlad r0, r1, r2, r0", 3.5),
        ("smlad r0, r1, r2, r0; add r5, r0, r0", 2.5),
        ("ldr r0, [r1]; ldr r2, [r1, #4]", 1),
        ("ldr r0, [r1]; ldr r2, [r1, #8]", 1.5),
        ("ldr r0, [r1]; add r2, r0, r0", 1.5),
        ("ldrb r0, [r1]; add r2, r0, r0", 2.5),
        ("ldr r0, [r1]; ldr r2, [r0]", 2.5),
        ("sxtb16 r0, r1; sxtb16 r2, r3", 1.5),
        ("ldm r0, {r1, r2, r3, r4}", 2),
        ("str r0, [r1]; str r2, [r1, #4]", 1.5),
    ],
)
def test_cortex_m7(assembler: Assembler, text: str, cycles: float) -> None:
    """What jnk0le measured: pairs, latencies of results, one multiplication and one store a cycle."""
    assert cortex_m7.cycles(assembler(text), NONE) == cycles
