# SPDX-License-Identifier: Apache-2.0
"""bench: of every firmware its model file, lowered.json, report.json and run.json -> bench.json and the page bench.md."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.bench.bench import Measured, make_bench
from sconnx.bench.page import bench_page
from sconnx.bench.peers import load_peers
from sconnx.export.lowered import read_lowered
from sconnx.graph.json_form import read_document, to_bytes
from sconnx.report.report import SCHEMA as REPORT_SCHEMA
from sconnx.steps.run import SCHEMA as RUN_SCHEMA


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    measured = [
        Measured(
            lowered=read_lowered(lowered),
            report=read_document(report, REPORT_SCHEMA),
            run=read_document(counted, RUN_SCHEMA),
            file=model.name,
            sha256=hashlib.sha256(model.read_bytes()).hexdigest(),
            built=built,
        )
        for model, lowered, report, counted, built in zip(
            inputs[0::4], inputs[1::4], inputs[2::4], inputs[3::4], options["rows"], strict=True
        )
    ]
    bench = make_bench(measured, load_peers())
    return to_bytes(bench.to_json()), bench_page(bench).encode()
