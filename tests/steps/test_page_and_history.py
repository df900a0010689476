# SPDX-License-Identifier: Apache-2.0
"""The steps `history` and `page` on the files of the tiny pipeline."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sconnx.errors import SconnxError
from sconnx.report.show import show
from sconnx.steps import history, inspect, page
from tests.tiny_pipeline import Pipeline

REVISIONS = ("a" * 40, "b" * 40, "b" * 40)


def test_builds_are_added_and_shown(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.run("run")
    file, made = tmp_path / "h.jsonl", tmp_path / "history.json"
    for revision in REVISIONS:
        options = {"history": str(file), "revision": revision, "date": "2026-11-01T10:00:00+01:00"}
        document, content = history.run(options, pipeline.inputs("history"))
        file.write_bytes(content)
        made.write_bytes(document)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["revision"] for line in lines] == list(REVISIONS[:2])
    run, report = (json.loads((pipeline.folder / name).read_text()) for name in ("run.json", "report.json"))
    figures = [
        report["summary"]["total_ram_bytes"],
        report["summary"]["activation_ram_bytes"],
        report["summary"]["total_flash_bytes"],
        report["stack"]["rows"][0]["size_bytes"],
        run["instructions_per_inference"],
        run["estimated_cycles"],
    ]
    shown = show(made).splitlines()
    assert shown[0] == (
        f"tiny for cortex-m4 (zig {report['build']['toolchain_version']}, optimize=balanced): this build is already in h.jsonl"
    )
    words = [re.split(r"  +", line.strip()) for line in shown[1:]]
    assert words == [
        ["revision", "date", "RAM", "arenas", "flash", "stack", "instructions", "est. cycles"],
        *([revision[:7], "2026-11-01", *(f"{figure:,}" for figure in figures)] for revision in REVISIONS[:2]),
        ["change", *"======"],
    ]

    *files, _ = pipeline.inputs("page")
    (with_history,) = page.run({}, [*files, file])
    (without,) = page.run({}, files)
    assert with_history.count(b'class="sx-trend"') == 6 and b"sx-trend" not in without
    assert f"<b>{run['instructions_per_inference']:,}</b>".encode() in without
    (again,) = page.run({}, [*files, file])
    assert again == with_history
    # The report's own page is the same one without what the emulator counted.
    report_html = inspect.run(pipeline.options, pipeline.inputs("inspect"))[2]
    assert b"./sconsw page" in report_html and b"./sconsw page" not in without


def test_a_history_that_cannot_be_read_is_not_taken_for_empty(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.run("run")
    options = {"history": str(tmp_path), "revision": "", "date": ""}
    with pytest.raises(SconnxError) as raised:
        history.run(options, pipeline.inputs("history"))
    assert str(raised.value) == f"{tmp_path.name}: error[E101]: cannot read the history: Is a directory"
    broken = tmp_path / "h.jsonl"
    broken.write_text("no\n")
    with pytest.raises(SconnxError, match=r"^h\.jsonl:1: error\[E102\]: no entry of a history: it is no JSON"):
        page.run({}, [*pipeline.inputs("page")[:-1], broken])
