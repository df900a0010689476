# SPDX-License-Identifier: Apache-2.0
"""Sizes as people write them: 24576, 24K, 24KiB, 1M, 1MiB."""

from __future__ import annotations

import re

from sconnx.errors import SconnxError

_SIZE = re.compile(r"(\d+)\s*(|K|KiB|M|MiB)", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1024, "kib": 1024, "m": 1024**2, "mib": 1024**2}


def parse_size(name: str, text: str, errors: list[SconnxError]) -> int | None:
    """Bytes; None where the text is empty, or no size, which is E702."""
    if not text:
        return None
    match = _SIZE.fullmatch(text)
    if match is None:
        errors.append(
            SconnxError("E702", f"{name}={text} is no size", help="a number of bytes, or 24K, 24KiB, 1M, 1MiB")
        )
        return None
    return int(match[1]) * _FACTORS[match[2].lower()]
