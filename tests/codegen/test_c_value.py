# SPDX-License-Identifier: Apache-2.0
"""Values as C text: read back by hand and by a compiler."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sconnx.codegen.c_value import Array, FieldText, c_float, c_lines, flatten
from sconnx.codegen.render import render

INCLUDE = Path(__file__).resolve().parents[2] / "kernels/include"
INT32_EXTREMES = np.array([-(2**31), -(2**31) + 1, -1, 0, 1, 2**31 - 1], np.int32)


@given(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=60))
def test_lines_hold_every_element_in_order(values: list[int]) -> None:
    lines = c_lines(np.array(values, np.int32))
    assert [eval(item) for line in lines for item in line.split(",") if item] == values
    assert all(len(line) <= 118 and line == line.strip() for line in lines)


def test_arrays_are_flattened_in_c_order() -> None:
    assert c_lines(np.array([[1, 2], [3, 4]], np.int8).T) == ("1, 3, 2, 4,",)
    assert c_lines(np.zeros(0, np.int8)) == ()


def test_structs_become_dotted_fields_and_named_arrays() -> None:
    arrays, fields = flatten(
        {
            "weights": Array(np.array([1, -2], np.int8)),
            "bias": Array(np.zeros(0, np.int32)),
            "requantize": {"shift": Array(np.array([7], np.int32)), "inner": {"minimum": -128}},
            "size": np.int64(5),
        },
        "m_p0",
    )
    assert [(a.c_type, a.name, a.length, a.lines) for a in arrays] == [
        ("int8_t", "m_p0_weights", 2, ("1, -2,",)),
        ("int32_t", "m_p0_requantize_shift", 1, ("7,",)),
    ]
    assert fields == [
        FieldText("weights", "m_p0_weights"),
        FieldText("bias", "NULL"),
        FieldText("requantize.shift", "m_p0_requantize_shift"),
        FieldText("requantize.inner.minimum", "-128"),
        FieldText("size", "5"),
    ]


FLOAT32_BITS = [
    0,
    1 << 31,
    1,
    0x007FFFFF,
    0x00800000,
    0x3DCCCCCD,
    0x3F800000,
    0xC0490FDB,
    0x7F7FFFFF,
    0x7F800000,
    0xFF800000,
]
EXTREMES = {
    "int8": np.array([-128, 127], np.int8),
    "uint8": np.array([0, 255], np.uint8),
    "bool": np.array([False, True]),
    "int16": np.array([-(2**15), 2**15 - 1], np.int16),
    "int32": INT32_EXTREMES,
    "uint16": np.array([0, 2**15 - 1, 2**15, 2**16 - 1], np.uint16),
    "uint32": np.array([0, 2**31 - 1, 2**31, 2**32 - 1], np.uint32),
    "uint64": np.array([0, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1], np.uint64),
    "int64": np.array([-(2**63), -(2**63) + 1, -(2**31), -(2**31) - 1, 2**31, 2**32, 2**63 - 1], np.int64),
    "float32": np.array(FLOAT32_BITS, np.uint32).view(np.float32),
}


def _read_by_a_compiler(folder: Path, values: np.ndarray) -> bytes:
    """The bytes of an array that a compiler made of its text."""
    lines = "\n".join(c_lines(values))
    program = '#include <stdint.h>\n#include <stdio.h>\n#include "sx_port.h"\n'
    program += f"static const {Array(values).c_type} v[] = {{\n{lines}\n}};\n"
    program += "int main(void) { return fwrite(v, 1, sizeof v, stdout) != sizeof v; }\n"
    (folder / "v.c").write_text(program)
    flags = [
        "-std=c11",
        "-Wall",
        "-Wextra",
        "-Wpedantic",
        "-Wconversion",
        "-Wdouble-promotion",
        "-Werror",
        f"-I{INCLUDE}",
    ]
    subprocess.run(["cc", *flags, "-o", str(folder / "v"), str(folder / "v.c")], check=True)
    return subprocess.run([str(folder / "v")], capture_output=True, check=True).stdout


@pytest.mark.parametrize("dtype", EXTREMES)
def test_a_compiler_reads_the_same_extremes(tmp_path: Path, dtype: str) -> None:
    assert _read_by_a_compiler(tmp_path, EXTREMES[dtype]) == EXTREMES[dtype].tobytes()


def test_a_compiler_reads_nan_and_every_bit_of_a_float(tmp_path: Path) -> None:
    bits = np.random.default_rng(6).integers(0, 2**32, 4000, dtype=np.uint32)
    values = np.concatenate([bits.view(np.float32), [np.float32(np.nan)]]).astype(np.float32)
    back = np.frombuffer(_read_by_a_compiler(tmp_path, values), np.float32)
    assert np.array_equal(back, values, equal_nan=True)
    assert np.array_equal(np.signbit(back[~np.isnan(back)]), np.signbit(values[~np.isnan(values)]))


def test_floats_are_exact_and_short() -> None:
    assert [c_float(value) for value in (0.0, -0.0, 1.0, 0.1, -1.5, 2.0**-149)] == [
        "0x0p0f",
        "-0x0p0f",
        "0x1p0f",
        "0x1.99999ap-4f",
        "-0x1.8p0f",
        "0x1p-149f",
    ]
    assert [c_float(value) for value in (np.inf, -np.inf, np.nan)] == ["SX_INFINITY", "-SX_INFINITY", "SX_NAN"]
    assert flatten({"alpha": 0.25, "beta": np.float32(3)}, "m_p0")[1] == [
        FieldText("alpha", "0x1p-2f"),
        FieldText("beta", "0x1.8p1f"),
    ]


def test_unknown_element_types_are_a_bug() -> None:
    with pytest.raises(KeyError):
        _ = Array(np.zeros(1, np.float64)).c_type


def test_a_template_never_prints_what_is_missing_or_not_ascii() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError, match="'name' is undefined"):
        render("params.c.j2", hash="", headers=[], structs=[], constants=[])
    with pytest.raises(UnicodeEncodeError):
        render("params.c.j2", name="é", hash="", headers=[], structs=[], constants=[])
