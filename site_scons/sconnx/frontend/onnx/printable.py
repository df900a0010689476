# SPDX-License-Identifier: Apache-2.0
"""Names from a model file, made fit for a message."""

from __future__ import annotations

LONGEST = 80


def printable(name: str) -> str:
    """One quoted line of at most 80 characters: unprintable characters are escaped, the rest is cut."""
    line = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in name)
    if len(line) > LONGEST:
        line = line[: LONGEST - 3] + "..."
    return f"'{line}'"
