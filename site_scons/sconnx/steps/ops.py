# SPDX-License-Identifier: Apache-2.0
"""ops: the rule folders -> ops.json, operator by lib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.export.library import ExportLib, load_libs
from sconnx.graph.json_form import to_bytes

SCHEMA = "sconnx.ops/1"


def _dtypes(lib: ExportLib, operator: str) -> list[str]:
    """The dtypes of the first input that a lib takes; `any` where it does not matter."""
    found = set()
    for spec, _ in lib.candidates(operator):
        dtype = spec.inputs[0].dtype if spec.inputs else None
        found.add(dtype.value if dtype else "any")
    return sorted(found)


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    libs = load_libs(tuple(Path(folder) for folder in options["rules"]))
    operators = sorted({operator for lib in libs.values() for operator in lib.operators})
    document = {
        "schema": SCHEMA,
        "libs": sorted(libs),
        "operators": {
            operator: {name: _dtypes(lib, operator) for name, lib in sorted(libs.items()) if lib.candidates(operator)}
            for operator in operators
        },
    }
    return (to_bytes(document),)
