# SPDX-License-Identifier: Apache-2.0
"""The only ways for text from a model to get into C: as an identifier or inside a comment."""

from __future__ import annotations

import re
from collections.abc import Sequence

_KEYWORDS = frozenset(
    """alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t
    class co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue
    decltype default delete do double dynamic_cast else enum explicit export extern false float for friend goto
    if inline int long main mutable namespace new noexcept not not_eq nullptr operator or or_eq private
    protected public register reinterpret_cast requires restrict return short signed sizeof static static_assert
    static_cast struct switch template this thread_local throw true try typedef typeid typename typeof
    typeof_unqual union unsigned using virtual void volatile wchar_t while xor xor_eq""".split()
)
_STANDARD_HEADERS = frozenset(
    """assert complex ctype errno fcntl fenv inttypes io iso646 limits locale math setjmp signal stdalign stdarg stdatomic
    stdbit stdbool stdckdint stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar unistd wchar
    wctype""".split()
)
LONGEST_IDENTIFIER = 40


def c_identifier(text: str, default: str = "model") -> str:
    """Letters, digits and underscores of `text`, lower case, at most 40 characters, never a keyword or a reserved name.

    Reserved are the kernels' prefix and, since a model has a header of its name, the names of the standard headers.
    """
    cleaned = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:LONGEST_IDENTIFIER].rstrip("_")
    if not cleaned:
        cleaned = default
    if cleaned[0].isdigit() or cleaned in _KEYWORDS | _STANDARD_HEADERS or f"{cleaned}_".startswith("sx_"):
        cleaned = f"n_{cleaned}"[:LONGEST_IDENTIFIER].rstrip("_")
    return cleaned


def unique_identifiers(texts: list[str], default: str) -> list[str]:
    """One identifier per text; equal ones after cleaning get a number in the order of the texts."""
    taken: set[str] = set()
    names = []
    for text in texts:
        base = name = c_identifier(text, default)
        number = 2
        while name in taken:
            name = f"{base}_{number}"
            number += 1
        taken.add(name)
        names.append(name)
    return names


JOINT = "+"
"""Between the names of models in the name of their common firmware; no identifier has it."""


def firmware_name(models: Sequence[str]) -> str:
    """`a`, or `a+b` for a firmware of several models."""
    return JOINT.join(models)


def model_names(firmware: str) -> tuple[str, ...]:
    """The models of a firmware, by its name."""
    return tuple(firmware.split(JOINT))


def c_comment(text: str) -> str:
    """Printable ASCII of `text` for use inside a comment: one line, at most 80 characters, no comment or line-joining marks."""
    plain = re.sub(r"[^ -~]", "?", text).replace("\\", "/")
    # A mark may begin with the last character of another one (`*/*`, `???`): look ahead instead of consuming both.
    printable = re.sub(r"\*(?=/)|/(?=\*)|\?(?=\?)", r"\g<0> ", plain)
    return printable if len(printable) <= 80 else printable[:77] + "..."
