# SPDX-License-Identifier: Apache-2.0
"""diff: report.json and run.json of two builds -> diff.json and diff.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.diff.diff import compare
from sconnx.diff.text import diff_markdown
from sconnx.errors import SconnxError
from sconnx.graph.json_form import read_document, to_bytes
from sconnx.report.models import read_models
from sconnx.report.report import SCHEMA as REPORT_SCHEMA
from sconnx.steps.run import SCHEMA as RUN_SCHEMA


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    report, run, base, *base_runs = inputs
    try:
        before = read_document(base, REPORT_SCHEMA)
        runs_before = [document for path in base_runs for document in read_models(path, RUN_SCHEMA)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "base= is a report.json of this version of sconnx, or a revision of git"
        raise SconnxError("E102", "the base is no report", where=base.name, why=str(error), help=hint) from None
    document = compare(before, read_document(report, REPORT_SCHEMA), runs_before, read_models(run, RUN_SCHEMA))
    diff = document.to_json()
    return to_bytes(diff), diff_markdown(diff).encode()
