# SPDX-License-Identifier: Apache-2.0
"""Suggestions for a word that is not known."""

from __future__ import annotations

import difflib


def nearest(word: str, known: tuple[str, ...]) -> str:
    """`did you mean 'x'?`, or all that is known when nothing is near."""
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"one of: {', '.join(known)}"
