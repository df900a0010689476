# SPDX-License-Identifier: Apache-2.0
"""growth: diff.json -> growth.json, or an error for each figure that has grown by more than `growth=` allows, or is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.diff.diff import SCHEMA
from sconnx.diff.gate import check_comparable, check_growth, parse_limits
from sconnx.graph.json_form import read_document, to_bytes


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    diff = read_document(inputs[0], SCHEMA)
    limits = parse_limits(options["growth"])
    check_comparable(diff, limits)
    check_growth(diff, limits)
    return (to_bytes({"schema": "sconnx.growth/1", "growth": options["growth"], "figures": diff["figures"]}),)
