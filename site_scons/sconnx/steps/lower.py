# SPDX-License-Identifier: Apache-2.0
"""lower: graph.json -> lowered.json, one implementation per node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.export.library import ExportLib, load_libs
from sconnx.export.selection import lower
from sconnx.graph.json_form import read_graph, to_bytes
from sconnx.target.cpu import Cpu, load_cpu


def preferred_libs(cpu: Cpu, libs: Mapping[str, ExportLib], project_rules: Path) -> list[ExportLib]:
    """The libs of a CPU in order of preference: those of the user's own rule folders by name, then those of the CPU."""
    known = {folder.name for folder in project_rules.iterdir()}
    return [libs[name] for name in sorted(set(libs) - known)] + [libs[name] for name in cpu.libs]


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    cpu = load_cpu(options["target"])
    folders = tuple(Path(folder) for folder in options["rules"])
    libs = preferred_libs(cpu, load_libs(folders), folders[0])
    lowered = lower(read_graph(inputs[0]), cpu.name, libs, frozenset(cpu.features))
    return (to_bytes(lowered.to_json()),)
