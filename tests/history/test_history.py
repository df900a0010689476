# SPDX-License-Identifier: Apache-2.0
"""A history only ever grows, says where it is broken, and holds no build twice."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.errors import SconnxError
from sconnx.history.history import Entry, appended, entry_of, parse_history, series_of, total
from sconnx.project.history import history_file, history_options
from sconnx.project.settings import parse_settings

ENTRY = Entry(
    revision="a" * 40,
    date="2026-11-01T10:00:00+01:00",
    model="kws",
    target="cortex-m7",
    toolchain="zig 0.17.1",
    optimize="ram",
    ram_bytes=5000,
    arena_bytes=4000,
    flash_bytes=21234,
    stack_bytes=None,
    instructions=3600,
    cycles=None,
    report="0" * 64,
)
LINE = ENTRY.to_line().encode()

counts = st.none() | st.integers(0, 2**40)
entries = st.builds(
    Entry,
    **dict.fromkeys(("revision", "date", "model", "target", "toolchain", "optimize", "report"), st.text()),
    **dict.fromkeys(("ram_bytes", "arena_bytes", "flash_bytes"), st.integers(0, 2**40)),
    **dict.fromkeys(("stack_bytes", "instructions", "cycles"), counts),
)


@settings(max_examples=30)
@given(st.lists(entries, max_size=5))
def test_it_grows_by_a_line_a_build_and_is_read_back(builds: list[Entry]) -> None:
    content, lines = b"", 0
    for build in builds:
        longer = appended(content, build, "h.jsonl")
        assert longer.startswith(content) and appended(longer, build, "h.jsonl") == longer
        lines += longer != content
        content = longer
    found = parse_history(content, "h.jsonl")
    assert content.count(b"\n") == len(found) == lines and set(found) <= set(builds)


def test_a_commit_has_figures_once_and_other_builds_when_they_changed() -> None:
    def revisions(*builds: Entry) -> list[tuple[str, int]]:
        content = b""
        for build in builds:
            content = appended(content, build, "h.jsonl")
        return [(entry.revision, entry.ram_bytes) for entry in parse_history(content, "h.jsonl")]

    for revision, is_commit in (("a" * 40, True), ("dirty", False), ("", False)):
        small = replace(ENTRY, revision=revision)
        other = replace(small, report="1" * 64, date="")
        large, elsewhere = replace(small, ram_bytes=6000), replace(small, target="host", ram_bytes=7)
        assert revisions(small, elsewhere, other) == [(revision, 5000), (revision, 7)], "a budget is no figure"
        again = [] if is_commit else [(revision, 5000)]
        assert revisions(small, large, small) == [(revision, 5000), (revision, 6000), *again]


def test_what_the_user_has_in_the_file_stays() -> None:
    """Empty lines, a last line without an end, keys of later versions, other line ends."""
    later = json.dumps({**json.loads(LINE), "energy": 5}).encode()
    content = b"\n" + later + b"\r\n\n" + replace(ENTRY, revision="b" * 40).to_line().encode()
    assert parse_history(content, "h.jsonl") == (ENTRY, replace(ENTRY, revision="b" * 40))
    assert appended(content, ENTRY, "h.jsonl") == content
    other = replace(ENTRY, ram_bytes=1)
    assert appended(content, other, "h.jsonl") == content + b"\n" + other.to_line().encode() + b"\n"


def test_every_broken_line_is_named_and_nothing_is_added() -> None:
    def changed(**values: object) -> bytes:
        return json.dumps({**json.loads(LINE), **values}).encode()

    lines = [
        LINE,
        b"<<<<<<< HEAD",
        LINE[:50],
        b"\xff",
        b"[]",
        changed(schema="sconnx.history_line/2"),
        changed(ram_bytes=-1),
        changed(ram_bytes=True),
        changed(ram_bytes=1.5),
        changed(ram_bytes=None),
        changed(model=7),
        b"[" * 100_000,
    ]
    with pytest.raises(SconnxError) as raised:
        appended(b"\n".join(lines), ENTRY, "h.jsonl")
    hint = "(help: mend or remove the line; the others are not touched)"
    number, schema = "its ram_bytes is no number of 0 or more", "its schema is not sconnx.history_line/1"
    why = ["it is no JSON"] * 3 + [schema] * 2 + [number] * 4 + ["its model is no text", "it is no JSON"]
    assert str(raised.value).splitlines() == [
        f"h.jsonl:{line}: error[E102]: no entry of a history: {reason} {hint}" for line, reason in enumerate(why, 2)
    ]


def test_what_an_entry_says() -> None:
    report = {
        "build": {"model": "a+b", "target": "t", "toolchain": "gcc", "toolchain_version": "12.2", "optimize": "speed"},
        "summary": {"total_ram_bytes": 9, "activation_ram_bytes": 5, "total_flash_bytes": 7},
        "stack": {"rows": [{"size_bytes": 3}, {"size_bytes": 2}]},
    }
    runs = [
        {"instructions_per_inference": 10, "estimated_cycles": 4},
        {"instructions_per_inference": 20, "estimated_cycles": None},
    ]
    made = entry_of(report, b"", runs, "c", "d")
    assert (made.model, made.toolchain, made.ram_bytes, made.arena_bytes, made.flash_bytes) == (
        "a+b",
        "gcc 12.2",
        9,
        5,
        7,
    )
    assert (made.stack_bytes, made.instructions, made.cycles) == (3, 30, None)
    assert made.report == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert entry_of({**report, "stack": None}, b"", runs, "c", "d").stack_bytes is None
    assert total([]) is None


def test_what_can_be_held_against_each_other() -> None:
    newer = replace(ENTRY, toolchain="zig 0.18.0", revision="dirty")
    others = [replace(ENTRY, **{key: "other"}) for key in ("model", "target", "toolchain", "optimize")]
    assert series_of([ENTRY, *others, newer], ENTRY) == (ENTRY, newer)


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_the_commit_is_that_of_the_repository_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "own").mkdir()
    (tmp_path / "own/net.onnx").write_bytes(b"1")
    file = history_file(parse_settings({"model": "own/net.onnx"}))
    assert file == tmp_path / "own/history.jsonl"
    assert history_options(file) == {"history": "own/history.jsonl", "revision": "", "date": ""}
    git(tmp_path / "own", "init", "-q")
    assert history_options(file)["revision"] == "", "a repository without a commit"
    git(tmp_path / "own", "add", ".")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-11-01T10:00:00+01:00")
    git(tmp_path / "own", "commit", "-q", "-m", "first")
    clean = history_options(file)
    assert len(clean["revision"]) == 40 and clean["date"] == "2026-11-01T10:00:00+01:00"
    file.write_text("")
    git(tmp_path / "own", "add", ".")
    assert history_options(file) == clean, "the history itself does not count"
    (tmp_path / "own/net.onnx").write_bytes(b"2")
    assert history_options(file) == {"history": "own/history.jsonl", "revision": "dirty", "date": ""}


def test_where_no_file_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.onnx").write_bytes(b"1")
    (tmp_path / "link").symlink_to("real.jsonl")
    assert history_file(parse_settings({"model": "net.onnx", "history": "link"})) == tmp_path / "real.jsonl"
    for name, why in ((".", "it is a folder"), ("no/h.jsonl", "its folder is not there")):
        with pytest.raises(SconnxError) as raised:
            history_file(parse_settings({"model": "net.onnx", "history": name}))
        assert str(raised.value) == f"error[E105]: history={name} cannot be written: {why}"
