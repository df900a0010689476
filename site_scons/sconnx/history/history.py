# SPDX-License-Identifier: Apache-2.0
"""A history: one JSON object a line, each the figures of one build. The file is the user's, and lines are only ever added."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sconnx.errors import SconnxError, raise_all

SCHEMA = "sconnx.history_line/1"
DIRTY = "dirty"
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One build.

    Args:
        revision: the commit, `dirty` where tracked files differ from it, empty where there is no repository.
        date: of the commit, as git gives it; empty where there is none. There is no other date: equal builds give equal lines.
        report: SHA-256 of report.json.
        ram_bytes, flash_bytes: all that is linked; `arena_bytes` of that is activation RAM.
        stack_bytes: by the deepest calls; None: not known.
        instructions: of one inference of every model; None: not counted.
        cycles: likewise, estimated.
    """

    revision: str
    date: str
    model: str
    target: str
    toolchain: str
    optimize: str
    ram_bytes: int
    arena_bytes: int
    flash_bytes: int
    stack_bytes: int | None
    instructions: int | None
    cycles: int | None
    report: str

    @property
    def series(self) -> tuple[str, str, str, str]:
        """Entries that can be held against each other have this in common; a compiler's version may change."""
        return self.model, self.target, self.toolchain.partition(" ")[0], self.optimize

    @property
    def short_revision(self) -> str:
        """Seven digits of a commit, or that there is none."""
        return ascii(self.revision)[1:-1][:7] or "none"

    def to_line(self) -> str:
        return json.dumps({"schema": SCHEMA, **asdict(self)})


_TYPES: dict[str, type] = {"str": str, "int": int, "int | None": int}


def entry_of(report: Document, report_json: bytes, runs: Sequence[Document], revision: str, date: str) -> Entry:
    """The entry of a build.

    Args:
        report, report_json: report.json, and its bytes.
        runs: run.json, a document for each model.
    """
    build, summary, stack = report["build"], report["summary"], report.get("stack")
    return Entry(
        revision=revision,
        date=date,
        model=build["model"],
        target=build["target"],
        toolchain=f"{build['toolchain']} {build['toolchain_version']}",
        optimize=build["optimize"],
        ram_bytes=summary["total_ram_bytes"],
        arena_bytes=summary["activation_ram_bytes"],
        flash_bytes=summary["total_flash_bytes"],
        stack_bytes=stack["rows"][0]["size_bytes"] if stack and stack["rows"] else None,
        instructions=total(run["instructions_per_inference"] for run in runs),
        cycles=total(run["estimated_cycles"] for run in runs),
        report=hashlib.sha256(report_json).hexdigest(),
    )


def total(counts: Iterable[int | None]) -> int | None:
    """The sum; None where one of them is not known."""
    found = list(counts)
    known = [count for count in found if count is not None]
    return sum(known) if known and len(known) == len(found) else None


def parse_history(content: bytes, file: str) -> tuple[Entry, ...]:
    """The entries of a file; empty lines are left out, and what later versions say besides.

    Raises SconnxError E102 for all lines that are none, `file:line` each.
    """
    entries, errors = [], []
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            entries.append(_entry(json.loads(line)))
        except (ValueError, RecursionError) as error:
            hint = "mend or remove the line; the others are not touched"
            why = str(error) if isinstance(error, _NoEntry) else "it is no JSON"
            errors.append(SconnxError("E102", "no entry of a history", where=f"{file}:{number}", why=why, help=hint))
    raise_all(errors)
    return tuple(entries)


class _NoEntry(ValueError):
    """What a line lacks."""


def _entry(document: Any) -> Entry:
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise _NoEntry(f"its schema is not {SCHEMA}")
    values: dict[str, Any] = {}
    for field in fields(Entry):
        value, kind = document.get(field.name), str(field.type)
        is_right = type(value) is _TYPES[kind] and (kind == "str" or int(str(value)) >= 0)
        if not is_right and not (value is None and kind.endswith("None")):
            raise _NoEntry(f"its {field.name} is {'no text' if kind == 'str' else 'no number of 0 or more'}")
        values[field.name] = value
    return Entry(**values)


def appended(content: bytes, entry: Entry, file: str) -> bytes:
    """The content of the file, with the entry's line behind it unless that would say nothing new.

    Raises SconnxError E102 as `parse_history` does.
    """
    if _is_known(series_of(parse_history(content, file), entry), entry):
        return content
    end = b"" if not content or content.endswith(b"\n") else b"\n"
    return content + end + entry.to_line().encode() + b"\n"


def _is_known(series: Sequence[Entry], entry: Entry) -> bool:
    """Whether the commit has these figures already; what is no commit is compared with the latest build only."""
    compared = series if entry.revision not in ("", DIRTY) else series[-1:]
    return any(replace(known, date=entry.date, report=entry.report) == entry for known in compared)


def series_of(entries: Iterable[Entry], like: Entry) -> tuple[Entry, ...]:
    """The entries that can be held against one, in their order."""
    return tuple(entry for entry in entries if entry.series == like.series)
