# SPDX-License-Identifier: Apache-2.0
"""page: report.json, run.json and a history -> page.html, which is report.html with what the emulator counted and the trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.export.lowered import read_lowered
from sconnx.graph.json_form import read_document
from sconnx.history.history import entry_of, parse_history, series_of
from sconnx.memory.meminfo import read_plan
from sconnx.report.models import read_models
from sconnx.report.page import report_page
from sconnx.report.report import SCHEMA as REPORT_SCHEMA
from sconnx.steps.run import SCHEMA as RUN_SCHEMA


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    report_file, run_file, *files = inputs
    history_file = files.pop() if len(files) % 2 else None
    report, runs = read_document(report_file, REPORT_SCHEMA), read_models(run_file, RUN_SCHEMA)
    lowered = [read_lowered(path) for path in files[0::2]]
    plans = [read_plan(path) for path in files[1::2]]
    models = {model.graph.name: (model, plan) for model, plan in zip(lowered, plans, strict=True)}
    history = parse_history(history_file.read_bytes(), history_file.name) if history_file else ()
    this = entry_of(report, report_file.read_bytes(), runs, revision="", date="")
    return (report_page(report, models, runs, series_of(history, this)).encode(),)
