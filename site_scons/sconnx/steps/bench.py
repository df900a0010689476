# SPDX-License-Identifier: Apache-2.0
"""bench: report.json and run.json of several targets -> bench.json, a row per target, with one inference of each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.graph.json_form import read_document, to_bytes
from sconnx.report.models import read_models
from sconnx.report.report import SCHEMA as REPORT_SCHEMA
from sconnx.steps.run import SCHEMA as RUN_SCHEMA

SCHEMA = "sconnx.bench/1"


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    reports = [read_document(path, REPORT_SCHEMA) for path in inputs[0::2]]
    runs = [read_models(path, RUN_SCHEMA) for path in inputs[1::2]]
    build = reports[0]["build"]
    rows = [
        {
            "target": report["build"]["target"],
            "board": report["build"]["board"],
            "instructions_per_inference": sum(model["instructions_per_inference"] for model in measured),
            "macs": sum(model["macs"] for model in measured),
            **report["summary"],
        }
        for report, measured in zip(reports, runs, strict=True)
    ]
    return (
        to_bytes(
            {
                "schema": SCHEMA,
                "model": build["model"],
                "toolchain": f"{build['toolchain']} {build['toolchain_version']}",
                "optimize": build["optimize"],
                "rows": rows,
            }
        ),
    )
