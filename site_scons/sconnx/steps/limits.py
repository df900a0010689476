# SPDX-License-Identifier: Apache-2.0
"""limits: fleet.json and the report.json of each firmware -> limits.json, or an error for all that is beyond its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sconnx.bench.fleet import SCHEMA, FleetRow, from_json
from sconnx.diff.gate import Limit, check_growth, parse_limits
from sconnx.errors import SconnxError, each_of, raise_all
from sconnx.graph.json_form import read_document, to_bytes
from sconnx.report.report import SCHEMA as REPORT_SCHEMA
from sconnx.report.verdict import verdict


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    fleet, *reports = inputs
    limits = parse_limits(options["growth"])
    errors: list[SconnxError] = []
    for row, report in zip(from_json(read_document(fleet, SCHEMA)), reports, strict=True):
        errors += _of_firmware(row, read_document(report, REPORT_SCHEMA), limits)
    raise_all(errors)
    return (to_bytes({"schema": "sconnx.limits/1", "growth": options["growth"], "firmwares": len(reports)}),)


def _of_firmware(row: FleetRow, report: Mapping[str, Any], limits: tuple[Limit, ...]) -> list[SconnxError]:
    """What is too large, or has grown too much, with the firmware's key in the place of its name."""
    figures = [asdict(figure) for figure in row.figures]
    errors: list[SconnxError] = []
    for check in (
        lambda: verdict(report),
        lambda: check_growth({"now": row.key, "figures": figures, "parts": [], "layers": []}, limits, "fleet.md"),
    ):
        try:
            check()
        except SconnxError as error:
            errors += each_of(error)
    for each in errors:
        each.where = row.key
    return errors
