# SPDX-License-Identifier: Apache-2.0
"""fleet: report.json and run.json of every firmware, fleet.json of another fleet -> fleet.json and fleet.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.bench.fleet import SCHEMA, FleetRow, compared, fleet_page, from_json, make_row, to_json
from sconnx.errors import SconnxError
from sconnx.graph.json_form import read_document, to_bytes
from sconnx.report.models import read_models
from sconnx.report.report import SCHEMA as REPORT_SCHEMA
from sconnx.steps.run import SCHEMA as RUN_SCHEMA


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    files = iter(inputs)
    rows = []
    for row in options["rows"]:
        report = read_document(next(files), REPORT_SCHEMA)
        runs = read_models(next(files), RUN_SCHEMA) if row["is_run"] else []
        rows.append(make_row(report, runs))
    base = _base(next(files)) if options["has_base"] else []
    rows = compared(rows, base)
    return to_bytes(to_json(rows)), fleet_page(rows).encode()


def _base(path: Path) -> list[FleetRow]:
    """Raises SconnxError E102 for a file that is none."""
    try:
        return from_json(read_document(path, SCHEMA))
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "base= is a fleet.json of this version of sconnx, or a revision of git"
        raise SconnxError("E102", "the base is no fleet", where=path.name, why=str(error), help=hint) from None
