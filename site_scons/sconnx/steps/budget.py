# SPDX-License-Identifier: Apache-2.0
"""budget: report.json -> budget.json, or an error for each of its findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.graph.json_form import read_document, to_bytes
from sconnx.report.report import SCHEMA
from sconnx.report.verdict import verdict


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    return (to_bytes(verdict(read_document(inputs[0], SCHEMA))),)
