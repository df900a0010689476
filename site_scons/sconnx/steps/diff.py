# SPDX-License-Identifier: Apache-2.0
"""diff: report.json and run.json of two builds -> diff.json and diff.md."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.diff.diff import compare
from sconnx.diff.text import diff_markdown
from sconnx.errors import SconnxError
from sconnx.graph.json_form import check_schema, read_document, to_bytes
from sconnx.report.models import read_models
from sconnx.report.report import SCHEMA as REPORT_SCHEMA
from sconnx.steps.run import SCHEMA as RUN_SCHEMA

EARLIER = "sconnx.report/1"
"""What an older revision of sconnx makes: what is compared of it is as today."""


def _base(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text())
    if document.get("schema") != EARLIER:
        check_schema(document, REPORT_SCHEMA, path)
    return document


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    report, run, base, *base_runs = inputs
    try:
        before = _base(base)
        runs_before = [document for path in base_runs for document in read_models(path, RUN_SCHEMA)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "base= is a report.json of sconnx, or a revision of git"
        raise SconnxError("E102", "the base is no report", where=base.name, why=str(error), help=hint) from None
    document = compare(before, read_document(report, REPORT_SCHEMA), runs_before, read_models(run, RUN_SCHEMA))
    diff = document.to_json()
    return to_bytes(diff), diff_markdown(diff).encode()
