# SPDX-License-Identifier: Apache-2.0
"""history: report.json and run.json -> history.json, this build beside those before, and the user's file with its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sconnx.errors import SconnxError
from sconnx.graph.json_form import read_document, to_bytes
from sconnx.history.history import appended, entry_of, parse_history, series_of
from sconnx.report.models import read_models
from sconnx.report.report import SCHEMA as REPORT_SCHEMA
from sconnx.steps.run import SCHEMA as RUN_SCHEMA

SCHEMA = "sconnx.history/1"


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    """The file is no input: it is what the step adds to, and the build asks each time whether there is something to add."""
    report, run = inputs
    file = Path(options["history"])
    entry = entry_of(
        read_document(report, REPORT_SCHEMA),
        report.read_bytes(),
        read_models(run, RUN_SCHEMA),
        options["revision"],
        options["date"],
    )
    before = _read(file)
    content = appended(before, entry, file.name)
    series = series_of(parse_history(content, file.name), entry)
    document = {
        "schema": SCHEMA,
        "file": file.name,
        "is_added": content != before,
        "entries": [asdict(each) for each in series],
    }
    return to_bytes(document), content


def _read(file: Path) -> bytes:
    """Nothing where there is no file yet. Raises SconnxError E101 where it cannot be read: it must not be taken for empty."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise SconnxError(
            "E101", "cannot read the history", where=file.name, why=error.strerror or str(error)
        ) from error
