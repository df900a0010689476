# SPDX-License-Identifier: Apache-2.0
"""The only ways for text from a model to get into C: as an identifier or inside a comment."""

from __future__ import annotations

import re

_KEYWORDS = frozenset(
    """alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept const constexpr
    continue default delete do double else enum explicit export extern false float for friend goto if inline int long main
    mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register requires restrict
    return short signed sizeof static struct switch template this thread_local throw true try typedef typeid typename typeof
    union unsigned using virtual void volatile wchar_t while xor xor_eq""".split()
)
LONGEST_IDENTIFIER = 40


def c_identifier(text: str, default: str = "model") -> str:
    """Letters, digits and underscores of `text`, lower case, at most 40 characters, never a keyword or a reserved name."""
    cleaned = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:LONGEST_IDENTIFIER].rstrip("_")
    if not cleaned:
        cleaned = default
    if cleaned[0].isdigit() or cleaned in _KEYWORDS or cleaned.startswith("sx_"):
        cleaned = f"n_{cleaned}"[:LONGEST_IDENTIFIER]
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


def c_comment(text: str) -> str:
    """Printable ASCII of `text` for use inside a comment: one line, at most 80 characters, no comment or line-joining marks."""
    printable = (
        re.sub(r"[^ -~]", "?", text).replace("*/", "* /").replace("/*", "/ *").replace("\\", "/").replace("??", "? ?")
    )
    return printable if len(printable) <= 80 else printable[:77] + "..."
