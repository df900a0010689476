# SPDX-License-Identifier: Apache-2.0
"""SARIF 2.1.0 of what is wrong, for code scanning: GitHub and editors show it at the model's file.

Source of the form: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sconnx.errors import SconnxError
from sconnx.report.finding import Finding, file_of

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES = {
    "1": ("file", "A file cannot be read or written, or is no model."),
    "2": ("operator", "An operator of the model cannot be exported."),
    "3": ("memory", "The firmware does not have what the memory plan has, or the model does not fit."),
    "4": ("budget", "A budget does not hold, or bytes have no cause."),
    "5": ("run", "The firmware does not run as it should."),
    "6": ("tool", "A tool or a rule is missing or wrong."),
    "7": ("option", "An option is wrong."),
}


def report_sarif(report: Mapping[str, Any]) -> dict[str, Any]:
    """Of the findings of a report.json; without findings a log without results, which clears earlier ones."""
    findings = [Finding(**finding) for finding in report["findings"]]
    return sarif([finding.error for finding in findings], [file_of(finding, report) for finding in findings])


def sarif(errors: Sequence[SconnxError], files: Sequence[str]) -> dict[str, Any]:
    """The log.

    Args:
        files: of each error the file to show it at, relative to the repository; empty: none.
    """
    codes = list(dict.fromkeys(error.code for error in errors))
    results = []
    for error, file in zip(errors, files, strict=True):
        result: dict[str, Any] = {
            "ruleId": error.code,
            "ruleIndex": codes.index(error.code),
            "level": "error",
            "message": {"text": str(error)},
        }
        if file:
            place = {"artifactLocation": {"uri": quote(file)}, "region": {"startLine": 1}}
            result["locations"] = [{"physicalLocation": place}]
        results.append(result)
    driver = {
        "name": "sconnx",
        "rules": [
            {"id": code, "name": _RULES[code[1]][0], "shortDescription": {"text": _RULES[code[1]][1]}} for code in codes
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
