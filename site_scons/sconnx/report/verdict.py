# SPDX-License-Identifier: Apache-2.0
"""Whether a report has findings: budget.json, or an error for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sconnx.errors import raise_all
from sconnx.report.finding import Finding, file_of

SCHEMA = "sconnx.budget/2"


def verdict(report: Mapping[str, Any]) -> dict[str, Any]:
    """budget.json of a report.json without findings. Raises one SconnxError for each that there is."""
    errors = []
    for finding in (Finding(**document) for document in report["findings"]):
        error = finding.error
        error.file = file_of(finding, report)
        errors.append(error)
    raise_all(errors)
    return {"schema": SCHEMA, "budgets": report["budgets"], "summary": report["summary"]}
