# SPDX-License-Identifier: Apache-2.0
"""The forms of a report: its schema, JUnit XML, SARIF and annotations."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from sconnx.__main__ import main
from sconnx.annotations import github_lines, is_asked_for
from sconnx.errors import ErrorGroup, SconnxError
from sconnx.report.junit import report_junit
from sconnx.report.sarif import report_sarif, sarif
from tests.report.json_schema import problems
from tests.tiny_models import ROOT
from tests.tiny_pipeline import Pipeline

SCHEMA: dict[str, Any] = json.loads((ROOT / "docs/report.schema.json").read_text())
BUDGETS = [
    {"memory": "ram", "size_bytes": 100, "model": "", "region": ""},
    {"memory": "flash", "size_bytes": 1 << 20, "model": "tiny", "region": ""},
]


@pytest.fixture(scope="module")
def report(pipeline: Pipeline) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((pipeline.folder / "report.json").read_text())
    return document


@pytest.fixture
def over(pipeline: Pipeline) -> Iterator[tuple[dict[str, Any], Path]]:
    """A report with a budget that does not hold; its files are taken back."""
    kept = {path: path.read_bytes() for path in pipeline.outputs("inspect")}
    pipeline.run("inspect", budgets=BUDGETS, margin={"amount": 10, "is_percent": True})
    yield json.loads((pipeline.folder / "report.json").read_text()), pipeline.folder
    for path, content in kept.items():
        path.write_bytes(content)


def found(document: Mapping[str, Any]) -> list[str]:
    return list(problems(document, SCHEMA, SCHEMA))


def test_reports_are_as_the_schema_says(
    report: dict[str, Any], pipeline: Pipeline, over: tuple[dict[str, Any], Path]
) -> None:
    assert found(report) == found(over[0]) == []
    assert report["stack"]["rows"] and report["kernels"] and report["regions"] and over[0]["budgets"]
    assert found(json.loads(measured(pipeline))) == []


def measured(pipeline: Pipeline) -> bytes:
    """The report of the library alone."""
    kept = {path: path.read_bytes() for path in pipeline.outputs("measure")}
    try:
        return pipeline.run("measure")[0]
    finally:
        for path, content in kept.items():
            path.write_bytes(content)


def test_the_schema_knows_every_key_and_no_other(report: dict[str, Any]) -> None:
    """A document with a key more, a key less or a value of another kind, anywhere in it, is refused."""
    for place, name in keys(report):
        changed = deepcopy(report)
        where: Any = changed
        for step in place:
            where = where[step]
        value = where.pop(name)
        assert found(changed), (place, name)
        where[name] = object()
        assert found(changed), (place, name)
        where[name] = value
        where["and more"] = 1
        assert found(changed), (place, name)


def keys(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """The keys of a document; of a list those of its first item."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield place, name
            yield from keys(inner, (*place, name))
    elif isinstance(value, list) and value:
        yield from keys(value[0], (*place, 0))


def test_a_budget_that_does_not_hold_is_in_all_forms(over: tuple[dict[str, Any], Path]) -> None:
    document, folder = over
    (finding,) = document["findings"]
    assert (finding["code"], finding["check"]) == ("E410", "budget ram")
    suite = ElementTree.fromstring((folder / "report.junit.xml").read_text())
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert list(cases) == ["plan", "every byte", "budget ram", "budget flash of tiny", "budget flash in flash", "stack"]
    assert (suite.get("tests"), suite.get("failures")) == ("6", "1")
    failure = cases["budget ram"].find("failure")
    assert failure is not None and failure.get("type") == "E410"
    assert str(failure.get("message")).startswith("tiny: error[E410]: ram budget exceeded: requested ")
    assert [name for name, case in cases.items() if case.find("failure") is not None] == ["budget ram"]
    log = json.loads((folder / "report.sarif").read_text())
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "E410"
    assert result["message"]["text"] == failure.get("message")
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "models/tiny.tflite"}
    assert " and a margin of 10, available 100, missing " in result["message"]["text"]
    text = (folder / "report.txt").read_text()
    assert "\n  ram " in text and "  missing " in text


def test_without_findings_all_cases_pass(report: dict[str, Any]) -> None:
    suite = ElementTree.fromstring(report_junit(report))
    assert (suite.get("tests"), suite.get("failures")) == ("3", "0")
    assert report_sarif(report)["runs"][0]["results"] == []


def test_names_that_are_markup(report: dict[str, Any]) -> None:
    finding = {
        "check": "plan",
        "code": "E301",
        "what": "a\"b'<c>&\n\u00e9",
        "where": "x",
        "why": "",
        "help": "",
        "model": "",
    }
    text = report_junit({**report, "findings": [finding, {**finding, "what": "second"}]})
    assert text.isascii()
    failure = ElementTree.fromstring(text).find(".//failure")
    assert failure is not None
    assert failure.get("message") == "x: error[E301]: a\"b'<c>&\n\u00e9\nx: error[E301]: second"


def test_files_in_sarif_are_addresses() -> None:
    log = sarif([SconnxError("E201", "w"), SconnxError("E102", "v")], ["my models/\u00e4.onnx", ""])
    first, second = log["runs"][0]["results"]
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "my%20models/%C3%A4.onnx"
    assert "locations" not in second
    assert [rule["name"] for rule in log["runs"][0]["tool"]["driver"]["rules"]] == ["operator", "file"]


def test_annotations_of_github() -> None:
    first = SconnxError("E201", "50% of it\nis new", where="kws.tflite: node 3", why="a, b")
    second = SconnxError("E410", "too large", where="kws")
    second.file = "models/a,b:c.onnx"
    assert github_lines(ErrorGroup([first, second]), [Path("models/other.onnx"), Path("models/kws.tflite")]) == [
        "::error file=models/kws.tflite,title=sconnx E201::kws.tflite: node 3: error[E201]: 50%25 of it%0Ais new: a, b",
        "::error file=models/a%2Cb%3Ac.onnx,title=sconnx E410::kws: error[E410]: too large",
    ]
    assert github_lines(SconnxError("E601", "no gcc")) == ["::error title=sconnx E601::error[E601]: no gcc"]
    assert is_asked_for({"GITHUB_ACTIONS": "true"})
    assert not is_asked_for({"GITHUB_ACTIONS": "false"}) and not is_asked_for({})


def test_the_command_annotates_where_github_runs_it(
    over: tuple[dict[str, Any], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["budget", str(over[1] / "report.json"), "-o", str(tmp_path / "budget.json")]
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert main(words) == 1
    out, error = capsys.readouterr()
    assert out == "" and error.startswith("tiny: error[E410]: ")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert main(words) == 1
    assert capsys.readouterr() == (f"::error file=models/tiny.tflite,title=sconnx E410::{error}", error)
