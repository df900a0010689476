# SPDX-License-Identifier: Apache-2.0
"""lower: graph.json -> lowered.json, one implementation per node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.export.lower import lower
from sconnx.graph.json_form import read_graph, to_bytes
from sconnx.steps.rules import load_target_libs


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    cpu, libs = load_target_libs(options)
    lowered = lower(read_graph(inputs[0]), cpu.name, libs, frozenset(cpu.features))
    return (to_bytes(lowered.to_json()),)
