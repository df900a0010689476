# SPDX-License-Identifier: Apache-2.0
"""ops: the rule folders -> ops.json: operator by dtype by target, the libs that export it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.export.library import ExportLib
from sconnx.export.spec import IOSpec
from sconnx.graph.json_form import to_bytes
from sconnx.steps.rules import load_target_libs
from sconnx.target.cpu import cpu_names, target_name

SCHEMA = "sconnx.ops/1"


def _dtypes(lib: ExportLib, operator: str, features: frozenset[str]) -> list[str]:
    """The dtypes of the first input that a lib takes on a CPU; `plain` without a scale, `any` where it does not matter."""
    found = set()
    for spec, _ in lib.candidates(operator):
        if not spec.missing_features(features):
            first = spec.inputs[0] if spec.inputs else IOSpec()
            found.add(first.dtype.value if first.dtype else "plain" if first.quantized is False else "any")
    return sorted(found)


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    rows: dict[tuple[str, str], dict[str, list[str]]] = {}
    own = options["target"]
    targets = {name: name for name in cpu_names()} | ({target_name(own): own} if own.endswith(".toml") else {})
    for target, file in targets.items():
        cpu, libs = load_target_libs({**options, "target": file})
        for lib in libs:
            for operator in lib.operators:
                for dtype in _dtypes(lib, operator, frozenset(cpu.features)):
                    rows.setdefault((operator, dtype), {}).setdefault(target, []).append(lib.name)
    document = {
        "schema": SCHEMA,
        "targets": list(targets),
        "operators": [
            {"operator": operator, "dtype": dtype, "libs": rows[operator, dtype]} for operator, dtype in sorted(rows)
        ],
    }
    return (to_bytes(document),)
