# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a firmware, as data: report.json holds it, a later step fails by it, and CI is told in its own form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sconnx.errors import SconnxError


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The parts of a SconnxError.

    Args:
        check: the check of the report that it failed.
        model: the model that it is about; empty: the firmware.
    """

    check: str
    code: str
    what: str
    where: str
    why: str = ""
    help: str = ""
    model: str = ""

    @property
    def error(self) -> SconnxError:
        return SconnxError(self.code, self.what, where=self.where, why=self.why, help=self.help)


def file_of(finding: Finding, report: Mapping[str, Any]) -> str:
    """The file in the user's repository that a finding of a report.json is shown at: that of its model, or of the first one."""
    names = [row["name"] for row in report["models"]]
    sources = report["build"]["sources"]
    at = names.index(finding.model) if finding.model in names else 0
    return str(sources[at]) if at < len(sources) else ""
