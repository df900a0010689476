# SPDX-License-Identifier: Apache-2.0
"""Values as C text: read back by hand and by a compiler."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sconnx.codegen.c_value import Array, FieldText, c_integer, c_lines, flatten
from sconnx.codegen.render import render

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


def test_a_compiler_reads_the_same_extremes(tmp_path: Path) -> None:
    items = ", ".join(c_integer(int(value)) for value in INT32_EXTREMES)
    program = f"#include <stdint.h>\n#include <stdio.h>\nstatic const int32_t v[] = {{{items}}};\n"
    program += 'int main(void) { for (int i = 0; i < 6; ++i) { printf("%ld ", (long)v[i]); } return 0; }\n'
    (tmp_path / "v.c").write_text(program)
    command = ["cc", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-o", str(tmp_path / "v"), str(tmp_path / "v.c")]
    subprocess.run(command, check=True)
    shown = subprocess.run([str(tmp_path / "v")], capture_output=True, text=True, check=True).stdout
    assert [int(word) for word in shown.split()] == INT32_EXTREMES.tolist()


def test_unknown_element_types_are_a_bug() -> None:
    with pytest.raises(KeyError):
        _ = Array(np.zeros(1, np.int64)).c_type


def test_a_template_never_prints_what_is_missing_or_not_ascii() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError, match="'name' is undefined"):
        render("params.c.j2", headers=[], structs=[], constants=[])
    with pytest.raises(UnicodeEncodeError):
        render("params.c.j2", name="é", headers=[], structs=[], constants=[])
