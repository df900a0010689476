# SPDX-License-Identifier: Apache-2.0
"""Text of a model in C: identifiers and comments, whatever the text is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.codegen.names import c_comment, c_identifier, unique_identifiers

# From the standards: C11 (lower-case ones) and C23 6.4.1, and C++20 2.11.
C_KEYWORDS = set(
    """auto break case char const continue default do double else enum extern float for goto if inline int long register
    restrict return short signed sizeof static struct switch typedef union unsigned void volatile while alignas alignof bool
    constexpr false nullptr static_assert thread_local true typeof typeof_unqual""".split()
)
CPP_KEYWORDS = set(
    """asm catch class delete explicit export friend mutable namespace new operator private protected public template this
    throw try typeid typename using virtual wchar_t""".split()
)
STANDARD_HEADERS = """assert complex ctype errno fenv inttypes iso646 limits locale math setjmp signal stdalign stdarg
    stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype""".split()
TRIGRAPHS = [f"??{last}" for last in "=/'()!<>-"]

hostile = st.one_of(
    st.text(),
    st.text("*/\\?<>\n\r\"'%= aé\u2028\x00", max_size=12),
    st.text("*/\\?", max_size=100),
    st.sampled_from(sorted(C_KEYWORDS | CPP_KEYWORDS)),
    st.sampled_from(("sx", "sx_", "SX_arena", "_", "9", "../../etc/passwd", "a" * 300, "1" * 37 + "_xy", "\ud800")),
)
many = settings(max_examples=400, deadline=None, derandomize=True)


@many
@given(hostile)
def test_identifiers_are_identifiers(text: str) -> None:
    name = c_identifier(text)
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name)
    assert name not in C_KEYWORDS | CPP_KEYWORDS
    assert name != "sx" and not name.startswith("sx_")
    assert not name.endswith("_") and "__" not in name
    assert c_identifier(name) == name


@pytest.mark.parametrize("word", sorted(C_KEYWORDS | CPP_KEYWORDS))
def test_no_keyword_in_any_case(word: str) -> None:
    assert c_identifier(word) == f"n_{word}"
    assert c_identifier(f" {word.upper()}-") == f"n_{word}"


@pytest.mark.parametrize("header", STANDARD_HEADERS)
def test_no_model_hides_a_header_of_c(header: str) -> None:
    assert c_identifier(header) == f"n_{header}"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Keyword Spotting v2.1", "keyword_spotting_v2_1"),
        ("StatefulPartitionedCall:0", "statefulpartitionedcall_0"),
        ("../../../etc/passwd", "etc_passwd"),
        ("9lives", "n_9lives"),
        ("", "model"),
        ("日本", "model"),
        ("sx_arena", "n_sx_arena"),
        ("sx", "n_sx"),
        ("x" * 300, "x" * 40),
        ("x" * 39 + "/y", "x" * 39),
        ("1" * 37 + "_x_y", "n_" + "1" * 37),
    ],
)
def test_known_names(text: str, name: str) -> None:
    assert c_identifier(text) == name


@many
@given(st.lists(st.one_of(hostile, st.sampled_from(("a", "A", "a_2", "a 2", "a_3", "é"))), max_size=8))
def test_unique_names_are_unique_and_valid(texts: list[str]) -> None:
    names = unique_identifiers(texts, "x")
    assert len(set(names)) == len(names) == len(texts)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)
    assert not C_KEYWORDS & set(names)
    assert unique_identifiers(texts[:1], "x") == names[:1]


def test_numbers_skip_names_that_are_taken() -> None:
    assert unique_identifiers(["a", "A", "a_2", "a"], "x") == ["a", "a_2", "a_2_2", "a_3"]


@many
@given(hostile)
def test_comments_stay_one_comment(text: str) -> None:
    comment = c_comment(text)
    assert re.fullmatch(r"[ -~]{0,80}", comment)
    line = f"/* {comment} */"
    assert line.count("*/") == 1 and line.count("/*") == 1
    assert "\\" not in comment
    assert not any(trigraph in comment for trigraph in TRIGRAPHS)


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("conv1/Relu", "conv1/Relu"),
        ("a*/b", "a* /b"),
        ("/*/", "/ * /"),
        ("*\\", "* /"),
        ("\\*", "/ *"),
        ("???/", "? ? ?/"),
        ("é?é/", "? ? ?/"),
        ("a\nb\r\tc", "a?b? ?c"),
        ("x" * 81, "x" * 77 + "..."),
    ],
)
def test_known_comments(text: str, comment: str) -> None:
    assert c_comment(text) == comment
