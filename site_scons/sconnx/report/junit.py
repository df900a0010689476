# SPDX-License-Identifier: Apache-2.0
"""report.junit.xml: the checks of a report.json as test cases, which most CI systems show.

Source of the form: the schema of Jenkins' xUnit plugin, junit-10.xsd. No time is given: equal builds are equal files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from sconnx.report.finding import Finding
from sconnx.report.planned import CHECK as PLAN
from sconnx.report.reconcile import CHECK as EVERY_BYTE

Document = Mapping[str, Any]


def checks(report: Document) -> tuple[str, ...]:
    """The names of all checks that a report's findings may come from."""
    budgets = []
    for row in report["budgets"]:
        of = f" of {row['model']}" if row["model"] else ""
        budgets.append(f"budget {row['memory']}{of}" + (f" in {row['region']}" if row["region"] else ""))
    return PLAN, EVERY_BYTE, *budgets, *(("stack",) if report["stack"] else ())


def report_junit(report: Document) -> str:
    """The file, in ASCII."""
    build = report["build"]
    findings = [Finding(**finding) for finding in report["findings"]]
    names = checks(report)
    failed = {finding.check for finding in findings}
    suite = quoteattr(f"sconnx {build['model']} {build['target']} {build['board']}")
    count = f'tests="{len(names)}" failures="{len(failed)}" errors="0"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {count}>", f"  <testsuite name={suite} {count}>"]
    for name in names:
        own = [finding for finding in findings if finding.check == name]
        lines += _case(f"sconnx.{build['model']}", name, own)
    text = "\n".join([*lines, "  </testsuite>", "</testsuites>"]) + "\n"
    return text.encode("ascii", "xmlcharrefreplace").decode()


def _case(suite: str, name: str, findings: list[Finding]) -> Iterator[str]:
    """A test case fails once, however many findings it has."""
    start = f"    <testcase classname={quoteattr(suite)} name={quoteattr(name)}"
    if not findings:
        yield f"{start}/>"
        return
    message = "&#10;".join(quoteattr(str(finding.error))[1:-1].replace('"', "&quot;") for finding in findings)
    yield f"{start}>"
    yield f'      <failure type="{findings[0].code}" message="{message}"/>'
    yield "    </testcase>"
